// explain: why rules did or did not match: a stored event, asked of the server, or a body in a
// file, decided here by the same evaluation; and why a delivery was refused.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"
#include "gateway/hooks/local_event.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct ExplainOptions {
  std::string subject;  // event id, or a file with a body, or - for standard input
  std::string rule;
  std::string type;  // of a file's body
  std::string agent;
  std::string delivery;  // a refused one, instead of a subject
  std::string space;
};

json::object to_json(const RuleExplanation& why) {
  json::object rule{{"rule", why.rule},
                    {"file", why.file},
                    {"line", why.line},
                    {"matched", why.matched},
                    {"passed", why.passed}};
  if (!why.failure.empty()) rule["failure"] = why.failure;
  if (!why.stopped_by.empty()) {
    rule["stopped_by"] = why.stopped_by;
  } else if (!why.matched) {
    rule["failed_path"] = why.failed_path;
    rule["expected"] = why.expected;
    rule["actual"] = why.actual;
  }
  return rule;
}

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

void show_explanation(Invocation& invocation, const json::value& answer) {
  Terminal& terminal = invocation.terminal;
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

json::object explain_here(const RuleSet& rules, const Event& event, const std::string& only_rule) {
  const Decision decision = rules.decide(event);
  json::array messages;
  for (const OutgoingMessage& message : decision.messages) {
    if (only_rule.empty() || message.rule == only_rule) {
      messages.push_back(parse_json_value(message.json));
    }
  }
  json::array explanations;
  for (const RuleExplanation& why : rules.explain(event, only_rule)) {
    explanations.push_back(to_json(why));
  }
  const std::string_view outcome = to_string(outcome_of(decision));
  return {{"event", event.id},
          {"type", event.type},
          {"outcome", json::string_view{outcome.data(), outcome.size()}},
          {"ruleset_now", rules.digest()},
          {"rules", std::move(explanations)},
          {"messages", std::move(messages)}};
}

ExitCode explain_file(Invocation& invocation, const ExplainOptions& options) {
  if (options.type.empty()) {
    return fail(invocation,
                usage_failure("a file needs --type, as --type github.pull_request.opened",
                              "the event's name is not in the body"));
  }
  auto body = read_body(options.subject);
  if (!body) return fail(invocation, usage_failure(body.error().detail));
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  const auto config = installation->load({.need_secrets = false});
  if (!config) return fail(invocation, config.error());
  const auto local = LocalEvent::make(options.type, std::move(*body), "explain", invocation.now);
  if (!local) return fail(invocation, {ExitCode::refused, local.error().detail, {}});
  const json::object answer = explain_here(*(*config)->rules, (*local)->event(), options.rule);
  if (!options.rule.empty() && answer.at("rules").as_array().empty()) {
    std::vector<std::string_view> names;
    for (const RuleInfo& rule : (*config)->rules->rules()) names.push_back(rule.name);
    return fail(invocation, usage_failure(fmt::format("no rule '{}'{}", options.rule,
                                                      did_you_mean(options.rule, names))));
  }
  tell(invocation, answer, show_explanation);
  return ExitCode::good;
}

ExitCode explain_stored(Invocation& invocation, const ExplainOptions& options) {
  ApiCall call{.path = fmt::format("/v1/events/{}/explain", url_encode(options.subject))};
  if (!options.rule.empty()) call.parameters = {{"rule", options.rule}};
  const auto answer = ask(invocation, as_either(options.agent, options.space), call);
  return show(invocation, answer, show_explanation);
}

// The digits of a whole number; empty where there is none.
std::string digits_of(const json::value& object, std::string_view key) {
  const json::value& number = member_of(object, key);
  return number.is_int64() ? shown(number) : "";
}

void show_refused(Terminal& terminal, const json::value& refused) {
  terminal.line(terminal.styled("refused", Style::bad) + "  " +
                terminal.styled(text_of(refused, "reason"), Style::bold) + "  " +
                terminal.styled(text_of(refused, "source"), Style::name));
  terminal.field("received", text_of(refused, "received"));
  terminal.field("peer", text_of(refused, "peer"));
  terminal.field("bytes", digits_of(refused, "bytes"));
  if (const auto detail = text_of(refused, "detail"); !detail.empty()) {
    terminal.field("detail", detail);
  }
  const json::value& diagnosis = member_of(refused, "diagnosis");
  if (diagnosis.is_null()) return;
  if (const auto wrong = text_of(refused, "wrong"); !wrong.empty()) terminal.field("wrong", wrong);
  terminal.field("cause", text_of(diagnosis, "cause"));
  if (const auto origin = text_of(diagnosis, "origin"); !origin.empty()) {
    terminal.field("secret", fmt::format("{} ({})", digits_of(diagnosis, "secret"), origin));
  }
  terminal.field("because", text_of(diagnosis, "text"));
}

ExitCode explain_delivery(Invocation& invocation, const std::string& delivery) {
  const auto answer = ask(invocation, as_operator(),
                          {.path = "/v1/refused", .parameters = {{"delivery", delivery}}});
  const ExitCode code = show(invocation, answer, [](Invocation& shown_by, const json::value& all) {
    for (const json::value& refused : array_of(all, "refused")) {
      show_refused(shown_by.terminal, refused);
    }
  });
  if (code != ExitCode::good || !array_of(answer->json, "refused").empty()) return code;
  const bool off = digits_of(answer->json, "keep") == "0";
  return fail(invocation,
              {ExitCode::refused, "no refused delivery of this id is kept",
               off ? "refused deliveries are kept with hooks.keep_refused in the configuration"
                   : "it was taken, never arrived, or has been pushed out by others"});
}

ExitCode run_explain(Invocation& invocation, const ExplainOptions& options) {
  if (!options.delivery.empty()) return explain_delivery(invocation, options.delivery);
  if (options.subject.empty()) {
    return fail(invocation, usage_failure("needs an event, a file, or --delivery"));
  }
  std::error_code ignored;
  const bool id = options.subject.starts_with("e_") && options.type.empty() &&
                  !std::filesystem::exists(options.subject, ignored);
  if (id) return explain_stored(invocation, options);
  if (!options.agent.empty() || !options.space.empty()) {
    return fail(invocation,
                usage_failure("a file is explained here, with no gateway to ask: --agent and "
                              "--namespace are for events that are stored"));
  }
  return explain_file(invocation, options);
}

}  // namespace

