#include "rules/rule_loader.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace signalbox {
namespace {

constexpr std::string_view later_keys[]{"when", "limit", "schedule"};

void error(YamlFile& file, const YAML::Node& at, std::string_view code, std::string message) {
  file.error(at, code, std::move(message));
}

void add_once(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const std::string& text : from) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
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
  mapping.finish();
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
  for (const std::string_view key : later_keys) {
    const YAML::Node value = mapping.take(key);
    if (!value.IsDefined()) continue;
    later = true;
    error(file, value, "not-supported", fmt::format("'{}' is not supported by this version", key));
  }
  rule.info.owner = scope_.owner;
  precedence(file, mapping, rule);
  events(file, own_or_default(mapping, "events", !later), rule);
  match(file, mapping.take("match"), rule);
  rule.work = text_template(file, own_or_default(mapping, "work", false), "'work'", false);
  sends(file, mapping.need("send"), rule);
  tests(file, mapping.take("tests"), rule);
  mapping.finish();
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
  if (auto pattern = Pattern::compile(*source, problems, &conditions_))
    rule.match = std::move(*pattern);
  for (const PatternProblem& problem : problems) {
    // Says which rule, wherever it is met; defaults are of none.
    const bool complex = problem.code == "too-complex" && !rule.info.name.empty();
    file.report(
        mark_of(problem.place), Severity::error, problem.code,
        complex ? fmt::format("{}, in {}", problem.message, rule.info.name) : problem.message);
  }
}

void RuleLoader::sends(YamlFile& file, const YAML::Node& node, Rule& rule) {
  if (!node.IsDefined()) return;
  if (!node.IsSequence()) return error(file, node, "wrong-type", "'send' must be a list");
  if (node.size() == 0 || node.size() > rule_sends_max) {
    return error(file, node, "wrong-size",
                 fmt::format("'send' has 1 to {} entries", rule_sends_max));
  }
  for (const auto& entry : node) send(file, entry, rule);
  for (const RuleSend& each : rule.sends) add_once(rule.info.recipients, each.mailboxes);
}

void RuleLoader::send(YamlFile& file, const YAML::Node& node, Rule& rule) {
  YamlMapping mapping{file, node, "'send'"};
  if (!mapping.defined()) return;
  RuleSend send;
  if (const YAML::Node to = own_or_default(mapping, "to", true); to.IsDefined())
    send.mailboxes = mailboxes(file, to);
  if (const YAML::Node value = own_or_default(mapping, "kind", true); value.IsDefined()) {
    send.kind = kind(file, value).value_or(send.kind);
  }
  if (const YAML::Node value = own_or_default(mapping, "task", false); value.IsDefined()) {
    send.task = task(file, value).value_or(send.task);
  }
  for_each(file, mapping.take("for_each"), send);
  send.summary =
      text_template(file, mapping.take("summary"), "'summary'", send.for_each.has_value());
  data(file, mapping.take("data"), send);
  mapping.finish();
  rule.sends.push_back(std::move(send));
}

std::vector<std::string> RuleLoader::mailboxes(YamlFile& file, const YAML::Node& node) {
  std::vector<std::string> found;
  if (!node.IsSequence() && !node.IsScalar()) {
    error(file, node, "wrong-type", "'to' must be a mailbox, 'topic:<name>' or a list of them");
    return found;
  }
  const std::size_t count = node.IsSequence() ? node.size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    const YAML::Node entry = node.IsSequence() ? node[i] : node;
    const auto to = file.text(entry, "a recipient");
    if (!to) continue;
    const auto known = recipients_.find(*to);
    if (known != recipients_.end()) {
      add_once(found, known->second);
    } else if (to->find("${") != std::string::npos) {
      error(file, entry, "not-supported", "a template in 'to' is not supported by this version");
    } else if (any_recipient_ && !to->empty()) {
      add_once(found, std::vector{*to});
    } else {
      const bool topic = to->starts_with("topic:");
      error(file, entry, "unknown-recipient",
            fmt::format("unknown {} '{}'{}", topic ? "topic" : "recipient",
                        topic ? to->substr(6) : *to, did_you_mean(*to, recipient_names_)));
    }
  }
  if (count == 0 || found.size() > send_recipients_max) {
    error(file, node, "wrong-size",
          fmt::format("'to' has 1 to {} recipients", send_recipients_max));
  }
  return found;
}

std::optional<MessageKind> RuleLoader::kind(YamlFile& file, const YAML::Node& node) {
  const auto text = file.text(node, "'kind'");
  if (!text) return std::nullopt;
  if (const auto known = parse_message_kind(*text)) return known;
  std::vector<std::string_view> kinds;
  for (auto value = MessageKind::event; value <= MessageKind::note;
       value = static_cast<MessageKind>(static_cast<int>(value) + 1)) {
    kinds.push_back(to_string(value));
  }
  error(file, node, "unknown-kind",
        fmt::format("unknown kind '{}'{}", *text, did_you_mean(*text, kinds)));
  return std::nullopt;
}

std::optional<std::string> RuleLoader::task(YamlFile& file, const YAML::Node& node) {
  auto text = file.text(node, "'task'");
  if (!text || is_rule_name(*text)) return text;
  error(file, node, "wrong-name",
        fmt::format("'{}' is no name of a task: use a-z, 0-9, '.', '_' and '-', at most {} of them",
                    *text, rule_name_bytes_max));
  return std::nullopt;
}

void RuleLoader::for_each(YamlFile& file, const YAML::Node& node, RuleSend& send) {
  if (!node.IsDefined()) return;
  const auto text = file.text(node, "'for_each'");
  if (!text) return;
  if (!text->starts_with("${") || !text->ends_with("}")) {
    return error(file, node, "wrong-template",
                 "'for_each' must be one '${…}' that is a list, like ${body.commits}");
  }
  auto path = TemplatePath::parse(std::string_view{*text}.substr(2, text->size() - 3), false);
  if (!path) return error(file, node, "wrong-template", path.error().detail);
  send.for_each = std::move(*path);
}

std::optional<Template> RuleLoader::text_template(YamlFile& file, const YAML::Node& node,
                                                  std::string_view what, bool has_item) {
  if (!node.IsDefined()) return std::nullopt;
  const auto text = file.text(node, what);
  if (!text) return std::nullopt;
  auto parsed = Template::parse(*text, has_item);
  if (parsed) return std::move(*parsed);
  error(file, node, "wrong-template", parsed.error().detail);
  return std::nullopt;
}

void RuleLoader::data(YamlFile& file, const YAML::Node& node, RuleSend& send) {
  if (!node.IsDefined()) return;
  const auto literal = read_literal(file, node);
  if (!literal) return;
  if (!literal->is(JsonKind::object))
    return error(file, node, "wrong-type", "'data' must be a mapping");
  if (value_count(*literal) > data_values_max) {
    return error(file, node, "too-large",
                 fmt::format("'data' has more than {} values", data_values_max));
  }
  send.data = DataTemplate::parse(file, *literal, send.for_each.has_value());
  if (send.data && send.summary && send.data->has_field("summary")) {
    error(file, node, "repeated-key", "'summary' stands beside 'data' and within it");
  }
}

}  // namespace signalbox
