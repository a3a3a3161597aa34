// One rule, compiled. Immutable once loaded, thread-safe.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "event/message.hpp"
#include "rules/item_filter.hpp"
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
  std::optional<ItemFilter> where;  // of its items; nothing: all of them
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

// What a rule that matched sends.
struct Rendered {
  std::vector<OutgoingMessage> messages;
  // Why some of it could not be carried out; empty: all of it was. Where a template fails or a
  // limit is met the rule sends nothing; an item of `for_each` that cannot be rendered fails alone.
  std::string failure;
};

Rendered render_messages(const Rule& rule, const Event& event, std::string_view site,
                         unsigned generation);

}  // namespace signalbox
