// What a rule file says for all of its rules: whose they are, how their names begin, and defaults.
#include <fmt/format.h>

#include <algorithm>

#include "rules/rule_loader.hpp"

namespace signalbox {
namespace {

constexpr std::string_view default_keys[]{"events", "match", "work",    "to",
                                          "kind",   "task",  "priority"};

bool is_owner(std::string_view text) noexcept {
  return !text.empty() && text.size() <= rule_owner_bytes_max &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; });
}

}  // namespace

void RuleLoader::file_scope(YamlFile& file, YamlMapping& mapping) {
  if (const YAML::Node node = mapping.take("owner"); node.IsDefined()) {
    scope_.owner = file.text(node, "'owner'").value_or("");
    if (node.IsScalar() && !is_owner(scope_.owner)) {
      file.error(node, "wrong-name",
                 fmt::format("'owner' has 1 to {} bytes without control characters",
                             rule_owner_bytes_max));
    }
  }
  if (const YAML::Node node = mapping.take("prefix"); node.IsDefined()) {
    scope_.prefix = file.text(node, "'prefix'").value_or("");
    if (node.IsScalar() && !is_rule_name(scope_.prefix)) {
      file.error(node, "wrong-name",
                 fmt::format("'{}' cannot begin the name of a rule: use a-z, 0-9, '.', '_' and '-'",
                             scope_.prefix));
    }
  }
  defaults(file, mapping.take("defaults"));
}

// Checked here, so that a wrong default is reported once, and where nobody uses it too.
void RuleLoader::defaults(YamlFile& file, const YAML::Node& node) {
  if (!node.IsDefined()) return;
  YamlMapping mapping{file, node, "'defaults'"};
  if (!mapping.defined()) return;
  Rule tried;
  for (const std::string_view key : default_keys) {
    const YAML::Node value = mapping.take(key);
    if (!value.IsDefined()) continue;
    scope_.defaults.emplace(key, value);
    if (key == "events") events(file, value, tried);
    if (key == "work") text_template(file, value, "'work'", false);
    if (key == "to") mailboxes(file, value);
    if (key == "kind") kind(file, value);
    if (key == "task") task(file, value);
    if (key == "match") {
      match(file, value, tried);
      scope_.match = read_literal(file, value);
    }
    if (key == "priority") file.integer(value, "'priority'", -rule_priority_max, rule_priority_max);
  }
  mapping.finish();
}

YAML::Node RuleLoader::own_or_default(YamlMapping& mapping, std::string_view key,
                                      bool needed) const {
  const auto given = scope_.defaults.find(key);
  if (given == scope_.defaults.end()) return needed ? mapping.need(key) : mapping.take(key);
  const YAML::Node own = mapping.take(key);
  return own.IsDefined() ? own : given->second;
}

void RuleLoader::precedence(YamlFile& file, YamlMapping& mapping, Rule& rule) {
  if (const YAML::Node node = own_or_default(mapping, "priority", false); node.IsDefined()) {
    rule.info.priority =
        file.integer(node, "'priority'", -rule_priority_max, rule_priority_max).value_or(0);
  }
  if (const YAML::Node node = mapping.take("stop"); node.IsDefined()) {
    rule.info.stop = file.boolean(node, "'stop'").value_or(false);
  }
}

}  // namespace signalbox
