#include "rules/written_rule.hpp"

#include <algorithm>

#include "rules/source/yaml_literal.hpp"

namespace signalbox {
namespace {

// Null where the key is absent: an undefined node may not be asked anything.
YAML::Node member(const YAML::Node& mapping, const char* key) {
  const YAML::Node value = mapping[key];
  return value.IsDefined() ? value : YAML::Node{};
}

int last_line_of(const YAML::Node& node) {
  int last = node.Mark().line + 1;
  if (node.IsMap()) {
    for (const auto& entry : node) last = std::max(last, last_line_of(entry.second));
  } else if (node.IsSequence()) {
    for (const auto& element : node) last = std::max(last, last_line_of(element));
  }
  return last;
}

class WrittenRuleReader {
 public:
  WrittenRuleReader(WrittenRule& rule, const RuleDefaults& defaults)
      : rule_{rule}, defaults_{defaults}, file_{rule.info.file, ignored_} {}

  void run(const YAML::Node& node) {
    rule_.place = place_of(member(node, "name"));
    rule_.last_line = last_line_of(node);
    if (const YAML::Node events = own_or_default(node, "events"); events.IsScalar()) {
      rule_.events.push_back({events.Scalar(), place_of(events)});
    } else if (events.IsSequence()) {
      for (const auto& entry : events) rule_.events.push_back({entry.Scalar(), place_of(entry)});
    }
    if (const YAML::Node match = own_or_default(node, "match"); !match.IsNull())
      rule_.match = read_literal(file_, match);
    if (const auto base = defaults_.find("match"); base != defaults_.end() && rule_.match) {
      if (auto literal = read_literal(file_, base->second))
        rule_.match = merged(std::move(*literal), *rule_.match);
    }
    add(own_or_default(node, "work"), {}, true);
    if (!rule_.templates.empty()) rule_.send = rule_.templates.back().text + '\n';
    for (const auto& entry : member(node, "send")) send(entry);
    for (const auto& entry : member(node, "tests")) test(entry);
  }

 private:
  YAML::Node own_or_default(const YAML::Node& node, const char* key) const {
    YAML::Node own = member(node, key);
    const auto given = defaults_.find(std::string_view{key});
    return own.IsNull() && given != defaults_.end() ? given->second : own;
  }

  void send(const YAML::Node& node) {
    const YAML::Node kind = own_or_default(node, "kind");
    rule_.assigns = rule_.assigns || (kind.IsScalar() && kind.Scalar() == "assign");
    where_.reset();
    if (const YAML::Node where = member(node, "where"); where.IsMap())
      where_ = read_literal(file_, where);
    std::string for_each;
    if (const YAML::Node list = member(node, "for_each"); list.IsScalar()) {
      add(list, {}, false);
      rule_.templates.back().is_list = true;
      for_each = list.Scalar();
    }
    add(member(node, "summary"), for_each, true);
    if (const YAML::Node data = member(node, "data"); !data.IsNull()) {
      if (const auto literal = read_literal(file_, data)) data_texts(*literal, for_each);
    }
    for (const char* key : {"to", "kind", "task"}) {
      if (!member(node, key).IsNull()) continue;
      if (const auto literal = read_literal(file_, own_or_default(node, key)))
        rule_.send += to_json(*literal);
    }
    if (const auto literal = read_literal(file_, node)) rule_.send += to_json(*literal) + '\n';
  }

  void test(const YAML::Node& node) {
    WrittenTest& test = rule_.tests.emplace_back();
    if (const YAML::Node type = member(node, "type"); type.IsScalar())
      test.type = {type.Scalar(), place_of(type)};
    if (const YAML::Node event = member(node, "event"); event.IsScalar())
      test.event_file = {event.Scalar(), place_of(event)};
  }

  void add(const YAML::Node& node, const std::string& for_each, bool is_text) {
    if (!node.IsScalar()) return;
    rule_.templates.push_back({node.Scalar(), place_of(node), for_each, is_text, false, where_});
  }

  void data_texts(const Literal& literal, const std::string& for_each) {
    if (literal.is(JsonKind::string))
      rule_.templates.push_back({literal.text, literal.place, for_each, false, false, where_});
    for (const Literal::Field& field : literal.fields) data_texts(field.value, for_each);
    for (const Literal& element : literal.elements) data_texts(element, for_each);
  }

  WrittenRule& rule_;
  const RuleDefaults& defaults_;
  std::optional<Literal> where_;     // of the `send` at hand
  std::vector<Diagnostic> ignored_;  // what is wrong was said when the rule was loaded
  YamlFile file_;
};

}  // namespace

WrittenRule WrittenRule::read(const RuleInfo& info, const YAML::Node& node,
                              const RuleDefaults& defaults) {
  WrittenRule rule;
  rule.info = info;
  if (node.IsMap()) WrittenRuleReader{rule, defaults}.run(node);
  return rule;
}

}  // namespace signalbox
