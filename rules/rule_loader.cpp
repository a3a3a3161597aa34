#include "rules/rule_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/key_hints.hpp"

namespace signalbox {
namespace {

// What a later version will know, or none will, and what to do until then.
struct LaterKey {
  std::string_view key;
  std::string_view says;
};
constexpr auto later_keys = std::to_array<LaterKey>({
    {"when",
     "there is no 'when': conditions are said with 'match', a pattern over the body; what is "
     "between two fields will be among the 'facts', an exception will be 'unless'"},
    {"limit",
     "'limit' is not supported by this version: each event that matches sends; messages of one "
     "work are handed out one after the other"},
    {"schedule", "'schedule' is not supported by this version: let cron run `signalbox send`"},
    {"unless",
     "'unless' is not supported by this version: in 'match', a value other than some is "
     "[{anything-but: …}], one that is missing [{exists: false}]"},
});

void error(YamlFile& file, const YAML::Node& at, std::string_view code, std::string message) {
  file.error(at, code, std::move(message));
}

}  // namespace

bool is_rule_name(std::string_view text) noexcept {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > rule_name_bytes_max || !plain(text.front())) return false;
  return std::all_of(text.begin(), text.end(),
                     [&](char c) { return plain(c) || c == '.' || c == '_' || c == '-'; });
}

std::string owner_of(std::string_view text) {
  constexpr std::string_view key = "owner:";
  while (!text.empty()) {
    std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line.size() + 1, text.size()));
    if (!line.starts_with(key)) continue;
    line = line.substr(key.size(), line.find(" #") - key.size());
    constexpr std::string_view around = " \t\r'\"";
    const std::size_t begin = line.find_first_not_of(around);
    if (begin == std::string_view::npos) return {};
    return std::string{line.substr(begin, line.find_last_not_of(around) + 1 - begin)}.substr(
        0, rule_owner_bytes_max);
  }
  return {};
}

RuleLoader::RuleLoader(const Recipients& recipients, std::vector<Diagnostic>& diagnostics,
                       std::vector<WrittenRule>* written)
    : diagnostics_{diagnostics}, written_{written}, any_recipient_{recipients.any} {
  for (const std::string& agent : recipients.agents) recipients_[agent] = {agent};
  for (const auto& [topic, mailboxes] : recipients.topics)
    recipients_["topic:" + topic] = mailboxes;
  for (const auto& [to, mailboxes] : recipients_) recipient_names_.push_back(to);
}

void RuleLoader::load(const RuleFile& source) {
  const std::size_t before = diagnostics_.size();
  scope_ = {};
  YamlFile file{source.name, diagnostics_};
  read(file, source.text);
  const std::string owner = owner_of(source.text);
  for (std::size_t i = before; i < diagnostics_.size(); ++i) diagnostics_[i].owner = owner;
}

void RuleLoader::read(YamlFile& file, const std::string& text) {
  const YAML::Node root = file.parse(text);
  if (file.failed()) return;
  if (root.IsNull()) return error(file, root, "empty", "the file holds no 'rules'");
  YamlMapping mapping{file, root, "the file"};
  file_scope(file, mapping);
  const YAML::Node list = mapping.need("rules");
  mapping.finish(file_key_hints);
  if (!list.IsDefined() || file.failed()) return;
  if (!list.IsSequence()) return error(file, list, "wrong-type", "'rules' must be a list of rules");
  for (const auto& entry : list) rule(file, entry);
}

