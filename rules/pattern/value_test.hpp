// Tests of one value: what the operators of patterns become. Immutable, thread-safe.
//
// What a test costs and how often it passes stands with it: the bound against slow patterns, the
// order in which the automaton looks at conditions, and the index that may serve a test ask for it,
// and know no test by name that they need not.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/json.hpp"
#include "rules/pattern/ip_address.hpp"
#include "rules/pattern/letter_case.hpp"

namespace signalbox {

// A string, number, boolean or null of an event. What several tests may need is worked out once.
// A view into the event; not thread-safe.
class EventValue {
 public:
  explicit EventValue(Json value);
  ~EventValue() = default;
  // `text_` may point into `kept_`.
  EventValue(const EventValue&) = delete;
  EventValue& operator=(const EventValue&) = delete;

  JsonKind kind() const noexcept { return kind_; }
  bool is_string() const noexcept { return kind_ == JsonKind::string; }
  // A string's characters; the spelling of all others.
  std::string_view text() const noexcept { return text_; }
  const std::optional<double>& number() const;
  const std::optional<IpAddress>& ip() const;

 private:
  JsonKind kind_;
  std::string kept_;
  std::string_view text_;
  mutable bool number_known_ = false;
  mutable bool ip_known_ = false;
  mutable std::optional<double> number_;
  mutable std::optional<IpAddress> ip_;
};

// How many of a field's values a test lets pass: a guess, since events are not known when rules are
// compiled. Only its order matters.
enum class Passing : std::uint8_t { few, some, nearly_all };

// What each test of a value says of itself. A new one is a struct like those below and one more
// alternative of ValueTest.
template <class Test>
concept TestOfValues = requires(const Test& test, const EventValue& value) {
  { test.passes(value) } -> std::same_as<bool>;
  // How often a value is searched from end to end where no index answers. What does not depend on
  // the pattern's text, such as a comparison, is 0; a pattern has at most `pattern_searches_max`.
  { test.searches() } -> std::same_as<std::size_t>;
  { Test::passing } -> std::same_as<const Passing&>;
};

struct EqualsText {
  JsonKind kind;
  std::string text;

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const noexcept { return 0; }
  bool passes(const EventValue& value) const {
    return value.kind() == kind && value.text() == text;
  }
};

struct EqualsIp {
  IpAddress address;

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const noexcept { return 0; }
  bool passes(const EventValue& value) const { return value.ip() == address; }
};

// Inclusive or exclusive bounds of comparable numbers.
struct NumberRange {
  std::optional<double> bottom;
  std::optional<double> top;
  bool bottom_included = false;
  bool top_included = false;

  static constexpr Passing passing = Passing::some;
  std::size_t searches() const noexcept { return 0; }
  bool passes(const EventValue& value) const;
};

struct StartsWith {
  std::string text;

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const noexcept { return 0; }
  bool passes(const EventValue& value) const {
    return value.is_string() && value.text().starts_with(text);
  }
};

struct EndsWith {
  std::string text;

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const noexcept { return 0; }
  bool passes(const EventValue& value) const {
    return value.is_string() && value.text().ends_with(text);
  }
};

// Letter case that is not ASCII's cannot be folded byte by byte: no index answers for it.
struct EqualsCaseless {
  CaselessText text;

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const { return text.ascii_lower() ? 0 : 1; }
  bool passes(const EventValue& value) const {
    return value.is_string() && text.equals(value.text());
  }
};

struct StartsCaseless {
  CaselessText text;

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const { return text.ascii_lower() ? 0 : 1; }
  bool passes(const EventValue& value) const {
    return value.is_string() && text.starts(value.text());
  }
};

struct EndsCaseless {
  CaselessText text;

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const { return text.ascii_lower() ? 0 : 1; }
  bool passes(const EventValue& value) const {
    return value.is_string() && text.ends(value.text());
  }
};

// Text with `*` for any characters, also none. Time linear in the text.
class Wildcard {
 public:
  // `\*` and `\\` are the characters themselves. An error says what else is wrong.
  static Result<Wildcard> parse(std::string_view pattern);
  bool matches(std::string_view text) const noexcept;
  // What stands between the stars; one piece: no star.
  std::span<const std::string> pieces() const noexcept { return pieces_; }

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const noexcept { return pieces_.size() - 1; }
  bool passes(const EventValue& value) const { return value.is_string() && matches(value.text()); }

 private:
  std::vector<std::string> pieces_;  // never empty
};

struct InBlock {
  IpBlock block;

  static constexpr Passing passing = Passing::few;
  std::size_t searches() const noexcept { return 0; }
  bool passes(const EventValue& value) const { return value.ip() && block.contains(*value.ip()); }
};

struct Anything {
  static constexpr Passing passing = Passing::nearly_all;
  std::size_t searches() const noexcept { return 0; }
  bool passes(const EventValue&) const noexcept { return true; }
};

struct NoneOf;

using ValueTest =
    std::variant<EqualsText, EqualsIp, NumberRange, StartsWith, EndsWith, EqualsCaseless,
                 StartsCaseless, EndsCaseless, Wildcard, InBlock, Anything, NoneOf>;

// Any value that passes none of the tests.
struct NoneOf {
  std::vector<ValueTest> tests;

  static constexpr Passing passing = Passing::nearly_all;
  std::size_t searches() const;
  bool passes(const EventValue& value) const;
};

template <class Test>
consteval bool says_all_of_itself() {
  static_assert(TestOfValues<Test>,
                "a test of values says passes(), searches() and passing: see TestOfValues");
  return true;
}
template <class... Tests>
consteval bool say_all_of_themselves(const std::variant<Tests...>*) {
  return (says_all_of_itself<Tests>() && ...);
}
static_assert(say_all_of_themselves(static_cast<const ValueTest*>(nullptr)));

inline bool passes(const ValueTest& test, const EventValue& value) {
  return std::visit([&](const auto& one) { return one.passes(value); }, test);
}
inline Passing passing_of(const ValueTest& test) {
  return std::visit([](const auto& one) { return one.passing; }, test);
}
std::size_t searches_of(std::span<const ValueTest> tests);

}  // namespace signalbox
