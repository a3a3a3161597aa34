// The rules of a configuration: all files together, or, leniently, without those that are broken.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/config/config.hpp"
#include "gateway/config/config_file.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {
namespace {

// An event decides only messages to agents of its source's namespace, so these never arrive.
void find_unreachable(const Config& config, std::vector<Diagnostic>& diagnostics) {
  if (config.sources.empty()) return;
  for (const RuleInfo& rule : config.rules->rules()) {
    for (const std::string& name : rule.recipients) {
      const AgentConfig* agent = config.find_agent(name);
      const auto feeds = [&](const SourceConfig& source) {
        return agent == nullptr || source.space == agent->space;
      };
      if (std::any_of(config.sources.begin(), config.sources.end(), feeds)) continue;
      diagnostics.push_back(
          {rule.file, rule.line, 1, Severity::warning, "other-namespace",
           fmt::format("rule '{}' writes to '{}' in namespace '{}', which has no source", rule.name,
                       name, agent->space)});
    }
  }
}

class RuleFiles {
 public:
  RuleFiles(Config& config, const LoadOptions& options, std::vector<Diagnostic>& diagnostics)
      : config_{config}, options_{options}, diagnostics_{diagnostics} {}

  bool load() {
    for (const std::string& path : config_.rule_files) read(path);
    if (unreadable_) return false;
    auto loaded = compile();
    // Each round takes a text away, so there is an end.
    while (options_.lenient && !loaded.rules && set_broken_aside(loaded.diagnostics)) {
      loaded = compile();
    }
    config_.rules = std::move(loaded.rules);
    return config_.rules != nullptr;
  }

 private:
  LoadedRules compile() {
    auto loaded = RuleSet::load(config_.rule_texts, recipients_of(config_), config_.site);
    for (const Diagnostic& each : loaded.diagnostics) {
      const auto same = [&](const Diagnostic& known) {
        return to_string(known) == to_string(each);
      };
      if (std::none_of(diagnostics_.begin(), diagnostics_.end(), same))
        diagnostics_.push_back(each);
    }
    return loaded;
  }

  void read(const std::string& path) {
    auto text = read_text_file(path, config_file_bytes_max);
    if (text) {
      config_.rule_texts.push_back({path, std::move(*text)});
      return;
    }
    const Diagnostic wrong{path, 0, 0, Severity::error, "unreadable", text.error().detail, {}};
    diagnostics_.push_back(wrong);
    if (!options_.lenient) {
      unreadable_ = true;
      return;
    }
    config_.rule_texts.push_back({path, {}});
    set_aside(config_.rule_texts.size() - 1, to_string(wrong));
  }

  bool set_broken_aside(const std::vector<Diagnostic>& found) {
    const std::size_t before = config_.rule_texts.size();
    bool replaced = false;
    for (std::size_t i = before; i-- > 0;) {
      const auto error = std::find_if(found.begin(), found.end(), [&](const Diagnostic& each) {
        return each.severity == Severity::error && each.file == config_.rule_texts[i].name;
      });
      if (error == found.end()) continue;
      replaced = true;
      set_aside(i, to_string(*error));
    }
    return replaced;
  }

  // The last good version takes its place, unless that is what was broken.
  void set_aside(std::size_t index, std::string why) {
    RuleFile& file = config_.rule_texts[index];
    SetAside& entry = entry_of(file.name, std::move(why));
    if (entry.owner.empty()) entry.owner = owner_of(file.text);
    const std::string* earlier = earlier_text(file.name);
    if (earlier != nullptr && entry.owner.empty()) entry.owner = owner_of(*earlier);
    entry.earlier = earlier != nullptr && *earlier != file.text;
    if (entry.earlier) {
      file.text = *earlier;
    } else {
      config_.rule_texts.erase(config_.rule_texts.begin() + static_cast<std::ptrdiff_t>(index));
    }
  }

  SetAside& entry_of(const std::string& name, std::string why) {
    for (SetAside& known : config_.set_aside) {
      if (known.file == name) return known;
    }
    config_.set_aside.push_back({name, {}, std::move(why), false});
    return config_.set_aside.back();
  }

  const std::string* earlier_text(const std::string& name) const {
    if (options_.before == nullptr) return nullptr;
    for (const RuleFile& file : options_.before->rule_texts) {
      if (file.name == name) return &file.text;
    }
    return nullptr;
  }

  Config& config_;
  const LoadOptions& options_;
  std::vector<Diagnostic>& diagnostics_;
  bool unreadable_ = false;
};

}  // namespace

bool load_rules(Config& config, const LoadOptions& options, std::vector<Diagnostic>& diagnostics) {
  if (!RuleFiles{config, options, diagnostics}.load()) return false;
  find_unreachable(config, diagnostics);
  return true;
}

std::string to_string(const SetAside& aside) {
  const std::string owner = aside.owner.empty() ? "" : fmt::format(" (owner: {})", aside.owner);
  return fmt::format("{}{} is set aside, {}", aside.file, owner,
                     aside.earlier ? "its last good version is in use" : "with all of its rules");
}

}  // namespace signalbox
