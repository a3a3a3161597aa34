// inbox, receive, ack, nack, extend: an agent's mailbox.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/screen/view.hpp"
#include "rules/source/yaml_reader.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

std::string agent_flag(const std::string& agent) {
  return agent.empty() ? "" : fmt::format(" --agent {}", agent);
}

Failure wrong_duration(std::string_view flag) {
  return {ExitCode::usage, fmt::format("{} must be a duration like 30s or 5m", flag), {}};
}

Attempt<json::object> receive_body(const ReceiveOptions& options, Milliseconds& wait) {
  json::object body{{"max", std::max(options.max, 1U)}};
  if (!options.wait.empty()) {
    const auto parsed = parse_duration(options.wait);
    if (!parsed) return wrong_duration("--wait");
    wait = *parsed;
    body["wait"] = options.wait;
  }
  if (!options.visibility.empty()) {
    if (!parse_duration(options.visibility)) return wrong_duration("--visibility");
    body["visibility"] = options.visibility;
  }
  if (!options.max_bytes.empty()) {
    const auto bytes = parse_bytes(options.max_bytes);
    if (!bytes) return Failure{ExitCode::usage, "--max-bytes must be a size like 8192 or 8KiB", {}};
    body["max_bytes"] = *bytes;
  }
  return body;
}

void hint_after_receive(Terminal& terminal, const json::value& answer, const std::string& agent) {
  const auto& messages = array_of(answer, "messages");
  const json::value& first = messages.front();
  terminal.hint(fmt::format("signalbox ack {}{}", text_of(first, "receipt"), agent_flag(agent)));
  const std::string cause = text_of(member_of(first, "message"), "causationid");
  if (cause.starts_with("e_")) terminal.hint(fmt::format("signalbox explain {}", cause));
}

std::string_view done_word(std::string_view verb) noexcept {
  if (verb == "ack") return "acknowledged";
  return verb == "nack" ? "given back" : "extended";
}

}  // namespace

ExitCode run_inbox(Invocation& invocation, const InboxOptions& options) {
  const auto client = find_client(invocation, call_as_agent(options.agent));
  if (!client) return fail(invocation, client.error());
  const auto answer =
      client->get(client->mailbox_target(fmt::format("/v1/inbox?max={}", options.max)));
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  Terminal& terminal = invocation.terminal;
  if (invocation.common.json) {
    terminal.json(answer->text);
    return ExitCode::good;
  }
  show_inbox(terminal, answer->json, invocation.now);
  if (number_of(answer->json, "ready") > 0) {
    terminal.line();
    terminal.hint(fmt::format("signalbox receive{}", agent_flag(options.agent)));
  }
  return ExitCode::good;
}

ExitCode run_receive(Invocation& invocation, const ReceiveOptions& options) {
  if (options.follow) return run_follow(invocation, options);
  Milliseconds wait{0};
  const auto body = receive_body(options, wait);
  if (!body) return fail(invocation, body.error());
  const auto client = find_client(invocation, call_as_agent(options.agent));
  if (!client) return fail(invocation, client.error());
  const auto answer =
      client->post(client->mailbox_target("/v1/inbox/receive"), *body, call_timeout + wait);
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  Terminal& terminal = invocation.terminal;
  if (invocation.common.json) {
    terminal.json(answer->text);
    return ExitCode::good;
  }
  const auto remaining = number_of(answer->json, "remaining");
  if (array_of(answer->json, "messages").empty()) {
    terminal.line(remaining > 0 ? fmt::format("nothing to receive now; {} with a consumer or "
                                              "behind one",
                                              remaining)
                                : "nothing to receive");
    return ExitCode::good;
  }
  show_received(terminal, answer->json, invocation.now);
  if (const auto& digest = member_of(answer->json, "digest"); !digest.is_null()) {
    show_digest(terminal, digest);
  } else if (remaining > 0) {
    terminal.line(fmt::format("{} more", remaining));
  }
  hint_after_receive(terminal, answer->json, options.agent);
  return ExitCode::good;
}

ExitCode run_receipts(Invocation& invocation, const ReceiptOptions& options) {
  if (!options.visibility.empty() && !parse_duration(options.visibility)) {
    return fail(invocation, wrong_duration("--visibility"));
  }
  const auto client = find_client(invocation, call_as_agent(options.agent));
  if (!client) return fail(invocation, client.error());
  json::array receipts;
  for (const std::string& receipt : options.receipts) receipts.emplace_back(receipt);
  json::object body{{"receipts", std::move(receipts)}};
  if (!options.visibility.empty()) body["visibility"] = options.visibility;
  const auto answer = client->post(client->mailbox_target("/v1/inbox/" + options.verb), body);
  if (!answer) return fail(invocation, answer.error());
  Terminal& terminal = invocation.terminal;
  if (!invocation.common.json) {
    for (const json::value& receipt : array_of(answer->json, "done")) {
      terminal.line(fmt::format("{}  {}", terminal.styled(done_word(options.verb), Style::good),
                                printable(receipt.is_string() ? receipt.as_string().c_str() : "")));
    }
  }
  if (!answer->good()) {
    const ExitCode code = refuse(invocation, *answer);
    for (const json::value& receipt : array_of(answer->json, "expired")) {
      terminal.advice(
          fmt::format("  expired  {}", receipt.is_string() ? receipt.as_string().c_str() : ""));
    }
    return code;
  }
  if (invocation.common.json) terminal.json(answer->text);
  return ExitCode::good;
}

}  // namespace signalbox