namespace commands {

extern constinit const Command explain;
constinit const Command explain{
    .name = "explain",
    .group = group::events,
    .summary = "Which rules matched an event, and why the others did not",
    .details =
        "A stored event is explained by the server; a body in a file is decided here, by "
        "the same code and the configuration's rules. A refused delivery is looked up among "
        "those that the gateway keeps (hooks.keep_refused).",
    .examples = {{{"signalbox explain e_1cEI4ot2GmpiHFXjS", "by the rules of now"},
                  {"signalbox explain body.json --type github.issues.opened", "a file"},
                  {"signalbox explain --delivery 72d3162e-cc78-11e3-81ab-4c9367dc0958",
                   "why it was refused"}}},
    .json = {{{.what = answer_printed},
              {"FILE", "the same made here, with the `messages` that would be sent"}}},
    .arguments = {{{.name = "event",
                    .value = {"EVENT|FILE", Offer::files},
                    .help = "Event id, or a file with a body, or -",
                    .into = into<&ExplainOptions::subject>}}},
    .options = {{{.name = "--delivery",
                  .value = {"ID"},
                  .help = "A refused delivery, by the provider's id; needs hooks.keep_refused",
                  .into = into<&ExplainOptions::delivery>,
                  .excludes = "event"},
                 {.name = "--rule",
                  .value = {"RULE"},
                  .help = "This rule only",
                  .into = into<&ExplainOptions::rule>},
                 {.name = "--type",
                  .value = value::event_type,
                  .help = "Event type of a file's body",
                  .into = into<&ExplainOptions::type>},
                 asking_agent_option<&ExplainOptions::agent>(),
                 namespace_option<&ExplainOptions::space>("--agent")}},
    .action = action<run_explain>,
};

}  // namespace commands
}  // namespace signalbox
