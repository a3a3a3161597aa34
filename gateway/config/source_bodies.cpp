// What a source's configuration says of the bodies that it takes: keys that belong to sources of
// some connectors only.
#include <fmt/format.h>

#include "gateway/config/sections.hpp"

namespace signalbox {
namespace {

using std::chrono::hours;

// Whether a key belongs to sources of this connector; reported where it does not.
bool belongs(YamlFile& file, const YAML::Node& node, std::string_view key,
             const Connector& connector, bool does) {
  if (!node.IsDefined()) return false;
  if (does) return true;
  file.error(
      node, "wrong-key",
      fmt::format("'{}' does not belong to a source of the connector '{}'", key, connector.name));
  return false;
}

}  // namespace

BodyTerms read_body_terms(YamlFile& file, YamlMapping& section, const std::string& what,
                          const Connector* connector) {
  const YAML::Node content_type = section.take("content_type");
  const YAML::Node exclude_body = section.take("exclude_body");
  const YAML::Node max_age = section.take("max_age");
  BodyTerms terms;
  if (connector == nullptr) return terms;
  if (belongs(file, content_type, "content_type", *connector, !connector->form_field.empty())) {
    const auto text = file.text(content_type, what + ".content_type");
    if (text == "json") terms.content_type = ContentType::json;
    if (text == "form") terms.content_type = ContentType::form;
    if (text && terms.content_type == ContentType::any)
      file.error(content_type, "wrong-value",
                 fmt::format("{}.content_type must be json or form", what));
  }
  if (belongs(file, exclude_body, "exclude_body", *connector, connector->excludes_bodies))
    terms.exclude_body = file.boolean(exclude_body, what + ".exclude_body").value_or(false);
  if (belongs(file, max_age, "max_age", *connector, !connector->signs_time)) {
    Milliseconds age{};
    read_within(file, max_age, what + ".max_age", hours{1}, hours{24 * 30}, age);
    if (age.count() > 0) terms.max_age = age;
  }
  return terms;
}

}  // namespace signalbox
