// check as a linter: its formats, and the rules that are shipped as examples.
#include <catch2/catch.hpp>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "tests/gateway/cli/run.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

constexpr std::string_view configuration =
    "site: acme\nredis: embedded\n"
    "sources: {github: {connector: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}]}}\n"
    "agents: {reviewer: {tokens: [{env: REVIEWER_TOKEN}]}}\n"
    "rules: ['rules/*.yaml']\n";

// A configuration with one file of rules.
struct Linted {
  Scratch scratch;
  std::string config = scratch.write("signalbox.yaml", configuration);
  std::string file;

  explicit Linted(const std::string& rules, const std::string& name = "rules/a.yaml")
      : file{scratch.write(name, rules)} {}

  Ran check(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), "check");
    if (std::ranges::find(arguments, "--config") == arguments.end())
      arguments.insert(arguments.end(), {"--config", config});
    return run(arguments, scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") + "\n" +
                                              std::string{test_environment}));
  }
};

const std::string untested =
    "rules:\n  - name: a\n    events: [github.pull_request.opend]\n"
    "    send: [{to: reviewer, kind: note}]\n";

}  // namespace

TEST_CASE("check warns of what is suspicious, and --strict makes that findings", "[cli][check]") {
  const Linted linted{untested};
  const Ran ran = linted.check({});
  CHECK(ran.status == 0);
  CHECK(ran.out == linted.file + ":2:11: warning: rule 'a' has no tests [untested-rule]\n" +
                       linted.file +
                       ":3:14: warning: github is not known to send 'github.pull_request.opend'; "
                       "did you mean 'opened'? [unknown-event]\n"
                       "0 errors, 2 warnings in 2 files\n");
  CHECK(linted.check({"--strict"}).status == 1);
  CHECK(linted.check({linted.file, "--strict"}).status == 1);
}

TEST_CASE("what is suspicious is said of rules beside one that does not load", "[cli][check]") {
  const Linted linted{untested + "  - {name: b, events: [github.push], send: []}\n"};
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{}, std::vector{linted.file}}) {
    const Ran ran = linted.check(arguments);
    CHECK(ran.status == 1);
    CHECK(ran.out.find("'send' has 1 to 32 entries [wrong-size]") != std::string::npos);
    CHECK(ran.out.find("rule 'a' has no tests [untested-rule]") != std::string::npos);
  }
}

TEST_CASE("check exits 1 for what is wrong in rules and 2 for the configuration", "[cli][check]") {
  const Linted wrong_rules{"rules:\n  - {name: a, events: [github.push], send: []}\n"};
  CHECK(wrong_rules.check({}).status == 1);
  CHECK(wrong_rules.check({wrong_rules.file}).status == 1);
  const Linted no_yaml{"rules:\n\t- {name: a}\n"};
  CHECK(no_yaml.check({}).status == 1);
  const Ran alone = no_yaml.check({no_yaml.file});
  CHECK(alone.status == 1);
  CHECK(alone.out.find(":2:1: error: a tab is no indentation: use blanks [yaml-syntax]") !=
        std::string::npos);
  const Linted fine{untested};
  const std::string broken =
      fine.scratch.write("broken.yaml", std::string{configuration} + "weight: 1\n");
  const Ran ran = fine.check({"--config", broken});
  CHECK(ran.status == 2);
  CHECK(ran.out.find("unknown key 'weight'") != std::string::npos);
  CHECK(fine.check({broken}).status == 2);
  CHECK(fine.check({"/no/such/file"}).status == 2);
  CHECK(fine.check({"--config", fine.scratch.path("none.yaml")}).status == 2);
}

TEST_CASE("a file that a rule's test names counts from the rule's file", "[cli][check]") {
  const Linted linted{
      "rules:\n  - name: a\n    events: [github.push]\n    send: [{to: reviewer, kind: note}]\n"
      "    tests: [{type: github.push, event: bodies/push.json, expect: []}]\n"};
  linted.scratch.write("bodies/push.json", "{}");
  CHECK(linted.check({}).out.find("there is no file 'bodies/push.json'") != std::string::npos);
  CHECK(linted.check({"--strict"}).status == 1);
  linted.scratch.write("rules/bodies/push.json", "{}");
  CHECK(linted.check({"--strict"}).status == 0);
}

TEST_CASE("--format json is what --json prints", "[cli][check]") {
  const Linted linted{untested};
  const Ran ran = linted.check({"--format", "json"});
  CHECK(ran.out == linted.check({"--json"}).out);
  const auto answer = boost::json::parse(ran.out);
  CHECK(answer.at("warnings").as_int64() == 2);
  CHECK(answer.at("diagnostics").at(0).at("code").as_string() == "untested-rule");
}

