// The `tests:` of a rule.
#include <fmt/format.h>

#include "rules/key_hints.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox {

void RuleLoader::tests(YamlFile& file, const YAML::Node& node, const Rule& rule) {
  if (!node.IsDefined()) return;
  if (!node.IsSequence()) return file.error(node, "wrong-type", "'tests' must be a list");
  if (node.size() > rule_tests_max) {
    return file.error(node, "wrong-size",
                      fmt::format("'tests' has at most {} entries", rule_tests_max));
  }
  for (const auto& entry : node) test(file, entry, rule);
}

void RuleLoader::test(YamlFile& file, const YAML::Node& node, const Rule& rule) {
  YamlMapping mapping{file, node, "the test"};
  if (!mapping.defined()) return;
  RuleTest test;
  test.rule = rule.info.name;
  test.file = file.name();
  test.line = node.Mark().line + 1;
  if (const YAML::Node type = mapping.need("type"); type.IsDefined()) {
    test.type = file.text(type, "'type'").value_or("");
    const auto pattern = EventPattern::parse(test.type);
    if (!pattern) {
      file.error(type, "wrong-event", pattern.error().detail);
    } else if (pattern->has_star()) {
      file.error(type, "wrong-event", "a test has one event type, without '*'");
    }
  }
  // Without one the sample of the type is taken as it is.
  if (const YAML::Node event = mapping.take("event"); event.IsDefined() && event.IsMap()) {
    if (const auto literal = read_literal(file, event)) test.event_inline = to_json(*literal);
  } else if (event.IsDefined()) {
    test.event_path = file.text(event, "'event'").value_or("");
    if (event.IsScalar() && test.event_path.empty()) {
      file.error(event, "wrong-type", "'event' must be a file or a mapping");
    }
  }
  const YAML::Node expect = mapping.need("expect");
  if (expect.IsSequence()) {
    for (const auto& entry : expect) expectation(file, entry, test);
  } else if (expect.IsDefined()) {
    file.error(expect, "wrong-type",
               "'expect' must be a list of messages; [] where the rule must not match");
  }
  mapping.finish(test_key_hints);
  tests_.push_back(std::move(test));
}

void RuleLoader::expectation(YamlFile& file, const YAML::Node& node, RuleTest& test) {
  YamlMapping mapping{file, node, "the expected message"};
  if (!mapping.defined()) return;
  ExpectedMessage message;
  std::vector<std::string> to;
  if (const YAML::Node value = mapping.need("to"); value.IsDefined()) to = mailboxes(file, value);
  if (const YAML::Node value = mapping.need("kind"); value.IsDefined()) {
    if (const auto known = kind(file, value)) message.kind = to_string(*known);
  }
  if (const YAML::Node value = mapping.take("task"); value.IsDefined())
    message.task = task(file, value);
  if (const YAML::Node value = mapping.take("summary"); value.IsDefined()) {
    message.summary = file.text(value, "'summary'");
  }
  if (const YAML::Node value = mapping.take("data"); value.IsDefined()) {
    const auto literal = read_literal(file, value);
    if (literal && !literal->is(JsonKind::object))
      file.error(value, "wrong-type", "'data' must be a mapping of the fields that are expected");
    if (literal) message.data = to_json(*literal);
  }
  mapping.finish();
  for (const std::string& mailbox : to) {
    message.to = mailbox;
    test.expect.push_back(message);
  }
}

}  // namespace signalbox
