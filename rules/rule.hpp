// One rule, compiled. Immutable once loaded, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "event/message.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "rules/pattern/pattern.hpp"
#include "rules/rule_set.hpp"
#include "rules/template/template.hpp"

namespace signalbox {

inline constexpr std::size_t for_each_items_max = 100;
inline constexpr std::size_t rule_messages_max = 1000;  // of one rule for one event
inline constexpr std::size_t work_bytes_max = 512;

struct RuleSend {
  std::vector<std::string> mailboxes;  // each once
  MessageKind kind = MessageKind::event;
  std::string task = "main";
  std::optional<TemplatePath> for_each;
  std::optional<Template> summary;
  std::optional<DataTemplate> data;
};

struct Rule {
  RuleInfo info;
  std::vector<EventPattern> events;
  Pattern match;
  std::optional<Template> work;  // nothing: the work of the event
  std::vector<RuleSend> sends;
};

// The messages of a rule that matched. invalid_argument where a template fails or a limit is met:
// then the rule sends nothing.
Result<std::vector<OutgoingMessage>> render_messages(const Rule& rule, const Event& event,
                                                     std::string_view site, unsigned generation);

}  // namespace signalbox
