// sample: a webhook as a provider would send it, printed, or signed with a source's own secret and
// posted to the gateway: so that a newcomer sees a message in a minute without a provider.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <random>
#include <set>

#include "connectors/samples/samples.hpp"
#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/client/post_target.hpp"
#include "gateway/cli/contract/json_edit.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"
#include "gateway/hooks/local_event.hpp"
#include "rules/source/known_names.hpp"

namespace signalbox {
namespace {

struct SampleOptions {
  std::string connector;
  std::string type;
  std::string post;  // source
  std::string hooks_url;
  std::string secret_file;
  std::string delivery;
  std::string body;               // a file, or - for standard input; empty: a sample
  std::vector<std::string> sets;  // "issue.title=Broken"
  std::optional<std::uint64_t> seed;
  bool list = false;
};

// The form is that of GitHub's delivery ids.
std::string random_guid() {
  const std::string hex = to_hex(sha256(random_text(32)));
  return fmt::format("{}-{}-{}-{}-{}", hex.substr(0, 8), hex.substr(8, 4), hex.substr(12, 4),
                     hex.substr(16, 4), hex.substr(20, 12));
}

// A body posted twice is a duplicate, so each post without --seed makes another one.
std::uint64_t seed_of(const SampleOptions& options) {
  if (options.seed || options.post.empty()) return options.seed.value_or(1);
  std::random_device random;
  return random();
}

ExitCode list_samples(Invocation& invocation, const std::string& only_connector) {
  boost::json::array types;
  for (const Connector* connector : all_connectors()) {
    if (!only_connector.empty() && connector->name != only_connector) continue;
    for (const std::string_view type : sample_types(connector->name)) {
      types.emplace_back(json_text(type));
    }
  }
  const boost::json::object made{{"types", std::move(types)}};
  tell(invocation, made, [](Invocation& shown_by, const boost::json::value& listed) {
    for (const auto& type : array_of(listed, "types")) shown_by.terminal.line(shown(type));
  });
  return ExitCode::good;
}

CommandResult<std::string> sample_body(const SampleOptions& options) {
  if (!options.body.empty()) {
    auto own = read_body(options.body);
    if (!own) return usage_failure(own.error().detail);
    if (find_connector(options.connector) == nullptr) {
      return usage_failure(fmt::format("unknown connector '{}'{}", options.connector,
                                       known_connectors(options.connector)));
    }
    return *std::move(own);
  }
  // A gateway refuses a signed time that is not of now; what is only printed stays the same.
  const auto sent = options.post.empty() ? std::nullopt : std::optional{SystemClock{}.now()};
  const auto sample = make_sample(options.connector, options.type, seed_of(options), sent);
  if (sample) return sample->body;
  if (find_connector(options.connector) == nullptr) {
    return usage_failure(fmt::format("unknown connector '{}'{}", options.connector,
                                     known_connectors(options.connector)));
  }
  std::vector<std::string_view> types;
  const std::string prefix = options.connector + ".";
  for (std::string_view type : sample_types(options.connector)) {
    types.push_back(type.substr(prefix.size()));
  }
  return usage_failure(fmt::format("no sample of {}{}", full_type(options.connector, options.type),
                                   known_names(options.type, types)),
                       fmt::format("signalbox sample {} --list", options.connector));
}

// The sample, or the body that was named, with what is set in it.
CommandResult<std::string> make_body(const SampleOptions& options) {
  auto body = sample_body(options);
  for (const std::string& assignment : options.sets) {
    if (body) body = set_value(*body, assignment);
  }
  return body;
}

void hint_next(Terminal& terminal, const boost::json::value& answer, const Config* config) {
  std::set<std::string> mailboxes;
  for (const auto& name : array_of(answer, "rules")) {
    if (config == nullptr || !config->rules || !name.is_string()) break;
    for (const RuleInfo& rule : config->rules->rules()) {
      if (rule.name != name.as_string()) continue;
      mailboxes.insert(rule.recipients.begin(), rule.recipients.end());
    }
  }
  for (const std::string& mailbox : mailboxes) {
    terminal.hint(fmt::format("signalbox inbox --agent {}", mailbox));
  }
  terminal.hint(fmt::format("signalbox explain {}", text_of(answer, "event")));
}

void show_delivery(Terminal& terminal, const boost::json::value& answer) {
  const std::string status = text_of(answer, "status");
  std::string head = terminal.styled(status, style_of_outcome(status)) + "  " +
                     terminal.styled(text_of(answer, "event"), Style::bold);
  if (const auto work = text_of(answer, "work"); !work.empty()) {
    head += "  " + terminal.styled(work, Style::name);
  }
  terminal.line(head);
  if (status == "duplicate") {
    terminal.field("outcome", text_of(answer, "outcome") + ", when it came first");
    return;
  }
  terminal.field("messages", std::to_string(number_of(answer, "messages")));
  if (const auto& rules = array_of(answer, "rules"); !rules.empty()) {
    terminal.field("rules", joined(rules));
  }
  for (const char* key : {"reason", "detail"}) {
    if (const auto text = text_of(answer, key); !text.empty()) terminal.field(key, text);
  }
}

ExitCode post(Invocation& invocation, const SampleOptions& options, const std::string& body) {
  const auto target = find_target(
      invocation, {options.connector, options.post, options.hooks_url, options.secret_file});
  if (!target) return fail(invocation, target.error());
  const auto server = parse_base_url(target->hooks_url);
  if (!server) return fail(invocation, server.error());
  const Connector& connector = *find_connector(options.connector);
  HttpCall call;
  call.method = "POST";
  call.target = "/hooks/" + url_encode(options.post);
  call.headers = connector.sign(full_type(options.connector, options.type),
                                options.delivery.empty() ? random_guid() : options.delivery, body,
                                target->secret);
  call.body = body;
  auto http = http_call(*server, call, call_timeout, target->trust);
  if (!http) return fail(invocation, http.error());
  ApiAnswer answer{http->status, std::move(http->body), {}};
  answer.json = parse_json_value(answer.text);
  return show(invocation, answer, [&](Invocation&, const boost::json::value& taken) {
    show_delivery(invocation.terminal, taken);
    invocation.terminal.line();
    hint_next(invocation.terminal, taken, target->config.get());
  });
}

ExitCode run_sample(Invocation& invocation, const SampleOptions& options) {
  if (options.list) return list_samples(invocation, options.connector);
  if (options.connector.empty() || options.type.empty()) {
    return fail(invocation, usage_failure("a sample needs a connector and a type, as: "
                                          "signalbox sample github pull_request.opened",
                                          "signalbox sample --list"));
  }
  const auto body = make_body(options);
  if (!body) return fail(invocation, body.error());
  if (!options.post.empty()) return post(invocation, options, *body);
  invocation.terminal.line(*body);
  return ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command sample;
constinit const Command sample{
    .name = "sample",
    .group = group::events,
    .summary = "Print a sample webhook, or sign and post one",
    .details =
        "With --post a message is there to be seen without a provider. --body takes a body of your "
        "own, and --set changes values in it: JSON where it reads as JSON, otherwise text.",
    .examples = {{{"signalbox sample github pull_request.opened --post github",
                   "as if GitHub had sent it"},
                  {"signalbox sample linear --list", "which ones there are"},
                  {"signalbox sample github issues.opened --set issue.labels[0].name=bug",
                   "the body with a label, for a rule's test"}}},
    .json = {{{.what = "the body, with or without `--json`"},
              {"--post", "the gateway's answer to the webhook, unchanged: [API.md](API.md)"},
              {"--list", R"(`{"types":[…]}`)"}}},
    .arguments = {{{.name = "connector",
                    .value = {"CONNECTOR", Offer::connectors},
                    .into = into<&SampleOptions::connector>,
                    .made_help = connectors_in_words},
                   {.name = "type",
                    .value = {"TYPE", Offer::sample_types},
                    .help = "As pull_request.opened",
                    .into = into<&SampleOptions::type>}}},
    .options = {{{.name = "--post",
                  .value = value::source,
                  .help = "Sign it with this source's secret and post it",
                  .into = into<&SampleOptions::post>},
                 {.name = "--hooks-url",
                  .value = {"URL"},
                  .help = "Public listener",
                  .into = into<&SampleOptions::hooks_url>},
                 {.name = "--secret-file",
                  .value = value::file,
                  .help = "File with the source's secret",
                  .into = into<&SampleOptions::secret_file>},
                 {.name = "--delivery",
                  .value = {"ID"},
                  .help = "Delivery id; default: a new one",
                  .into = into<&SampleOptions::delivery>},
                 {.name = "--body",
                  .value = value::file,
                  .help = "This body instead of a sample; - for standard input",
                  .into = into<&SampleOptions::body>},
                 {.name = "--set",
                  .value = {"PATH=VALUE"},
                  .help = "Change the body, as issue.labels[0].name=bug; may be repeated",
                  .into = into<&SampleOptions::sets>},
                 {.name = "--seed",
                  .value = {"N"},
                  .help = "Same seed, same body; --post takes a new one",
                  .into = into<&SampleOptions::seed>},
                 {.name = "--list",
                  .help = "List the types there are",
                  .into = into<&SampleOptions::list>}}},
    .action = action<run_sample>,
};

}  // namespace commands
}  // namespace signalbox
