// Which event types a rule wants: `github.pull_request.opened`, a shorter name for all that is
// below it,
// `*` for a part or a piece of one. Immutable once built, thread-safe.
#pragma once

#include <string>
#include <string_view>

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

}  // namespace signalbox