TEST_CASE("--stats says what the rules compile to", "[cli][check]") {
  const Linted linted{
      "rules:\n  - name: a\n    events: [github.push]\n    match: {ref: [x], $or: [{a: [1]}, {b: "
      "[1]}]}\n"
      "    send: [{to: reviewer, kind: note}]\n"};
  const auto stats = boost::json::parse(linted.check({"--stats", "--json"}).out).at("stats").at(0);
  CHECK(stats.at("rules").as_int64() == 1);
  CHECK(stats.at("branches").as_int64() == 2);
  CHECK(stats.at("conditions").as_int64() == 4);
  CHECK(stats.at("fields").as_int64() == 3);
  CHECK(stats.at("bytes").as_int64() > 0);
  CHECK(linted.check({"--stats", linted.file})
            .out.find("compiled: 1 rule, 2 ways to match, 4 conditions on 3 fields; ") !=
        std::string::npos);
  CHECK_FALSE(boost::json::parse(linted.check({"--json"}).out).as_object().contains("stats"));
}

TEST_CASE("--format sarif places each finding, and describes its code", "[cli][check]") {
  const Linted linted{untested, "rules/of the team.yaml"};
  const auto sarif = boost::json::parse(linted.check({"--format", "sarif"}).out);
  CHECK(sarif.at("version").as_string() == "2.1.0");
  const auto& one = sarif.at("runs").at(0);
  const auto& result = one.at("results").at(1);
  CHECK(result.at("ruleId").as_string() == "unknown-event");
  CHECK(result.at("level").as_string() == "warning");
  const auto& place = result.at("locations").at(0).at("physicalLocation");
  CHECK(
      place.at("artifactLocation").at("uri").as_string().ends_with("/rules/of%20the%20team.yaml"));
  CHECK(place.at("region").at("startLine").as_int64() == 3);
  CHECK(place.at("region").at("startColumn").as_int64() == 14);
  const auto& described = one.at("tool").at("driver").at("rules").at(
      static_cast<std::size_t>(result.at("ruleIndex").as_int64()));
  CHECK(described.at("id").as_string() == "unknown-event");
  CHECK_FALSE(described.at("shortDescription").at("text").as_string().empty());
}

TEST_CASE("an error is an error in SARIF, and nothing is linted beside it", "[cli][check]") {
  const Linted linted{"rules:\n  - {name: a, events: [github.pul_request], send: []}\n"};
  const Ran ran = linted.check({"--format", "sarif"});
  CHECK(ran.status == 1);
  const auto sarif = boost::json::parse(ran.out);
  const auto& results = sarif.at("runs").at(0).at("results").as_array();
  REQUIRE(results.size() == 1);
  CHECK(results[0].at("level").as_string() == "error");
}

TEST_CASE("--stats says what rules cost, the dearest first", "[cli][check]") {
  const Linted linted{
      "rules:\n  - {name: cheap, events: [github.push], send: [{to: reviewer, kind: note}]}\n"
      "  - {name: dear, events: [github.push], match: {ref: [{suffix: a}, b]},\n"
      "     send: [{to: reviewer, kind: note}]}\n"};
  const Ran ran = linted.check({"--stats"});
  CHECK(ran.out.find("dear") < ran.out.find("cheap", ran.out.find("COST")));
  CHECK(ran.out.find("\n4 ") != std::string::npos);
  const auto answer = boost::json::parse(linted.check({"--stats", "--json"}).out);
  CHECK(answer.at("costs").at(1).at("rule").as_string() == "dear");
  CHECK(answer.at("costs").at(1).at("cost").as_int64() == 4);
  CHECK_FALSE(boost::json::parse(linted.check({"--json"}).out).as_object().contains("costs"));
}

TEST_CASE("an unknown format is refused", "[cli][check]") {
  CHECK(Linted{untested}.check({"--format", "xml"}).status == 2);
}

TEST_CASE("the shipped examples are without any finding", "[cli][check]") {
  const Linted linted{untested};
  const std::string examples = test::source_path("deploy/examples/rules/");
  const Ran ran = linted.check({examples + "review.yaml", examples + "code.yaml", "--strict",
                                "--config", test::source_path("deploy/examples/signalbox.yaml")});
  CHECK(ran.out == "good: 5 rules in 2 files\n");
  CHECK(ran.status == 0);
}

}  // namespace signalbox
