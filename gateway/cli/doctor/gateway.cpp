// The running gateway: is it ready, and do its rules and mailboxes fare well?
#include <fmt/format.h>

#include <ctime>

#include "gateway/cli/client/api_client.hpp"
#include "gateway/cli/doctor/report.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"
#include "gateway/config/address.hpp"

namespace signalbox {
namespace {

constexpr Milliseconds probe_timeout{5'000};
constexpr std::size_t mailboxes_max = 50;  // that are asked one by one
constexpr std::chrono::hours old_message{1};

// What checks say may be for operators only, so a token is shown where there is one.
CommandResult<HttpAnswer> probe(const std::string& url, const std::string& target,
                                const TlsTrust& trust, const std::string& token = {}) {
  const auto server = parse_base_url(url);
  if (!server) return server.error();
  HttpCall call;
  call.target = target;
  if (!token.empty()) call.headers.emplace_back("Authorization", "Bearer " + token);
  return http_call(*server, call, probe_timeout, trust);
}

// The time of a Date header (RFC 9110, section 5.6.7), which has whole seconds.
std::optional<Time> http_time(const std::string& text) {
  std::tm parts{};
  if (::strptime(text.c_str(), "%a, %d %b %Y %H:%M:%S GMT", &parts) == nullptr) {
    return std::nullopt;
  }
  return Time{std::chrono::seconds{::timegm(&parts)}};
}

// The lines of /readyz?verbose: "[+] redis: append-only file, …".
void examine_readiness(DoctorReport& report, const HttpAnswer& answer) {
  std::string_view text = answer.body;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t colon = line.find(": ");
    if (line.size() < 4 || line[0] != '[' || colon == std::string_view::npos) continue;
    const std::string check = fmt::format("gateway.{}", line.substr(4, colon - 4));
    const std::string found{line.substr(colon + 2)};
    if (found.starts_with("store_rewound")) {
      report.bad(check, found,
                 "find out what is missing (providers can redeliver); it is said until a restart");
    } else if (line[1] == '+') {
      report.good(check, found);
    } else if (line[1] == '!') {
      report.warning(check, found, "see the gateway's log; mend it, then: kill -HUP");
    } else {
      report.bad(check, found, "no webhook is accepted until this is mended; see its log");
    }
  }
}

bool examine_listeners(DoctorReport& report, const Caller& caller,
                       const std::shared_ptr<const Config>& config) {
  const auto ready = probe(caller.url, "/readyz?verbose", caller.trust, caller.token);
  if (!ready) {
    report.bad("gateway", ready.error().text, "signalbox serve; is it the address of api.listen?");
    return false;
  }
  if (ready->status != 200 && ready->status != 503) {
    report.bad("gateway", fmt::format("{} answered {}", caller.url, ready->status),
               "is that the address of a gateway's private listener (api.listen)?");
    return false;
  }
  if (ready->status == 200) {
    report.good("gateway", caller.url + " is ready");
  } else {
    report.bad("gateway", caller.url + " is not ready", "the lines below say why");
  }
  examine_readiness(report, *ready);
  if (const auto there = http_time(ready->date)) {
    examine_clock(report, "gateway.clock", "the gateway's clock", *there - SystemClock{}.now(),
                  std::chrono::seconds{1});
  }
  if (!config || config->hooks.listen.port == 0) return true;
  const std::string url = local_url(config->hooks.listen, config->hooks.tls.has_value());
  TlsTrust trust = caller.trust;  // for the certificate that is shown
  if (config->hooks.tls) {
    trust.file = config->hooks.tls->certificate;
    trust.pinned = true;
  }
  if (const auto hooks = probe(url, "/", trust); hooks) {
    report.good("gateway.hooks", url + " answers");
  } else {
    report.bad("gateway.hooks", hooks.error().text,
               "no webhook comes in: is hooks.listen what the gateway was started with?");
  }
  return true;
}

void examine_rules(DoctorReport& report, const ApiClient& client, const Config* config) {
  const auto answer = client.call({.path = "/v1/rules", .timeout = probe_timeout});
  if (!answer || !answer->good()) {
    report.warning("rules", answer ? describe_problem(*answer) : answer.error().text,
                   "rules and mailboxes are shown to operators: set SIGNALBOX_TOKEN to a token of "
                   "one");
    return;
  }
  const auto& rules = array_of(answer->json, "rules");
  std::string failing;
  for (const auto& rule : rules) {
    if (number_of(rule, "failed") == 0) continue;
    failing += (failing.empty() ? "" : ", ") + text_of(rule, "name");
  }
  if (rules.empty()) {
    report.warning("rules", "the gateway has no rules", "no event leads to a message without one");
  } else if (!failing.empty()) {
    report.warning("rules", "matched, and could not make their messages: " + failing,
                   "signalbox events --status dropped; signalbox explain <event>");
  } else {
    report.good("rules", fmt::format("{} loaded, none has failed", counted(rules.size(), "rule")));
  }
  if (config != nullptr && config->rules &&
      config->rules->digest() != text_of(answer->json, "digest")) {
    report.warning("rules.loaded", "the gateway runs other rules than the files have now",
                   "signalbox check, then: kill -HUP; is it the same configuration?");
  }
}

void examine_mailbox(DoctorReport& report, const ApiClient& client, const AgentConfig& agent,
                     const Config& config, Time now) {
  const std::string check = "mailbox." + agent.name;
  const auto answer = client.call({.path = "/v1/inbox",
                                   .parameters = {{"max", "1"}, {"agent", agent.name}},
                                   .timeout = probe_timeout});
  if (!answer || !answer->good()) {
    report.warning(check, answer ? describe_problem(*answer) : answer.error().text,
                   "does the gateway know this agent? signalbox doctor says more of its rules");
    return;
  }
  const auto number = [&](std::string_view key) {
    return static_cast<std::uint64_t>(number_of(answer->json, key));
  };
  const std::uint64_t held = number("ready") + number("leased") + number("waiting");
  std::string found = fmt::format("{} ready, {} leased, {} waiting, {} dead", number("ready"),
                                  number("leased"), number("waiting"), number("dead"));
  const auto& messages = array_of(answer->json, "messages");
  const std::string since =
      messages.empty() ? "" : text_of(member_of(messages.front(), "message"), "time");
  if (!since.empty()) found += fmt::format("; the oldest is {} old", age_of(since, now));
  const auto oldest = parse_time(since);
  if (held > config.mailbox_max / 10 * 9) {
    report.bad(check, found,
               fmt::format("nearly full: who reads it? signalbox inbox --agent {}", agent.name));
  } else if (number("dead") > 0) {
    report.warning(check, found,
                   fmt::format("signalbox dead --agent {}; once the cause is mended: signalbox "
                               "redrive --agent {}",
                               agent.name, agent.name));
  } else if (oldest && now - *oldest > old_message) {
    report.warning(check, found,
                   fmt::format("does its agent run? signalbox inbox --agent {}", agent.name));
  } else {
    report.good(check, found);
  }
}

}  // namespace

void examine_gateway(DoctorReport& report, Invocation& invocation, const Installation& installation,
                     const std::shared_ptr<const Config>& config) {
  const auto caller = find_caller(installation, invocation.common, Role::operator_, {});
  if (!caller) {
    report.bad("gateway", caller.error().text,
               caller.error().hint.empty() ? "see above" : caller.error().hint);
    return;
  }
  if (!examine_listeners(report, *caller, config)) {
    if (config) examine_ports(report, *config);
    return;
  }
  const ApiClient client{*caller};
  examine_rules(report, client, config.get());
  if (!config) return;
  for (std::size_t i = 0; i < std::min(config->agents.size(), mailboxes_max); ++i) {
    examine_mailbox(report, client, config->agents[i], *config, invocation.now);
  }
}

}  // namespace signalbox
