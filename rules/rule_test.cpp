#include "rules/rule_test.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "event/json.hpp"
#include "event/star_match.hpp"
#include "rules/pattern/comparable_number.hpp"

namespace signalbox {
namespace {

constexpr std::size_t shown_data_bytes_max = 200;

// `*` stands for any characters.
bool meets_text(std::string_view expected, std::string_view actual) {
  return expected == actual || star_matches(expected, actual);
}

std::string child_of(const std::string& path, std::string_view key) {
  return path.empty() ? std::string{key} : fmt::format("{}.{}", path, key);
}

// Where a value is not the one that was expected, and what it is; empty where it is. An object may
// have more fields, a list has the elements that are expected and no others.
std::string difference(Json expected, Json actual, const std::string& path) {
  const auto differs = [&] {
    return fmt::format("{} is {}", path.empty() ? "it" : path,
                       actual ? actual.raw() : std::string_view{"missing"});
  };
  if (!actual || expected.kind() != actual.kind()) return differs();
  if (expected.is(JsonKind::object)) {
    for (const JsonField field : expected.fields()) {
      auto found = difference(field.value, actual[field.key], child_of(path, field.key));
      if (!found.empty()) return found;
    }
    return {};
  }
  if (expected.is(JsonKind::array)) {
    std::size_t at = 0;
    for (const Json element : expected.elements()) {
      auto found = difference(element, actual.at(at), fmt::format("{}[{}]", path, at));
      if (!found.empty()) return found;
      ++at;
    }
    return actual.at(at) ? differs() : std::string{};
  }
  if (expected.is(JsonKind::string))
    return meets_text(expected.string_or(""), actual.string_or("")) ? std::string{} : differs();
  if (expected.raw() == actual.raw()) return {};
  const auto number =
      expected.is(JsonKind::number) ? comparable_number(expected.raw()) : std::nullopt;
  return number && number == comparable_number(actual.raw()) ? std::string{} : differs();
}

// A message with its `data`.
class SentMessage {
 public:
  explicit SentMessage(const OutgoingMessage& message) : message_{message} {
    if (const auto parsed = document_.parse_copy(message.json)) data_ = (*parsed)["data"];
  }
  SentMessage(const SentMessage&) = delete;
  SentMessage& operator=(const SentMessage&) = delete;
  ~SentMessage() = default;

  bool is_like(const ExpectedMessage& expected) const {
    return message_.mailbox == expected.to && to_string(message_.kind) == expected.kind;
  }

  bool meets(const ExpectedMessage& expected) const {
    if (!is_like(expected) || (expected.task && message_.task != *expected.task)) return false;
    const auto summary = data_["summary"].string();
    if (expected.summary && (!summary || !meets_text(*expected.summary, *summary))) return false;
    return data_difference(expected).empty();
  }

  // "data.head is "abc""; empty where the data is as expected.
  std::string data_difference(const ExpectedMessage& expected) const {
    if (expected.data.empty()) return {};
    JsonDocument document;
    const auto parsed = document.parse_copy(expected.data);
    return parsed ? difference(*parsed, data_, "data") : std::string{};
  }

  std::string describe() const {
    std::string text =
        fmt::format("{} to {}, task {}", to_string(message_.kind), message_.mailbox, message_.task);
    if (const auto summary = data_["summary"].string())
      text += fmt::format(", summary \"{}\"", *summary);
    return text;
  }

 private:
  const OutgoingMessage& message_;
  JsonDocument document_;
  Json data_;
};

std::string describe(const ExpectedMessage& expected) {
  std::string text = fmt::format("{} to {}", expected.kind, expected.to);
  if (expected.task) text += fmt::format(", task {}", *expected.task);
  if (expected.summary) text += fmt::format(", summary \"{}\"", *expected.summary);
  if (!expected.data.empty()) {
    const bool cut = expected.data.size() > shown_data_bytes_max;
    text += fmt::format(", data {}", cut ? "{…}" : expected.data);
  }
  return text;
}

// Why the rule of a test sent nothing.
std::string not_matched(const RuleTest& test, const RuleSet& rules, const Event& event) {
  const auto all = rules.explain(event, test.rule);
  std::string text = "expected a match, but the rule did not match";
  if (all.empty()) return text;
  const RuleExplanation& why = all.front();
  if (!why.stopped_by.empty()) {
    return fmt::format("expected a match, but rule '{}' matched before it, and stops",
                       why.stopped_by);
  }
  text += fmt::format(": {} wants {}, saw {}", why.failed_path, why.expected, why.actual);
  if (why.condition_line > 0) text += fmt::format(" (line {})", why.condition_line);
  for (const FailedWay& way : why.ways) {
    if (way.line == why.condition_line && way.path == why.failed_path) continue;
    text += fmt::format("; or {} wants {}, saw {} (line {})", way.path, way.expected, way.actual,
                        way.line);
  }
  return text;
}

// What was sent and what was to be, against each other.
void compare(const RuleTest& test, const Decision& decision, bool matched,
             std::vector<std::string>& mismatches) {
  std::vector<std::unique_ptr<SentMessage>> sent;
  for (const OutgoingMessage& message : decision.messages) {
    if (message.rule == test.rule) sent.push_back(std::make_unique<SentMessage>(message));
  }
  for (const ExpectedMessage& expected : test.expect) {
    const auto found =
        std::ranges::find_if(sent, [&](const auto& message) { return message->meets(expected); });
    if (found != sent.end()) {
      sent.erase(found);
      continue;
    }
    if (!matched) continue;
    const auto like =
        std::ranges::find_if(sent, [&](const auto& message) { return message->is_like(expected); });
    const std::string what = like == sent.end() ? "" : (*like)->data_difference(expected);
    mismatches.push_back(
        fmt::format("not sent: {}{}{}", describe(expected), what.empty() ? "" : "; ", what));
  }
  for (const auto& message : sent) mismatches.push_back("not expected: " + message->describe());
}

}  // namespace

std::vector<std::string> check_rule_test(const RuleTest& test, const RuleSet& rules,
                                         const Event& event) {
  const Decision decision = rules.decide(event);
  std::vector<std::string> mismatches;
  const auto& names = decision.matched;
  const bool matched = std::find(names.begin(), names.end(), test.rule) != names.end();
  if (test.expect.empty() && matched)
    mismatches.emplace_back("expected no match, but the rule matched");
  if (!test.expect.empty() && !matched) mismatches.push_back(not_matched(test, rules, event));
  for (const RuleFailure& failure : decision.failures) {
    if (failure.rule == test.rule) mismatches.push_back("the rule failed: " + failure.detail);
  }
  compare(test, decision, matched, mismatches);
  return mismatches;
}

}  // namespace signalbox
