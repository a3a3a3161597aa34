#include "gateway/cli/check/rule_files.hpp"

#include <yaml-cpp/yaml.h>

#include <filesystem>

#include "gateway/config/config_file.hpp"

namespace signalbox {

namespace {

bool has_line(std::string_view text, std::string_view beginning) {
  return text.starts_with(beginning) ||
         text.find(std::string{'\n'}.append(beginning)) != std::string_view::npos;
}

}  // namespace

bool holds_rules(const std::string& text) {
  try {
    const YAML::Node root = YAML::Load(text);
    if (!root.IsMap()) return false;
    const YAML::Node rules = root["rules"];
    if (!rules.IsDefined() || root["site"].IsDefined() || root["redis"].IsDefined()) return false;
    return !rules.IsSequence() || rules.size() == 0 || rules[0].IsMap();
  } catch (const YAML::Exception&) {
    // Whoever reads it says what is wrong.
    return has_line(text, "rules:") && !has_line(text, "site:") && !has_line(text, "redis:");
  }
}

Result<std::vector<RuleFile>> read_rule_files(const std::vector<std::string>& files) {
  std::vector<RuleFile> texts;
  for (const std::string& path : files) {
    auto text = read_text_file(path, config_file_bytes_max);
    if (!text) return text.error();
    texts.push_back({path, std::move(*text)});
  }
  return texts;
}

std::string test_file_path(std::string_view rule_file, std::string_view path) {
  const auto directory = std::filesystem::path{rule_file}.parent_path();
  return (directory / path).lexically_normal().string();
}

bool has_test_file(std::string_view rule_file, std::string_view path) {
  std::error_code ignored;
  return std::filesystem::exists(test_file_path(rule_file, path), ignored);
}

CommandResult<RuleSurroundings> find_surroundings(const Installation& installation,
                                                  Terminal& terminal) {
  if (installation.config_path().empty()) {
    terminal.advice(
        "no configuration found: any recipient is taken; name one with --config to check them");
    return RuleSurroundings{{{}, {}, true}, "unnamed"};
  }
  const auto config = installation.load({.need_secrets = false, .with_rules = false});
  if (!config) return config.error();
  return RuleSurroundings{recipients_of(**config), (*config)->site};
}

CommandResult<LoadedRules> load_rule_files(const RuleSurroundings& surroundings,
                                           const std::vector<std::string>& files) {
  const auto texts = read_rule_files(files);
  if (!texts) return usage_failure(texts.error().detail);
  return RuleSet::load(*texts, surroundings.recipients, surroundings.site);
}

}  // namespace signalbox
