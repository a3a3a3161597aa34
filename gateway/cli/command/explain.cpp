// explain: why rules did or did not match: a stored event, asked of the server, or a body in a
// file, decided here by the same evaluation; and why a delivery was refused.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "coordination/record.hpp"
#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/screen/explanation.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/hooks/local_event.hpp"
#include "rules/source/known_names.hpp"

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
  bool all = false;  // rules for other events, too
};

json::array to_json(const std::vector<FailedWay>& ways) {
  json::array list;
  for (const FailedWay& way : ways) {
    list.push_back(json::object{{"line", way.line},
                                {"passed", way.passed},
                                {"failed_path", way.path},
                                {"expected", way.expected},
                                {"actual", way.actual}});
  }
  return list;
}

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
    if (why.condition_line > 0) rule["condition_line"] = why.condition_line;
  }
  if (!why.ways.empty()) rule["ways"] = to_json(why.ways);
  return rule;
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
  std::error_code ignored;
  if (options.subject != "-" && !std::filesystem::exists(options.subject, ignored)) {
    return fail(invocation,
                usage_failure(fmt::format("there is no file '{}'; an event's id begins with e_",
                                          options.subject),
                              "a delivery is named with --delivery; signalbox events"));
  }
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
                                                      known_names(options.rule, names))));
  }
  tell(invocation, answer, [&](Invocation& shown_by, const json::value& made) {
    show_explanation(shown_by.terminal, made, options.all);
  });
  return ExitCode::good;
}

struct EventQuestion {
  std::string event;  // id
  std::string rule;   // this one only; empty: all
  std::string agent;  // as whom; empty: an operator
  std::string space;
  bool all = false;
};

ExitCode explain_event(Invocation& invocation, const EventQuestion& question) {
  ApiCall call{.path = fmt::format("/v1/events/{}/explain", url_encode(question.event))};
  if (!question.rule.empty()) call.parameters = {{"rule", question.rule}};
  const auto answer = ask(invocation, as_either(question.agent, question.space), call);
  return show(invocation, answer, [&](Invocation& shown_by, const json::value& explanation) {
    show_explanation(shown_by.terminal, explanation, question.all);
  });
}

// A message is explained by the event that it follows from.
ExitCode explain_message(Invocation& invocation, const ExplainOptions& options) {
  const std::string id = options.subject.substr(0, options.subject.find('.'));
  ApiCall call{.path = "/v1/messages/" + url_encode(id)};
  call.about_mailbox = !options.agent.empty();
  const auto answer = ask(invocation, as_either(options.agent, options.space), call);
  if (!answer) return fail(invocation, answer.error());
  const std::string cause = text_of(answer->json, "causationid");
  if (!answer->good()) {
    invocation.terminal.advice(fmt::format("'{}' is a message, not an event", id));
    return refuse(invocation, *answer);
  }
  if (!cause.starts_with("e_")) {
    return fail(invocation, {ExitCode::refused,
                             fmt::format("message {} was sent by {}, not by a rule", id,
                                         text_of(answer->json, "sender")),
                             "signalbox message " + id});
  }
  invocation.terminal.advice(fmt::format("message {} follows from {}", id, cause));
  return explain_event(invocation,
                       {cause, options.rule, options.agent, options.space, options.all});
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

// A delivery that was taken is an event.
ExitCode explain_taken(Invocation& invocation, const ExplainOptions& options, bool refused_kept) {
  const auto found =
      ask(invocation, as_operator(options.space),
          {.path = "/v1/events", .parameters = {{"max", "1"}, {"delivery", options.delivery}}});
  if (found && found->good() && !array_of(found->json, "events").empty()) {
    const std::string event = text_of(array_of(found->json, "events").front(), "id");
    return explain_event(invocation, {event, options.rule, {}, options.space, options.all});
  }
  return fail(invocation,
              {ExitCode::refused,
               "no delivery of this id was taken lately, and none that was "
               "refused is kept",
               refused_kept ? "it never arrived, or has been pushed out by others"
                            : "refused deliveries are kept with hooks.keep_refused in the "
                              "configuration"});
}

ExitCode explain_delivery(Invocation& invocation, const ExplainOptions& options) {
  const auto answer = ask(invocation, as_operator(),
                          {.path = "/v1/refused", .parameters = {{"delivery", options.delivery}}});
  if (answer && answer->good() && array_of(answer->json, "refused").empty()) {
    return explain_taken(invocation, options, digits_of(answer->json, "keep") != "0");
  }
  return show(invocation, answer, [](Invocation& shown_by, const json::value& all) {
    for (const json::value& refused : array_of(all, "refused")) {
      show_refused(shown_by.terminal, refused);
    }
  });
}

ExitCode run_explain(Invocation& invocation, const ExplainOptions& options) {
  if (!options.delivery.empty()) return explain_delivery(invocation, options);
  if (options.subject.empty()) {
    return fail(invocation, usage_failure("needs an event, a file, or --delivery"));
  }
  std::error_code ignored;
  const bool id = options.subject.starts_with("e_") && options.type.empty() &&
                  !std::filesystem::exists(options.subject, ignored);
  if (id) {
    return explain_event(
        invocation, {options.subject, options.rule, options.agent, options.space, options.all});
  }
  const bool message = options.subject.starts_with("m_") && options.type.empty() &&
                       !std::filesystem::exists(options.subject, ignored);
  if (message) return explain_message(invocation, options);
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
                  .help = "A delivery by the provider's id; a refused one needs "
                          "hooks.keep_refused",
                  .into = into<&ExplainOptions::delivery>,
                  .excludes = "event"},
                 {.name = "--rule",
                  .value = {"RULE"},
                  .help = "This rule only",
                  .into = into<&ExplainOptions::rule>},
                 {.name = "--all",
                  .help = "Rules for other events, too",
                  .into = into<&ExplainOptions::all>},
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
