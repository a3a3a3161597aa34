// The metrics of a process that has no sockets: counters that a test counts, gauges that it says.
#include "gateway/monitoring/metrics.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <map>
#include <regex>
#include <set>
#include <sstream>

#include "gateway/monitoring/metric_row.hpp"
#include "gateway/telemetry/api_counters.hpp"
#include "gateway/telemetry/archive_counters.hpp"
#include "gateway/telemetry/connection_counters.hpp"
#include "gateway/telemetry/hook_counters.hpp"
#include "gateway/telemetry/message_counters.hpp"
#include "gateway/telemetry/redis_counters.hpp"
#include "tests/documents.hpp"

namespace signalbox {
namespace {

std::string rules_text(std::size_t count) {
  std::string text = "owner: Payments\nrules:\n";
  for (std::size_t i = 0; i < count; ++i) {
    text += fmt::format(
        "  - {{name: rule-{}, events: [github.push], send: [{{to: reviewer, kind: note, summary: "
        "pushed}}]}}\n",
        i);
  }
  return text;
}

std::shared_ptr<Config> config_of(std::size_t rules) {
  auto config = std::make_shared<Config>();
  config->threads = 2;
  for (const char* name : {"github", "forge"}) {
    SourceConfig& source = config->sources.emplace_back();
    source.name = name;
    source.connector = find_connector("github");
    source.secrets.push_back({"a-webhook-secret-of-32-characters", "env NAME"});
  }
  AgentConfig& agent = config->agents.emplace_back();
  agent.name = "reviewer";
  Token& token = agent.tokens.emplace_back();
  token.origin = "env REVIEWER_TOKEN";
  token.expires = Time{Milliseconds{2'500}};
  const std::vector<RuleFile> files{{"rules.yaml", rules_text(rules)}};
  const LoadedRules loaded = RuleSet::load(files, recipients_of(*config), "acme");
  for (const Diagnostic& diagnostic : loaded.diagnostics) UNSCOPED_INFO(to_string(diagnostic));
  REQUIRE(loaded.rules != nullptr);
  config->rules = loaded.rules;
  return config;
}

// The exposition text as it is read: `name{label="value"}` -> value.
struct Exposition {
  explicit Exposition(const std::string& text) {
    std::istringstream lines{text};
    const std::regex help{"# HELP (\\S+) (.*)"};
    const std::regex type{"# TYPE (\\S+) (\\w+)"};
    std::smatch match;
    for (std::string line; std::getline(lines, line);) {
      if (std::regex_match(line, match, help)) {
        helps[match[1]] = match[2];
      } else if (std::regex_match(line, match, type)) {
        CHECK(types.emplace(match[1], match[2]).second);
      } else {
        const std::size_t space = line.rfind(' ');
        REQUIRE(space != std::string::npos);
        CHECK(series.emplace(line.substr(0, space), std::stod(line.substr(space + 1))).second);
      }
    }
  }
  double at(const std::string& name) const {
    INFO(name);
    REQUIRE(series.count(name) == 1);
    return series.at(name);
  }

  std::map<std::string, std::string> helps;
  std::map<std::string, std::string> types;
  std::map<std::string, double> series;
};

struct Process {
  explicit Process(std::size_t rules = 2) : config{config_of(rules)}, runtime{config} {
    gauges.ready = [] { return true; };
    gauges.log_lines_dropped = [] { return 11; };
    gauges.connections = [](Listener listener) {
      return listener == Listener::hooks ? ConnectionNumbers{21, 22, 23}
                                         : ConnectionNumbers{31, 32, 33};
    };
    gauges.mailboxes = [this] { return mailboxes; };
    gauges.redis_restarts = [] { return 12; };
    gauges.store_rewinds = [] { return 13; };
    gauges.reloads = [this] { return reloads; };
    gauges.generations = [] { return 13; };
    gauges.audit = [] { return AuditLog::Numbers{61, 62, "", ""}; };
    gauges.spool = [] { return SpoolNumbers{41, 42, 43, 44, 45}; };
    gauges.archive_events = [] { return 51; };
    gauges.archive_bytes = [] { return 52; };
    gauges.archive_taken_out = [] { return 53; };
    gauges.archive_bytes_taken_out = [] { return 54; };
  }
  Exposition scrape() const {
    const std::vector<const ThreadCounters*> counters{&threads[0], &threads[1]};
    return Exposition{metrics_text(runtime, counters, gauges)};
  }

  std::shared_ptr<Config> config;
  Runtime runtime;
  std::array<ThreadCounters, 2> threads;
  std::vector<MailboxState> mailboxes;
  Reloader::Status reloads;
  Gauges gauges;
};

std::string_view name_of(MetricType type) {
  switch (type) {
    case MetricType::counter:
      return "counter";
    case MetricType::histogram:
      return "histogram";
    case MetricType::gauge:
      break;
  }
  return "gauge";
}

std::string metrics_markdown() {
  std::string text = "| metric | labels | counts |\n| --- | --- | --- |\n";
  for (const MetricRow& row : all_metrics()) {
    std::string labels;
    for (const std::string_view label : row.labels) {
      labels.append(labels.empty() ? "`" : ", `").append(label).append("`");
    }
    text += fmt::format("| `{}` | {} | {}{} |\n", row.name, labels, row.help,
                        row.type == MetricType::histogram ? " (histogram)" : "");
  }
  return text;
}

}  // namespace

TEST_CASE("the metrics in docs/OPERATIONS.md are those of the table", "[docs]") {
  test::check_section("docs/OPERATIONS.md", "metrics", "\n" + metrics_markdown() + "\n");
}

TEST_CASE("the reasons in docs/OPERATIONS.md are those of the table, in its order") {
  const std::string document = test::read_document("docs/OPERATIONS.md");
  std::size_t at = document.find("\n| reason | told to the sender as |");
  REQUIRE(at != std::string::npos);
  at = document.find('\n', document.find("| --- |", at)) + 1;
  for (const ReasonRow& row : all_reasons()) {
    const std::string told =
        row.public_name == row.name ? "" : fmt::format("`{}`", row.public_name);
    const std::string_view level = row.severity == Severity::info      ? "info"
                                   : row.severity == Severity::warning ? "warning"
                                                                       : "error";
    const std::string wanted = fmt::format("| `{}` | {} | {} | {} | {} | ", row.name, told,
                                           row.http_status, row.retryable ? "yes" : "", level);
    CHECK(document.substr(at, wanted.size()) == wanted);
    at = document.find('\n', at) + 1;
  }
  CHECK(document[at] == '\n');  // there are no others
}

// https://prometheus.io/docs/practices/naming/
TEST_CASE("metrics have names, helps and labels as Prometheus wants them") {
  std::set<std::string_view> names;
  for (const MetricRow& row : all_metrics()) {
    INFO(row.name);
    CHECK(names.insert(row.name).second);
    CHECK(std::regex_match(std::string{row.name}, std::regex{"(signalbox|process)_[a-z_]+"}));
    CHECK(row.name.ends_with("_total") == (row.type == MetricType::counter));
    if (row.type == MetricType::histogram) CHECK(row.name.ends_with("_seconds"));
    CHECK(std::isupper(static_cast<unsigned char>(row.help.front())) + std::isdigit(row.help[0]));
    CHECK(row.help.ends_with('.'));
    CHECK(row.help.find('|') == std::string_view::npos);  // a cell of a table
    for (const std::string_view label : row.labels) {
      CHECK(std::regex_match(std::string{label}, std::regex{"[a-z]+"}));
    }
  }
}

TEST_CASE("each row appears with its type, its help and its labels, and nothing else does") {
  Process process;
  process.mailboxes.push_back({"reviewer", {1, 2, 3, 4}, std::nullopt});
  const Exposition text = process.scrape();
  CHECK(text.types.size() == all_metrics().size());
  const std::regex label{"([a-z]+)=\""};
  std::set<std::string> seen;
  for (const auto& [name, value] : text.series) {
    const std::string family =
        std::regex_replace(name, std::regex{"(_bucket|_sum|_count)?(\\{.*)?$"}, "",
                           std::regex_constants::format_first_only);
    std::string labels;
    for (std::sregex_iterator at{name.begin(), name.end(), label}; at != std::sregex_iterator{};
         ++at) {
      if ((*at)[1] != "le") labels += "," + (*at)[1].str();
    }
    seen.insert(family + labels);
  }
  std::set<std::string> rows;
  for (const MetricRow& row : all_metrics()) {
    const std::string name{row.name};
    INFO(name);
    REQUIRE(text.types.count(name) == 1);
    CHECK(text.types.at(name) == name_of(row.type));
    CHECK(text.helps.at(name) == row.help);
    // Without TLS there is no certificate.
    if (name == "signalbox_tls_certificate_expiry_timestamp_seconds") continue;
    std::string labels;
    for (const std::string_view each : row.labels) labels.append(",").append(each);
    rows.insert(name + labels);
  }
  CHECK(seen == rows);
}

TEST_CASE("a counter is the sum over all threads") {
  Process process;
  process.threads[0].api.requests.add(3);
  process.threads[1].api.requests.add(4);
  process.threads[1].hooks.rules_matched.add(5);
  process.threads[0].hooks.rules_failed.add(6);
  process.threads[0].archive.archived.add(7);
  process.threads[1].archive.not_archived.add(8);
  process.threads[0].redis.connects.add(9);
  process.threads[1].redis.losses.add(10);
  process.threads[0].connections.hooks.add(11);
  process.threads[0].connections.api.add(12);
  process.threads[0].connections.tls_handshakes.add(13);
  process.threads[1].connections.tls_handshakes_failed.add(14);
  process.threads[0].connections.buffered_bytes = 15;
  process.threads[1].connections.buffered_bytes = 16;
  process.threads[1].connections.waiters = 17;
  const Exposition text = process.scrape();
  CHECK(text.at("signalbox_api_requests_total") == 7);
  CHECK(text.at("signalbox_rules_matched_total") == 5);
  CHECK(text.at("signalbox_rules_failed_total") == 6);
  CHECK(text.at("signalbox_bodies_archived_total") == 7);
  CHECK(text.at("signalbox_bodies_not_archived_total") == 8);
  CHECK(text.at("signalbox_redis_connects_total") == 9);
  CHECK(text.at("signalbox_redis_losses_total") == 10);
  CHECK(text.at("signalbox_connections_accepted_total{listener=\"hooks\"}") == 11);
  CHECK(text.at("signalbox_connections_accepted_total{listener=\"api\"}") == 12);
  CHECK(text.at("signalbox_tls_handshakes_total{result=\"done\"}") == 13);
  CHECK(text.at("signalbox_tls_handshakes_total{result=\"failed\"}") == 14);
  CHECK(text.at("signalbox_buffered_bytes") == 31);
  CHECK(text.at("signalbox_waiters") == 17);
}

TEST_CASE("deliveries are counted by source, by how they ended and by why they were refused") {
  Process process;
  const auto seat = [&](std::size_t thread, std::size_t source) -> SourceCounters& {
    return *process.runtime.seat(thread, source).counters;
  };
  const auto at = [](auto value) { return static_cast<std::size_t>(value); };
  seat(0, 0).received.add(1);
  seat(1, 0).received.add(2);
  seat(0, 1).received.add(4);
  seat(1, 1).received_bytes.add(100);
  seat(0, 0).verified.add(5);
  seat(0, 0).by_status[at(DeliveryStatus::accepted)].add(6);
  seat(0, 0).by_status[at(DeliveryStatus::deferred)].add(7);
  seat(1, 1).by_status[at(DeliveryStatus::duplicate)].add(8);
  seat(1, 1).refused[at(Reason::signature_invalid)].add(9);
  process.threads[0].hooks.refused[at(Reason::unknown_source)].add(10);
  process.threads[1].api.refused[at(Reason::token_missing)].add(11);
  process.threads[1].messages.add(MessageKind::note);
  process.threads[0].messages.add(MessageKind::event);
  const Exposition text = process.scrape();
  CHECK(text.at("signalbox_deliveries_received_total{source=\"github\"}") == 3);
  CHECK(text.at("signalbox_deliveries_received_total{source=\"forge\"}") == 4);
  CHECK(text.at("signalbox_deliveries_received_bytes_total{source=\"forge\"}") == 100);
  CHECK(text.at("signalbox_deliveries_verified_total{source=\"github\"}") == 5);
  const std::string ended = "signalbox_deliveries_total{source=";
  CHECK(text.at(ended + "\"github\",status=\"accepted\"}") == 6);
  CHECK(text.at(ended + "\"github\",status=\"deferred\"}") == 7);
  CHECK(text.at(ended + "\"forge\",status=\"duplicate\"}") == 8);
  CHECK(text.at(ended + "\"forge\",status=\"no_match\"}") == 0);
  CHECK(text.at(ended + "\"forge\",status=\"dropped\"}") == 0);
  const std::string refused = "signalbox_deliveries_refused_total{source=";
  CHECK(text.at(refused + "\"forge\",reason=\"signature_invalid\"}") == 9);
  CHECK(text.at(refused + "\"\",reason=\"unknown_source\"}") == 10);
  CHECK(text.at("signalbox_api_refused_total{reason=\"token_missing\"}") == 11);
  CHECK(text.at("signalbox_messages_total{kind=\"note\"}") == 1);
  CHECK(text.at("signalbox_messages_total{kind=\"event\"}") == 1);
  CHECK(text.at("signalbox_messages_total{kind=\"assign\"}") == 0);
}

TEST_CASE("label values are those of the configuration and of closed lists, counted or not") {
  const auto values_of = [](const Exposition& text, const std::string& label) {
    std::set<std::string> values;
    const std::regex pattern{"[{,]" + label + "=\"([^\"]*)\""};
    for (const auto& [name, value] : text.series) {
      std::smatch match;
      if (std::regex_search(name, match, pattern)) values.insert(match[1]);
    }
    return values;
  };
  const Exposition text = Process{}.scrape();
  CHECK(values_of(text, "source") == std::set<std::string>{"", "github", "forge"});
  CHECK(values_of(text, "rule") == std::set<std::string>{"rule-0", "rule-1"});
  CHECK(values_of(text, "owner") == std::set<std::string>{"Payments"});
  CHECK(values_of(text, "listener") == std::set<std::string>{"hooks", "api"});
  CHECK(values_of(text, "stage") == std::set<std::string>{"verify", "decide", "store", "total"});
  CHECK(values_of(text, "status") == std::set<std::string>{"accepted", "no_match", "dropped",
                                                           "partly_dropped", "duplicate",
                                                           "deferred"});
  CHECK(values_of(text, "reason").size() == reason_count);
  CHECK(values_of(text, "kind").size() == message_kind_count);
  CHECK(values_of(text, "result") ==
        std::set<std::string>{"done", "failed", "success", "failure", "written", "lost"});
  CHECK(values_of(text, "role") == std::set<std::string>{"agent"});
  CHECK(values_of(text, "principal") == std::set<std::string>{"reviewer"});
  CHECK(values_of(text, "outcome") == std::set<std::string>{"success", "refused", "failed"});
  CHECK(values_of(text, "token") == std::set<std::string>{"env REVIEWER_TOKEN"});
  CHECK(values_of(text, "agent").empty());  // nobody has looked into the mailboxes yet
}

TEST_CASE("a histogram is cumulative over its buckets and over the threads") {
  using std::chrono::microseconds;
  Process process;
  auto& first = process.threads[0].hooks.stages[static_cast<std::size_t>(Stage::decide)];
  auto& second = process.threads[1].hooks.stages[static_cast<std::size_t>(Stage::decide)];
  first.observe(microseconds{10});
  second.observe(microseconds{20});
  second.observe(std::chrono::seconds{20});
  process.threads[1].redis.round_trip.observe(microseconds{500'000});
  const Exposition text = process.scrape();
  const std::string decide = "signalbox_stage_duration_seconds_";
  CHECK(text.at(decide + "bucket{stage=\"decide\",le=\"1e-05\"}") == 1);
  CHECK(text.at(decide + "bucket{stage=\"decide\",le=\"2.5e-05\"}") == 2);
  CHECK(text.at(decide + "bucket{stage=\"decide\",le=\"10\"}") == 2);
  CHECK(text.at(decide + "bucket{stage=\"decide\",le=\"+Inf\"}") == 3);
  CHECK(text.at(decide + "count{stage=\"decide\"}") == 3);
  CHECK(text.at(decide + "sum{stage=\"decide\"}") == Approx(20.00003));
  CHECK(text.at(decide + "count{stage=\"verify\"}") == 0);
  CHECK(text.at("signalbox_redis_round_trip_seconds_bucket{le=\"0.25\"}") == 0);
  CHECK(text.at("signalbox_redis_round_trip_seconds_bucket{le=\"0.5\"}") == 1);
}

TEST_CASE("what is so now is read at each scrape") {
  Process process;
  process.reloads.succeeded = 3;
  process.reloads.failed = 4;
  process.reloads.loaded = Time{Milliseconds{1'500}};
  process.config->set_aside.push_back({"rules/pay.yaml", "", "broken"});
  const Exposition text = process.scrape();
  CHECK(text.at("signalbox_ready") == 1);
  CHECK(text.at("signalbox_log_lines_dropped_total") == 11);
  CHECK(text.at("signalbox_redis_restarts_total") == 12);
  CHECK(text.at("signalbox_store_rewound_total") == 13);
  CHECK(text.at("signalbox_config_generations") == 13);
  CHECK(text.at("signalbox_open_connections{listener=\"hooks\"}") == 21);
  CHECK(text.at("signalbox_connections_refused_total{listener=\"hooks\",limit=\"all\"}") == 22);
  CHECK(text.at("signalbox_connections_refused_total{listener=\"hooks\",limit=\"address\"}") == 23);
  CHECK(text.at("signalbox_open_connections{listener=\"api\"}") == 31);
  CHECK(text.at("signalbox_connections_refused_total{listener=\"api\",limit=\"all\"}") == 32);
  CHECK(text.at("signalbox_spool_entries") == 41);
  CHECK(text.at("signalbox_spool_bytes") == 42);
  CHECK(text.at("signalbox_spool_appended_total") == 43);
  CHECK(text.at("signalbox_spool_replayed_total") == 44);
  CHECK(text.at("signalbox_spool_refused_total") == 45);
  CHECK(text.at("signalbox_audit_records_total{result=\"written\"}") == 61);
  CHECK(text.at("signalbox_audit_records_total{result=\"lost\"}") == 62);
  CHECK(text.at("signalbox_archive_events") == 51);
  CHECK(text.at("signalbox_archive_bytes") == 52);
  CHECK(text.at("signalbox_archive_evicted_total") == 53);
  CHECK(text.at("signalbox_archive_evicted_bytes_total") == 54);
  CHECK(text.at("signalbox_config_reloads_total{result=\"success\"}") == 3);
  CHECK(text.at("signalbox_config_reloads_total{result=\"failure\"}") == 4);
  CHECK(text.at("signalbox_config_last_reload_successful") == 1);
  CHECK(text.at("signalbox_config_last_reload_success_timestamp_seconds") == 1.5);
  CHECK(text.at("signalbox_rule_files_set_aside") == 1);
  CHECK(text.at("signalbox_rules_loaded") == 2);
  CHECK(text.at("signalbox_rules_branches") == 2);
  process.reloads.failure = "rules.yaml:1:1: broken";
  process.gauges.ready = [] { return false; };
  const Exposition later = process.scrape();
  CHECK(later.at("signalbox_config_last_reload_successful") == 0);
  CHECK(later.at("signalbox_ready") == 0);
}

TEST_CASE("calls are counted by who made them, and tokens say when they end") {
  Process process;
  process.runtime.principals.parties()[0].calls->add(CallOutcome::failed);
  const Exposition text = process.scrape();
  const auto calls = [&](const std::string& outcome) {
    return text.at("signalbox_api_calls_total{role=\"agent\",principal=\"reviewer\",outcome=\"" +
                   outcome + "\"}");
  };
  CHECK(calls("failed") == 1);
  CHECK(calls("success") == 0);
  CHECK(text.at("signalbox_token_expiry_timestamp_seconds{role=\"agent\",principal=\"reviewer\","
                "token=\"env REVIEWER_TOKEN\"}") == 2.5);
}

TEST_CASE("a mailbox has its counts by state, and the age of its oldest message") {
  Process process;
  const Time now = SystemClock{}.now();
  process.mailboxes.push_back({"coder", {1, 2, 3, 4}, now - Milliseconds{90'000}});
  process.mailboxes.push_back({"reviewer", {}, std::nullopt});
  process.mailboxes.push_back({"ahead", {}, now + Milliseconds{90'000}});
  const Exposition text = process.scrape();
  const std::string counts = "signalbox_mailbox_messages{agent=\"coder\",state=";
  CHECK(text.at(counts + "\"ready\"}") == 1);
  CHECK(text.at(counts + "\"leased\"}") == 2);
  CHECK(text.at(counts + "\"waiting\"}") == 3);
  CHECK(text.at(counts + "\"dead\"}") == 4);
  const std::string age = "signalbox_mailbox_oldest_message_age_seconds{agent=";
  CHECK(text.at(age + "\"coder\"}") == Approx(90).margin(30));
  CHECK(text.at(age + "\"coder\"}") >= 90);
  CHECK(text.at(age + "\"reviewer\"}") == 0);
  CHECK(text.at(age + "\"ahead\"}") == 0);
}

TEST_CASE("rules have series of their own up to a limit, and are counted together behind it") {
  const std::size_t rules = GENERATE(std::size_t{500}, std::size_t{502});
  Process process{rules};
  const auto rule = [&](std::size_t i) -> RuleCounters& {
    return *process.runtime.find_rule(fmt::format("rule-{}", i));
  };
  rule(499).matched = 5;
  rule(499).failed = 6;
  rule(499).last_match_ms = 7'000;
  if (rules > 500) {
    rule(500).matched = 10;
    rule(501).matched = 20;
    rule(500).last_match_ms = 9'000;
    rule(501).last_match_ms = 8'000;
  }
  const Exposition text = process.scrape();
  const auto series = [](const std::string& metric, const std::string& name) {
    const bool others = name == "(others)";
    return fmt::format("signalbox_rule_{}{{rule=\"{}\",owner=\"{}\"}}", metric, name,
                       others ? "" : "Payments");
  };
  const std::string last = fmt::format("rule-{}", 499);
  CHECK(text.at(series("matches_total", last)) == 5);
  CHECK(text.at(series("failures_total", last)) == 6);
  CHECK(text.at(series("last_match_timestamp_seconds", last)) == 7);
  CHECK(text.series.count(series("matches_total", std::string{"rule-500"})) == 0);
  if (rules == 500) {
    CHECK(text.series.count(series("matches_total", "(others)")) == 0);
  } else {
    CHECK(text.at(series("matches_total", "(others)")) == 30);
    CHECK(text.at(series("failures_total", "(others)")) == 0);
    CHECK(text.at(series("last_match_timestamp_seconds", "(others)")) == 9);
  }
}

}  // namespace signalbox
