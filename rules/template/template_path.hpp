// The paths of `${…}`: `body.pull_request.title`, `headers["X-GitHub-Event"]`,
// `body.labels[0].name`, `event.actor.name`, `item.login`. A subset of CEL
// (https://github.com/google/cel-spec), so what is written now means the same when more of it is
// understood.
//
// Immutable, thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "event/event.hpp"

namespace signalbox {

inline constexpr std::size_t path_steps_max = 32;

// What a template may look at.
struct TemplateScope {
  const Event& event;
  Json item;  // of `for_each`; missing outside
  // A text of the event is cut behind so many bytes, at a character, and says so. 0: none is cut.
  std::size_t cut_behind = 0;
};

// What a path leads to: a value of the payload, or text of our own.
using PathValue = std::variant<Json, std::string>;

class TemplatePath {
 public:
  enum class Root : std::uint8_t { event, body, headers, item };
  using Step = std::variant<std::string, std::size_t>;

  // `text` is what stands between `${` and `}`. invalid_argument says what is wrong.
  static Result<TemplatePath> parse(std::string_view text, bool has_item);

  // invalid_argument where there is nothing at the path; the text never holds a value.
  Result<PathValue> resolve(const TemplateScope& scope) const;

  // As written.
  const std::string& text() const noexcept { return text_; }
  Root root() const noexcept { return root_; }
  // Behind the root; of `headers` the name.
  const std::vector<Step>& steps() const noexcept { return steps_; }

 private:
  class Parser;

  std::string text_;
  Root root_ = Root::body;
  std::size_t event_field_ = 0;  // row of the table of event fields
  std::vector<Step> steps_;
};

}  // namespace signalbox
