#include "rules/rule_test.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "event/json.hpp"

namespace signalbox {
namespace {

std::optional<std::string> summary_of(const OutgoingMessage& message) {
  JsonDocument document;
  const auto parsed = document.parse_copy(message.json);
  if (!parsed) return std::nullopt;
  const auto text = (*parsed)["data"]["summary"].string();
  return text ? std::optional<std::string>{*text} : std::nullopt;
}

bool meets(const OutgoingMessage& message, const ExpectedMessage& expected) {
  if (message.mailbox != expected.to || to_string(message.kind) != expected.kind) return false;
  if (expected.task && message.task != *expected.task) return false;
  return !expected.summary || summary_of(message) == expected.summary;
}

std::string describe(const ExpectedMessage& expected) {
  std::string text = fmt::format("{} to {}", expected.kind, expected.to);
  if (expected.task) text += fmt::format(", task {}", *expected.task);
  if (expected.summary) text += fmt::format(", summary \"{}\"", *expected.summary);
  return text;
}

std::string describe(const OutgoingMessage& message) {
  std::string text =
      fmt::format("{} to {}, task {}", to_string(message.kind), message.mailbox, message.task);
  if (const auto summary = summary_of(message)) text += fmt::format(", summary \"{}\"", *summary);
  return text;
}

}  // namespace

std::vector<std::string> check_rule_test(const RuleTest& test, const Decision& decision) {
  std::vector<std::string> mismatches;
  const auto& names = decision.matched;
  const bool matched = std::find(names.begin(), names.end(), test.rule) != names.end();
  if (test.expect.empty() && matched)
    mismatches.emplace_back("expected no match, but the rule matched");
  if (!test.expect.empty() && !matched)
    mismatches.emplace_back("expected a match, but the rule did not match");
  for (const RuleFailure& failure : decision.failures) {
    if (failure.rule == test.rule) mismatches.push_back("the rule failed: " + failure.detail);
  }
  std::vector<const OutgoingMessage*> sent;
  for (const OutgoingMessage& message : decision.messages) {
    if (message.rule == test.rule) sent.push_back(&message);
  }
  for (const ExpectedMessage& expected : test.expect) {
    const auto found = std::find_if(sent.begin(), sent.end(), [&](const OutgoingMessage* message) {
      return meets(*message, expected);
    });
    if (found != sent.end()) {
      sent.erase(found);
    } else if (matched) {
      mismatches.push_back("not sent: " + describe(expected));
    }
  }
  for (const OutgoingMessage* message : sent)
    mismatches.push_back("not expected: " + describe(*message));
  return mismatches;
}

}  // namespace signalbox
