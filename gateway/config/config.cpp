#include "gateway/config/config.hpp"

#include <fmt/format.h>
#include <glob.h>

#include <algorithm>
#include <filesystem>

#include "gateway/config/config_file.hpp"
#include "gateway/config/overrides.hpp"
#include "gateway/config/sections.hpp"

namespace signalbox {
namespace {

constexpr std::size_t rule_files_max = 1000;

std::filesystem::path directory_of(const std::string& file) {
  return std::filesystem::path{file}.parent_path();
}

void find_rule_files(YamlFile& file, const std::vector<RulePattern>& patterns, Config& config,
                     ConfigInputs& inputs) {
  const auto directory = directory_of(config.file);
  auto& files = config.rule_files;
  for (const RulePattern& pattern : patterns) {
    const std::string path = (directory / pattern.glob).lexically_normal().string();
    inputs.patterns.push_back(path);
    const auto found = expand_pattern(path);
    if (found.empty()) {
      file.error(pattern.at, "no-such-file", fmt::format("no file matches {}", path));
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  std::sort(files.begin(), files.end());
  files.erase(std::unique(files.begin(), files.end()), files.end());
  if (files.size() > rule_files_max) {
    file.error(patterns.front().at, "too-many-files",
               fmt::format("{} rule files; at most {}", files.size(), rule_files_max));
    files.clear();
  }
}

// Fills the configuration; false when an error was reported.
bool read_file_into(Config& config, const std::string& text, const Environment& environment,
                    const LoadOptions& options, LoadedConfig& loaded) {
  auto& diagnostics = loaded.diagnostics;
  YamlFile file{config.file, diagnostics};
  const Overrides overrides{environment, text};
  YAML::Node root = file.parse(text);
  if (root.IsNull()) root = YAML::Load("{}");
  if (!file.failed() && root.IsMap()) root.reset(overrides.apply(root, file));
  if (!file.failed()) {
    SecretReader secrets{file, environment, directory_of(config.file), options.need_secrets};
    const auto patterns = read_sections(file, root, secrets, config);
    if (options.with_rules) find_rule_files(file, patterns, config, loaded.inputs);
    const auto& read = secrets.files();
    loaded.inputs.files.insert(loaded.inputs.files.end(), read.begin(), read.end());
  }
  overrides.name_variables(diagnostics, config.file);
  return !file.failed();
}

template <class Range>
auto find_by_name(const Range& range, std::string_view name) noexcept -> decltype(range.data()) {
  for (const auto& each : range) {
    if (each.name == name) return &each;
  }
  return nullptr;
}

}  // namespace

const SourceConfig* Config::find_source(std::string_view name) const noexcept {
  return find_by_name(sources, name);
}

const AgentConfig* Config::find_agent(std::string_view name) const noexcept {
  return find_by_name(agents, name);
}

std::vector<std::string> spaces_of(const Config& config) {
  std::vector<std::string> spaces{"main"};
  for (const SourceConfig& source : config.sources) spaces.push_back(source.space);
  for (const AgentConfig& agent : config.agents) spaces.push_back(agent.space);
  std::sort(spaces.begin(), spaces.end());
  spaces.erase(std::unique(spaces.begin(), spaces.end()), spaces.end());
  return spaces;
}

Recipients recipients_of(const Config& config) {
  Recipients recipients;
  for (const AgentConfig& agent : config.agents) {
    recipients.agents.push_back(agent.name);
    for (const std::string& topic : agent.topics) {
      recipients.topics[topic].push_back(agent.name);
    }
  }
  return recipients;
}

std::vector<std::string> expand_pattern(const std::string& pattern) {
  glob_t found{};
  std::vector<std::string> files;
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0) {
    for (std::size_t i = 0; i < found.gl_pathc; ++i) files.emplace_back(found.gl_pathv[i]);
  }
  ::globfree(&found);
  return files;
}

LoadedConfig load_config(const std::string& path, const Environment& environment,
                         const LoadOptions& options) {
  LoadedConfig loaded;
  auto config = std::make_shared<Config>();
  config->file = path;
  loaded.inputs.files.push_back(path);
  const auto text = read_text_file(path, config_file_bytes_max);
  if (!text) {
    const std::string& detail = text.error().detail;
    loaded.diagnostics.push_back(
        {path, 0, 0, Severity::error, "unreadable",
         detail.starts_with(path + ": ") ? detail.substr(path.size() + 2) : detail});
    return loaded;
  }
  if (!read_file_into(*config, *text, environment, options, loaded)) return loaded;
  const bool good = !has_errors(loaded.diagnostics);
  const bool usable = !options.with_rules || load_rules(*config, options, loaded.diagnostics);
  if (good && usable) loaded.config = std::move(config);
  return loaded;
}

}  // namespace signalbox