void RuleLoader::rule(YamlFile& file, const YAML::Node& node) {
  YamlMapping mapping{file, node, "the rule"};
  if (!mapping.defined()) return;
  const std::size_t before = diagnostics_.size();
  Rule rule;
  rule.info.file = file.name();
  rule.info.line = node.Mark().line + 1;
  name(file, mapping.need("name"), rule);
  bool later = false;
  for (const LaterKey& row : later_keys) {
    const YAML::Node value = mapping.take(row.key);
    if (!value.IsDefined()) continue;
    later = later || row.key == "schedule";
    error(file, value, "not-supported", std::string{row.says});
  }
  rule.info.owner = scope_.owner;
  precedence(file, mapping, rule);
  events(file, own_or_default(mapping, "events", !later), rule);
  match(file, mapping.take("match"), rule);
  rule.work = text_template(file, own_or_default(mapping, "work", false), "'work'", false);
  sends(file, mapping.need("send"), rule);
  tests(file, mapping.take("tests"), rule);
  mapping.finish(rule_key_hints);
  if (written_ != nullptr && !has_errors(std::span{diagnostics_}.subspan(before)))
    written_->push_back(WrittenRule::read(rule.info, node, scope_.defaults));
  rules_.push_back(std::move(rule));
}

void RuleLoader::name(YamlFile& file, const YAML::Node& node, Rule& rule) {
  if (!node.IsDefined()) return;
  const auto text = file.text(node, "'name'");
  if (!text) return;
  const std::string whole = scope_.prefix + *text;
  rule.info.name = whole;
  if (!is_rule_name(whole)) {
    return error(
        file, node, "wrong-name",
        fmt::format("'{}' is no name of a rule: use a-z, 0-9, '.', '_' and '-', at most {} of them",
                    whole, rule_name_bytes_max));
  }
  const std::string place = fmt::format("{}:{}", file.name(), node.Mark().line + 1);
  const auto [known, added] = places_.emplace(whole, place);
  if (!added)
    error(file, node, "repeated-name",
          fmt::format("rule '{}' is there already, in {}", whole, known->second));
}

void RuleLoader::events(YamlFile& file, const YAML::Node& node, Rule& rule) {
  if (!node.IsDefined()) return;
  if (!node.IsSequence() && !node.IsScalar()) {
    return error(file, node, "wrong-type", "'events' must be a list of event types");
  }
  const std::size_t count = node.IsSequence() ? node.size() : 1;
  if (count == 0 || count > rule_events_max) {
    return error(file, node, "wrong-size",
                 fmt::format("'events' has 1 to {} event types", rule_events_max));
  }
  for (std::size_t i = 0; i < count; ++i) {
    const YAML::Node entry = node.IsSequence() ? node[i] : node;
    const auto text = file.text(entry, "an event type");
    if (!text) continue;
    rule.info.events.push_back(*text);
    if (auto pattern = EventPattern::parse(*text)) {
      rule.events.push_back(std::move(*pattern));
    } else {
      error(file, entry, "wrong-event", pattern.error().detail);
    }
  }
}

void RuleLoader::match(YamlFile& file, const YAML::Node& node, Rule& rule) {
  std::optional<Literal> source = scope_.match;
  if (node.IsDefined()) {
    const auto own = read_literal(file, node);
    if (!own) return;
    source = source ? merged(std::move(*source), *own) : *own;
  }
  if (!source) return;
  PatternProblems problems;
  if (source->is(JsonKind::string)) {
    return file.report(mark_of(source->place), Severity::error, "wrong-type",
                       "'match' takes no expression: it is a mapping of the body's fields, as "
                       "match: {action: [opened]}");
  }
  if (auto pattern = Pattern::compile(*source, problems, &conditions_, PatternReading::strict))
    rule.match = std::move(*pattern);
  report(file, problems, rule.info.name);
}

void RuleLoader::report(YamlFile& file, const PatternProblems& problems, const std::string& rule) {
  for (const PatternProblem& problem : problems) {
    // Says which rule, wherever it is met; defaults are of none.
    const bool complex = problem.code == "too-complex" && !rule.empty();
    file.report(mark_of(problem.place), Severity::error, problem.code,
                complex ? fmt::format("{}, in {}", problem.message, rule) : problem.message);
  }
}

std::optional<Template> RuleLoader::text_template(YamlFile& file, const YAML::Node& node,
                                                  std::string_view what, bool has_item) {
  if (!node.IsDefined()) return std::nullopt;
  const auto text = file.text(node, what);
  if (!text) return std::nullopt;
  return Template::read(file, place_of(node), *text, has_item);
}

}  // namespace signalbox
