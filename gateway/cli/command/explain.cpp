// explain: why rules did or did not match: a stored event, asked of the server, or a body in a
// file, decided here by the same evaluation.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <filesystem>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/screen/view.hpp"
#include "gateway/hooks/local_event.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

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
  const std::string_view outcome = decision.matched.empty()    ? "no_match"
                                   : decision.messages.empty() ? "dropped"
                                                               : "accepted";
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
                {ExitCode::usage, "a file needs --type, as --type github.pull_request.opened",
                 "the event's name is not in the body"});
  }
  auto body = read_body(options.subject);
  if (!body) return fail(invocation, {ExitCode::usage, body.error().detail, {}});
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
    return fail(invocation,
                {ExitCode::usage,
                 fmt::format("no rule '{}'{}", options.rule, did_you_mean(options.rule, names)),
                 {}});
  }
  if (invocation.common.json) {
    invocation.terminal.json(json::serialize(answer));
  } else {
    show_explanation(invocation.terminal, answer);
  }
  return ExitCode::good;
}

ExitCode explain_stored(Invocation& invocation, const ExplainOptions& options) {
  const auto client = find_client(invocation, call_as_either(options.agent, options.space));
  if (!client) return fail(invocation, client.error());
  std::string target = fmt::format("/v1/events/{}/explain", url_encode(options.subject));
  if (!options.rule.empty()) target += "?rule=" + url_encode(options.rule);
  const auto answer = client->get(target);
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  if (invocation.common.json) {
    invocation.terminal.json(answer->text);
  } else {
    show_explanation(invocation.terminal, answer->json);
  }
  return ExitCode::good;
}

}  // namespace

ExitCode run_explain(Invocation& invocation, const ExplainOptions& options) {
  if (!options.delivery.empty()) return run_explain_delivery(invocation, options.delivery);
  if (options.subject.empty()) {
    return fail(invocation, {ExitCode::usage, "needs an event, a file, or --delivery", {}});
  }
  std::error_code ignored;
  const bool id = options.subject.starts_with("e_") && options.type.empty() &&
                  !std::filesystem::exists(options.subject, ignored);
  if (id) return explain_stored(invocation, options);
  if (!options.agent.empty() || !options.space.empty()) {
    return fail(invocation, {ExitCode::usage,
                             "a file is explained here, with no gateway to ask: --agent and "
                             "--namespace are for events that are stored",
                             {}});
  }
  return explain_file(invocation, options);
}

}  // namespace signalbox
