// Which event types a rule wants: `github.pull_request.opened`, a shorter name for all that is
// below it,
// `*` for a part or a piece of one. Immutable once built, thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/error.hpp"

namespace signalbox {

inline constexpr std::size_t event_pattern_bytes_max = 256;

class EventPattern {
 public:
  // invalid_argument says what is wrong, with what may have been meant. Only the connector's name
  // is checked against a list: event names and actions appear without notice.
  static Result<EventPattern> parse(std::string_view text);

  bool covers(std::string_view type) const noexcept;
  bool has_star() const noexcept { return text_.find('*') != std::string::npos; }
  const std::string& text() const noexcept { return text_; }

 private:
  explicit EventPattern(std::string_view text) : text_{text} {}
  std::string text_;
};

// From an event's type to the rules that want it. The cost of a lookup is that of the type's parts
// and of the patterns with a star, whatever the number of rules.
class EventIndex {
 public:
  using RuleNumber = std::uint32_t;

  void add(const EventPattern& pattern, RuleNumber rule);

  // Ascending, each once.
  std::vector<RuleNumber> find(std::string_view type) const;

 private:
  struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };
  boost::unordered_flat_map<std::string, std::vector<RuleNumber>, TextHash, std::equal_to<>> exact_;
  std::vector<std::pair<EventPattern, RuleNumber>> starred_;
};

}  // namespace signalbox
