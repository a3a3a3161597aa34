// An option or an argument of a command as a row: how it is typed, what help says of it, and where
// its value is stored. Parsing, help, the manual page, completion and docs/CLI.md are made from the
// rows, so each is told once.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace signalbox {

// What completion offers for a value.
enum class Offer : std::uint8_t {
  nothing,  // nobody can know it
  words,    // those of the row
  files,
  agents,  // of the configuration, as the next two
  sources,
  recipients,
  connectors,
  event_types,
  sample_types,  // of the connector that is the command's first argument
};

// What an option takes. Without a name it takes none: it is a flag.
struct OptionValue {
  std::string_view name{};  // as help shows it: "AGENT"
  Offer offer = Offer::nothing;
  std::string_view words{};  // for Offer::words, separated by spaces
};

namespace value {
inline constexpr OptionValue agent{"AGENT", Offer::agents};
inline constexpr OptionValue source{"SOURCE", Offer::sources};
inline constexpr OptionValue recipient{"RECIPIENT", Offer::recipients};
inline constexpr OptionValue event_type{"EVENT_TYPE", Offer::event_types};
inline constexpr OptionValue file{"FILE", Offer::files};
}  // namespace value

// Where a value is stored. The type says what is taken: a whole number that it has room for, a
// text, or texts (an option that may be repeated, an argument of which there may be many). An empty
// optional was not given.
using OptionPlace = std::variant<bool*, std::string*, std::vector<std::string>*, std::uint32_t*,
                                 std::optional<std::uint32_t>*, std::optional<std::uint64_t>*>;

// One address for each type of options, by which a row knows whose member it fills.
template <class Options>
inline constexpr char options_id{};

// The member of a struct of options that a row fills.
struct OptionTarget {
  const void* owner = nullptr;  // options_id of the struct
  bool many = false;            // a list of texts
  OptionPlace (*place)(void* options) = nullptr;
};

template <auto Member>
struct TargetOf;
template <class Options, class Value, Value Options::*Member>
struct TargetOf<Member> {
  static OptionPlace place(void* options) { return &(static_cast<Options*>(options)->*Member); }
  static constexpr OptionTarget target{&options_id<Options>,
                                       std::is_same_v<Value, std::vector<std::string>>, &place};
};

// As in `.into = into<&InboxOptions::max>`.
template <auto Member>
inline constexpr OptionTarget into = TargetOf<Member>::target;

// Both ends are taken.
struct OptionRange {
  std::uint32_t least = 0;
  std::uint32_t most = 0;
};

struct Option {
  std::string_view name{};    // "--max"; an argument's has no dash, and only errors name it
  std::string_view letter{};  // "-h"
  OptionValue value{};
  std::string_view help{};  // one line, without a full stop
  OptionTarget into{};
  bool required = false;
  std::optional<OptionRange> range{};    // help says it too
  bool only_words = false;               // what is not among the value's words is refused
  std::string_view excludes{};           // what cannot stand beside it, separated by spaces
  std::string_view needs{};              // an option without which it means nothing
  std::string (*made_help)() = nullptr;  // help that lists what this build has; instead of `help`

  constexpr bool is_argument() const noexcept { return !name.starts_with('-'); }
  constexpr bool takes_value() const noexcept { return !value.name.empty(); }
  constexpr bool takes_many() const noexcept { return into.many; }
};

// Those that many commands have.
template <auto Member>
constexpr Option agent_option(std::string_view help = "Whose mailbox") {
  return {.name = "--agent", .value = value::agent, .help = help, .into = into<Member>};
}
// A command that asks as an operator, or as an agent where one is named, has this one.
template <auto Member>
constexpr Option asking_agent_option() {
  return agent_option<Member>("Ask as this agent; default: as an operator");
}
template <auto Member>
constexpr Option namespace_option(std::string_view excludes = {}) {
  return {.name = "--namespace",
          .value = {"NAME"},
          .help = "In this namespace, as an operator; default main",
          .into = into<Member>,
          .excludes = excludes};
}
template <auto Member>
constexpr Option max_option(std::string_view help, std::uint32_t most) {
  return {.name = "--max",
          .value = {"N"},
          .help = help,
          .into = into<Member>,
          .range = OptionRange{1, most}};
}

}  // namespace signalbox
