// Templates as other systems spell them, and how they are written here. For messages alone;
// thread-safe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

// What `${{ … }}` of GitHub Actions is here, "${body.pull_request.title}"; empty where there is
// nothing of the kind.
std::string actions_expression(std::string_view inside);

// A piece of text that would be a template elsewhere and is only text here: `$(body.x)`,
// `{{ body.x }}`, `$body.x`, `{body.x}`.
struct ForeignTemplate {
  std::string_view written;
  std::string here;
};
// The first of a text.
std::optional<ForeignTemplate> find_foreign_template(std::string_view text);

}  // namespace signalbox
