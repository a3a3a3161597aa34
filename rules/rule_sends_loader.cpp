// The `send:` of a rule.
#include <fmt/format.h>

#include <algorithm>

#include "event/text_list.hpp"
#include "rules/key_hints.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {

void RuleLoader::sends(YamlFile& file, const YAML::Node& node, Rule& rule) {
  if (!node.IsDefined()) return;
  if (!node.IsSequence()) return file.error(node, "wrong-type", "'send' must be a list");
  if (node.size() == 0 || node.size() > rule_sends_max) {
    return file.error(node, "wrong-size",
                      fmt::format("'send' has 1 to {} entries", rule_sends_max));
  }
  for (const auto& entry : node) send(file, entry, rule);
  for (const RuleSend& each : rule.sends) add_missing(rule.info.recipients, each.mailboxes);
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
  const YAML::Node list = mapping.take("for_each");
  for_each(file, list, send);
  where(file, mapping.take("where"), list.IsDefined(), send);
  send.summary =
      text_template(file, mapping.take("summary"), "'summary'", send.for_each.has_value());
  data(file, mapping.take("data"), send);
  mapping.finish(send_key_hints);
  rule.sends.push_back(std::move(send));
}

std::vector<std::string> RuleLoader::mailboxes(YamlFile& file, const YAML::Node& node) {
  std::vector<std::string> found;
  if (!node.IsSequence() && !node.IsScalar()) {
    file.error(node, "wrong-type", "'to' must be a mailbox, 'topic:<name>' or a list of them");
    return found;
  }
  const std::size_t count = node.IsSequence() ? node.size() : 1;
  for (std::size_t i = 0; i < count; ++i) {
    const YAML::Node entry = node.IsSequence() ? node[i] : node;
    const auto to = file.text(entry, "a recipient");
    if (!to) continue;
    const auto known = recipients_.find(*to);
    if (known != recipients_.end()) {
      add_missing(found, known->second);
    } else if (to->find("${") != std::string::npos) {
      file.error(entry, "not-supported", "a template in 'to' is not supported by this version");
    } else if (any_recipient_ && !to->empty()) {
      add_missing(found, std::vector{*to});
    } else {
      const bool topic = to->starts_with("topic:");
      file.error(entry, "unknown-recipient",
                 fmt::format("unknown {} '{}'{}", topic ? "topic" : "recipient",
                             topic ? to->substr(6) : *to, did_you_mean(*to, recipient_names_)));
    }
  }
  if (count == 0 || found.size() > send_recipients_max) {
    file.error(node, "wrong-size", fmt::format("'to' has 1 to {} recipients", send_recipients_max));
  }
  return found;
}

std::optional<MessageKind> RuleLoader::kind(YamlFile& file, const YAML::Node& node) {
  const auto text = file.text(node, "'kind'");
  if (!text) return std::nullopt;
  if (const auto known = parse_message_kind(*text)) return known;
  std::vector<std::string_view> kinds;
  for (std::size_t kind = 0; kind < message_kind_count; ++kind)
    kinds.push_back(to_string(static_cast<MessageKind>(kind)));
  const std::string near = did_you_mean(*text, kinds);
  const std::string all = fmt::format("; one of {}", fmt::join(kinds, ", "));
  file.error(node, "unknown-kind",
             fmt::format("unknown kind '{}'{}", *text, near.empty() ? all : near));
  return std::nullopt;
}

std::optional<std::string> RuleLoader::task(YamlFile& file, const YAML::Node& node) {
  auto text = file.text(node, "'task'");
  if (!text || is_rule_name(*text)) return text;
  file.error(
      node, "wrong-name",
      fmt::format("'{}' is no name of a task: use a-z, 0-9, '.', '_' and '-', at most {} of them",
                  *text, rule_name_bytes_max));
  return std::nullopt;
}

void RuleLoader::for_each(YamlFile& file, const YAML::Node& node, RuleSend& send) {
  if (!node.IsDefined()) return;
  const auto text = file.text(node, "'for_each'");
  if (!text) return;
  if (!text->starts_with("${") || !text->ends_with("}")) {
    return file.error(node, "wrong-template",
                      "'for_each' must be one '${…}' that is a list, like ${body.commits}");
  }
  auto path = TemplatePath::parse(std::string_view{*text}.substr(2, text->size() - 3), false);
  if (!path) return file.error(node, "wrong-template", path.error().detail);
  send.for_each = std::move(*path);
}

void RuleLoader::where(YamlFile& file, const YAML::Node& node, bool has_items, RuleSend& send) {
  if (!node.IsDefined()) return;
  if (!has_items) {
    return file.error(node, "missing-key",
                      "'where' chooses among the items of 'for_each', which is not there");
  }
  const auto literal = read_literal(file, node);
  if (!literal) return;
  if (!literal->is(JsonKind::object) && !literal->is(JsonKind::array)) {
    return file.error(node, "wrong-type",
                      "'where' must be a pattern over an item, as where: {name: [bug]}, or a list "
                      "of values for items that are plain");
  }
  PatternProblems problems;
  send.where = ItemFilter::compile(*literal, problems);
  report(file, problems, {});
}

void RuleLoader::data(YamlFile& file, const YAML::Node& node, RuleSend& send) {
  if (!node.IsDefined()) return;
  const auto literal = read_literal(file, node);
  if (!literal) return;
  if (!literal->is(JsonKind::object))
    return file.error(node, "wrong-type", "'data' must be a mapping");
  if (value_count(*literal) > data_values_max) {
    return file.error(node, "too-large",
                      fmt::format("'data' has more than {} values", data_values_max));
  }
  send.data = DataTemplate::parse(file, *literal, send.for_each.has_value());
  if (send.data && send.summary && send.data->has_field("summary")) {
    file.error(node, "repeated-key", "'summary' stands beside 'data' and within it");
  }
}

}  // namespace signalbox
