#include "gateway/cli/screen/explanation.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>

#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

// `["a","b"]` of an explanation -> "a, b"
std::string listed(const std::string& list) {
  const json::value parsed = parse_json_value(list);
  return parsed.is_array() ? joined(parsed.as_array()) : list;
}

bool is_for_other_events(const json::value& rule) {
  const json::value& matched = member_of(rule, "matched");
  return matched.is_bool() && !matched.as_bool() && text_of(rule, "failed_path") == "events";
}

// "pull_request.draft wants [false], saw true  (line 7)"
void show_condition(Terminal& terminal, const json::value& condition, std::string_view line_key) {
  const auto line = number_of(condition, line_key);
  terminal.line(fmt::format(
      "           {} wants {}, saw {}{}", printable(text_of(condition, "failed_path")),
      printable(text_of(condition, "expected")), printable(text_of(condition, "actual")),
      line > 0 ? terminal.styled(fmt::format("  (line {})", line), Style::dim) : std::string{}));
}

// The condition that failed; where several ways of `$or` did, that of each.
void show_conditions(Terminal& terminal, const json::value& rule) {
  const auto& ways = array_of(rule, "ways");
  if (ways.empty()) return show_condition(terminal, rule, "condition_line");
  terminal.line("           no way of $or holds:");
  for (const json::value& way : ways) show_condition(terminal, way, "line");
}

void show_rule(Terminal& terminal, const json::value& rule, std::size_t name_width) {
  const json::value& flag = member_of(rule, "matched");
  const bool matched = flag.is_bool() && flag.as_bool();
  const std::string failure = text_of(rule, "failure");
  const Style style = !failure.empty() ? Style::bad : matched ? Style::good : Style::dim;
  const std::string word = !failure.empty() ? "failed " : matched ? "matched" : "no     ";
  const std::string name = printable(text_of(rule, "rule"));
  const bool other_event = is_for_other_events(rule);
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
    show_conditions(terminal, rule);
  }
}

}  // namespace

void show_explanation(Terminal& terminal, const json::value& answer, bool all) {
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
  std::vector<const json::value*> shown;
  for (const json::value& rule : rules) {
    if (all || rules.size() == 1 || !is_for_other_events(rule)) shown.push_back(&rule);
  }
  std::size_t name_width = 0;
  for (const json::value* rule : shown)
    name_width = std::max(name_width, display_width(printable(text_of(*rule, "rule"))));
  for (const json::value* rule : shown) show_rule(terminal, *rule, name_width);
  if (const std::size_t others = rules.size() - shown.size(); others > 0) {
    terminal.line(terminal.styled(
        fmt::format("  {} {} for other events; --all shows {}", counted(others, "rule"),
                    others == 1 ? "is" : "are", others == 1 ? "it" : "them"),
        Style::dim));
  }
  for (const json::value& message : array_of(answer, "messages")) {
    terminal.line();
    show_message(terminal, message, fmt::format("  to {}", text_of(message, "recipient")));
  }
}

}  // namespace signalbox
