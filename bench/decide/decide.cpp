// From verified bytes to rendered messages: the parse of the connector, and the rules on top, for
// sets of rules as teams write them. The floor is simdjson's On-Demand reading seven fields.
#include <fmt/format.h>

#include <memory>

#include "bench/harness/floor.hpp"
#include "bench/harness/measure.hpp"
#include "bench/harness/payloads.hpp"
#include "connectors/connector.hpp"
#include "coordination/record.hpp"
#include "rules/rule_set.hpp"

namespace {

using namespace signalbox;
constexpr std::string_view secret = "a webhook secret of usual length";

// A repository, an action and a label or a number each; one rule in a hundred takes all events of
// the examples' repository, so that messages are rendered.
std::string rules_text(std::size_t count) {
  std::string text = "rules:\n";
  for (std::size_t i = 0; i < count; ++i) {
    const bool broad = i % 100 == 0;
    text += fmt::format("  - name: rule-{}\n", i);
    text += "    events: [github.pull_request, github.issues, github.push, github.check_run]\n";
    const std::string repository =
        broad ? R"([{wildcard: "*/*"}])" : fmt::format(R"(["acme/service-{}"])", i);
    text += fmt::format("    match: {{repository: {{full_name: {}}}", repository);
    if (i % 3 == 1) text += R"(, action: [{anything-but: [labeled, unlabeled]}])";
    if (i % 3 == 2) text += R"(, sender: {type: [User], login: [{suffix: "-dev"}]})";
    text += "}\n    send: [{to: reviewer, kind: event, summary: '${body.repository.full_name}'}]\n";
  }
  return text;
}

std::shared_ptr<const RuleSet> load_rules(std::size_t count) {
  const std::vector<RuleFile> files{{"rules.yaml", rules_text(count)}};
  Recipients recipients;
  recipients.agents.push_back("reviewer");
  auto loaded = RuleSet::load(files, recipients, "bench");
  if (!loaded.rules) throw std::runtime_error(to_string(loaded.diagnostics.front()));
  return loaded.rules;
}

// A verified request that can be parsed again and again.
class Delivered {
 public:
  Delivered(const bench::Payload& payload, std::size_t number) {
    const Connector& github = *find_connector("github");
    texts_ = github.sign(payload.type, fmt::format("delivery-{}", number), payload.body(),
                         std::string{secret});
    for (const auto& [name, value] : texts_) fields_.emplace_back(name, value);
    Unverified request;
    request.source = "github";
    request.headers = Headers{fields_};
    request.body = payload.body();
    SourceKeys keys;
    keys.connector = &github;
    if (keys.add(secret)) throw std::runtime_error("no secret of the connector");
    auto verified = verify(keys, request);
    if (!verified) throw std::runtime_error("a good signature was refused");
    verified_ = std::make_unique<Verified>(*verified);
  }
  const Verified& verified() const noexcept { return *verified_; }

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<Headers::Field> fields_;
  std::unique_ptr<Verified> verified_;
};

void run(int argc, char** argv) {
  const auto payloads = bench::load_payloads();
  std::vector<Delivered> deliveries;
  for (const bench::Payload& payload : payloads) {
    deliveries.emplace_back(payload, deliveries.size());
  }
  const Connector& github = *find_connector("github");
  ParseScratch scratch;
  simdjson::ondemand::parser parser;
  const auto parse = [&](std::uint64_t i) {
    auto event = github.parse(deliveries[i % deliveries.size()].verified(), scratch);
    if (!event) throw std::runtime_error("an example was refused");
    return std::move(*event);
  };
  std::vector<bench::Case> cases{
      {"floor: On-Demand, 7 fields",
       [&](std::uint64_t i) { bench::read_seven_fields(parser, payloads[i % payloads.size()]); }},
      {"parse", [&](std::uint64_t i) { bench::keep(parse(i)); }},
  };
  for (const std::size_t count : {1, 10, 100, 1000}) {
    const auto rules = load_rules(count);
    cases.push_back({fmt::format("parse + decide, {} rules", count),
                     [&, rules](std::uint64_t i) { bench::keep(rules->decide(parse(i))); }});
  }
  const auto rules = load_rules(1);
  const IngestTerms terms{std::chrono::hours{72}, std::chrono::hours{72}, std::chrono::hours{336},
                          100'000};
  cases.push_back(
      {"parse + decide, 1 rule + commit's plan", [&, rules](std::uint64_t i) {
         const Event event = parse(i);
         Decision decision = rules->decide(event);
         bench::keep(plan_ingest(event, decision, rules->digest(), terms, "attempt-of-16-ch", {}));
       }});
  bench::measure("decide", cases, bench::read_options(argc, argv, 5 * payloads.size()));
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc, argv);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "sb_bench_decide: {}\n", error.what());
    return 1;
  }
}
