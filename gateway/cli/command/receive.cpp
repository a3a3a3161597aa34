// receive: leases messages of a mailbox, at once, when they come, or (follow.cpp) as they come.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/command/follow.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"
#include "rules/source/yaml_reader.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

struct ReceiveOptions {
  std::string agent;
  std::optional<std::uint32_t> max;
  std::string wait;
  std::string visibility;
  std::string max_bytes;
  bool follow = false;
  bool acknowledge = false;
};

Failure wrong_duration(std::string_view flag) {
  return usage_failure(fmt::format("{} must be a duration like 30s or 5m", flag));
}

CommandResult<ApiCall> make_receive(const ReceiveOptions& options) {
  ApiCall call{.method = "POST", .path = "/v1/inbox/receive", .about_mailbox = true};
  json::object body{{"max", options.max.value_or(1)}};
  if (!options.wait.empty()) {
    const auto wait = parse_duration(options.wait);
    if (!wait) return wrong_duration("--wait");
    call.timeout += *wait;
    body["wait"] = options.wait;
  }
  if (!options.visibility.empty()) body["visibility"] = options.visibility;
  if (!options.max_bytes.empty()) {
    const auto bytes = parse_bytes(options.max_bytes);
    if (!bytes) return usage_failure("--max-bytes must be a size like 8192 or 8KiB");
    body["max_bytes"] = *bytes;
  }
  call.body = std::move(body);
  return call;
}

// What had no room within --max-bytes.
void show_digest(Terminal& terminal, const json::value& digest) {
  std::string kinds;
  if (const auto* counts = member_of(digest, "by_kind").if_object()) {
    for (const auto& [kind, count] : *counts) {
      kinds += fmt::format("{}{} {}", kinds.empty() ? ": " : ", ", shown(count),
                           std::string_view{kind.data(), kind.size()});
    }
  }
  terminal.line(fmt::format("{} more{}", number_of(digest, "count"), printable(kinds)));
}

void hint_after_receive(Terminal& terminal, const json::value& first, const std::string& agent) {
  terminal.hint(fmt::format("signalbox ack {}{}", text_of(first, "receipt"), agent_flag(agent)));
  const std::string cause = text_of(member_of(first, "message"), "causationid");
  if (cause.starts_with("e_")) terminal.hint(fmt::format("signalbox explain {}", cause));
}

void show_leased(Invocation& invocation, const json::value& answer, const std::string& agent) {
  Terminal& terminal = invocation.terminal;
  const auto remaining = number_of(answer, "remaining");
  const auto& messages = array_of(answer, "messages");
  if (messages.empty()) {
    terminal.line(remaining > 0 ? fmt::format("nothing to receive now; {} with a consumer or "
                                              "behind one",
                                              remaining)
                                : "nothing to receive");
    return;
  }
  show_received(terminal, answer, invocation.now);
  if (const auto& digest = member_of(answer, "digest"); !digest.is_null()) {
    show_digest(terminal, digest);
  } else if (remaining > 0) {
    terminal.line(fmt::format("{} more", remaining));
  }
  hint_after_receive(terminal, messages.front(), agent);
}

ExitCode run_receive(Invocation& invocation, const ReceiveOptions& options) {
  if (!options.visibility.empty() && !parse_duration(options.visibility)) {
    return fail(invocation, wrong_duration("--visibility"));
  }
  if (options.follow) {
    return follow(invocation,
                  {options.agent, options.max, options.visibility, options.acknowledge});
  }
  const auto call = make_receive(options);
  if (!call) return fail(invocation, call.error());
  const auto view = [&](Invocation&, const json::value& answer) {
    show_leased(invocation, answer, options.agent);
  };
  return show(invocation, ask(invocation, as_agent(options.agent), *call), view);
}

}  // namespace

namespace commands {

extern constinit const Command receive;
constinit const Command receive{
    .name = "receive",
    .group = group::mailboxes,
    .summary = "Lease messages; each comes with a receipt",
    .details =
        "Until the lease ends nobody else is given the message, nor a later one of its "
        "work. Finish it with `ack`, give it back with `nack`, keep it with `extend`.",
    .examples = {{{"signalbox receive --agent reviewer --wait 30s", "wait for one"},
                  {"signalbox receive --agent reviewer --max 10 --max-bytes 8KiB --json",
                   "as much as a reader has room for, the rest as a digest"},
                  {"signalbox receive --agent reviewer --follow --json",
                   "one line each, as they come"}}},
    .json = {{{.what = answer_printed},
              {"--follow",
               R"(one line for each message: `{"receipt":…,"deliveries":…,"message":…}`)"}}},
    .options =
        {{agent_option<&ReceiveOptions::agent>(),
          max_option<&ReceiveOptions::max>(
              "Messages, 1 to 100; default 1. With --follow: unfinished ones at a time; default 10",
              100),
          {.name = "--wait",
           .value = {"DURATION"},
           .help = "Wait for a message, up to 60s",
           .into = into<&ReceiveOptions::wait>},
          {.name = "--visibility",
           .value = {"DURATION"},
           .help = "How long the lease holds, as 5m",
           .into = into<&ReceiveOptions::visibility>},
          {.name = "--max-bytes",
           .value = {"SIZE"},
           .help = "Size of the answer, as 8KiB; what has no room is summarised",
           .into = into<&ReceiveOptions::max_bytes>},
          {.name = "--follow",
           .help = "Go on until Ctrl-C; what was not printed is given back",
           .into = into<&ReceiveOptions::follow>,
           .excludes = "--wait --max-bytes"},
          {.name = "--ack",
           .help = "With --follow: finish each once it is printed",
           .into = into<&ReceiveOptions::acknowledge>,
           .needs = "--follow"}}},
    .action = action<run_receive>,
};

}  // namespace commands
}  // namespace signalbox
