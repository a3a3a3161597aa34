#include "gateway/cli/screen/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

// `["a","b"]` of an explanation -> "a, b"
std::string listed(const std::string& list) {
  const json::value parsed = parse_json_value(list);
  return parsed.is_array() ? joined(parsed.as_array()) : list;
}

void show_rule(Terminal& terminal, const json::value& rule, std::size_t name_width) {
  const json::value& flag = member_of(rule, "matched");
  const bool matched = flag.is_bool() && flag.as_bool();
  const std::string failure = text_of(rule, "failure");
  const std::string path = text_of(rule, "failed_path");
  const Style style = !failure.empty() ? Style::bad : matched ? Style::good : Style::dim;
  const std::string word = !failure.empty() ? "failed " : matched ? "matched" : "no     ";
  const std::string name = printable(text_of(rule, "rule"));
  const bool other_event = !matched && path == "events";
  const std::string place = fmt::format("{}:{}", text_of(rule, "file"), number_of(rule, "line"));
  terminal.line(fmt::format(
      "  {}  {}{}  {}", terminal.styled(word, style),
      terminal.styled(name, matched ? Style::bold : Style::plain),
      std::string(name_width - display_width(name), ' '),
      terminal.styled(other_event ? "is for " + listed(text_of(rule, "expected")) : place,
                      Style::dim)));
  if (const std::string stop = text_of(rule, "stopped_by"); !stop.empty()) {
    terminal.line(fmt::format("           would match, but '{}' matched before it, and stops",
                              printable(stop)));
  } else if (!failure.empty()) {
    terminal.line("           " + printable(failure));
  } else if (!matched && !other_event) {
    terminal.line(fmt::format("           {} wants {}, saw {}", printable(path),
                              printable(text_of(rule, "expected")),
                              printable(text_of(rule, "actual"))));
  }
}

}  // namespace

void show_explanation(Terminal& terminal, const json::value& answer) {
  const std::string outcome = text_of(answer, "outcome");
  terminal.line(fmt::format("{}  {}", terminal.styled(text_of(answer, "event"), Style::bold),
                            terminal.styled(outcome, style_of_outcome(outcome))));
  const std::string then = text_of(answer, "ruleset_then");
  const std::string today = text_of(answer, "ruleset_now");
  if (!then.empty() && then != today) {
    terminal.line(terminal.styled("  decided by other rules than those below, which are today's",
                                  Style::warn));
  }
  const auto& rules = array_of(answer, "rules");
  if (rules.empty()) terminal.line("  there are no rules");
  std::size_t name_width = 0;
  for (const json::value& rule : rules) {
    name_width = std::max(name_width, display_width(printable(text_of(rule, "rule"))));
  }
  for (const json::value& rule : rules) show_rule(terminal, rule, name_width);
  for (const json::value& message : array_of(answer, "messages")) {
    terminal.line();
    show_message(terminal, message, fmt::format("  to {}", text_of(message, "recipient")));
  }
}

}  // namespace signalbox
