// Tests of one value: what the operators of patterns become. Immutable, thread-safe.
#pragma once

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

// Text with `*` for any characters, also none. Time linear in the text.
class Wildcard {
 public:
  // `\*` and `\\` are the characters themselves. An error says what else is wrong.
  static Result<Wildcard> parse(std::string_view pattern);
  bool matches(std::string_view text) const noexcept;
  // What stands between the stars; one piece: no star.
  std::span<const std::string> pieces() const noexcept { return pieces_; }

 private:
  std::vector<std::string> pieces_;
};

struct EqualsText {
  JsonKind kind;
  std::string text;
};
struct EqualsIp {
  IpAddress address;
};
// Inclusive or exclusive bounds of comparable numbers.
struct NumberRange {
  std::optional<double> bottom;
  std::optional<double> top;
  bool bottom_included = false;
  bool top_included = false;
};
struct StartsWith {
  std::string text;
};
struct EndsWith {
  std::string text;
};
struct EqualsCaseless {
  CaselessText text;
};
struct StartsCaseless {
  CaselessText text;
};
struct EndsCaseless {
  CaselessText text;
};
struct InBlock {
  IpBlock block;
};
struct Anything {};
struct NoneOf;

using ValueTest =
    std::variant<EqualsText, EqualsIp, NumberRange, StartsWith, EndsWith, EqualsCaseless,
                 StartsCaseless, EndsCaseless, Wildcard, InBlock, Anything, NoneOf>;

// Any value that passes none of the tests.
struct NoneOf {
  std::vector<ValueTest> tests;
};

bool passes(const ValueTest& test, const EventValue& value);

}  // namespace signalbox
