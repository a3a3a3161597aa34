// What `test` writes beside its results: coverage, and JUnit's XML.
#include <catch2/catch.hpp>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/property_tree/xml_parser.hpp>
#include <fstream>
#include <sstream>

#include "gateway/cli/check/test_report.hpp"
#include "tests/gateway/cli/run.hpp"

namespace signalbox {
namespace {

constexpr std::string_view rules_text = R"(rules:
  - name: a
    events: [github.pull_request.opened]
    match: {number: [1]}
    send: [{to: reviewer, kind: note}]
    tests:
      - {type: github.pull_request.opened, event: one.json, expect: [{to: reviewer, kind: note}]}
  - {name: b, events: [github.push], send: [{to: reviewer, kind: note}]}
)";

struct Tested {
  Scratch scratch;
  std::string config = scratch.write("signalbox.yaml",
                                     "site: acme\nredis: embedded\nrules: [rules.yaml]\n"
                                     "agents: {reviewer: {tokens: [{env: REVIEWER_TOKEN}]}}\n");
  std::string file = scratch.write("rules.yaml", rules_text);

  Tested() {
    scratch.write("one.json",
                  R"({"action": "opened", "number": 1, "pull_request": {"id": 7, "number": 1},)"
                  R"( "repository": {"id": 1, "full_name": "acme/api"},)"
                  R"( "sender": {"id": 1, "login": "ada", "type": "User"}})");
  }

  Ran test(std::vector<std::string> arguments) const {
    arguments.insert(arguments.begin(), {"--config", config, "test"});
    return run(arguments, scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") + "\n"));
  }
};

std::string content_of(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("--coverage names what no test exercises, with its place", "[cli][report]") {
  const Tested tested;
  const Ran ran = tested.test({"--coverage"});
  CHECK(ran.status == 0);
  CHECK(ran.out.ends_with("1 passed, 0 failed\n" + tested.file + ":2:11: a: always matches\n" +
                          tested.file + ":4:13: a: number [1] never false\n" + tested.file +
                          ":8: b: no tests\ncoverage 37%: 3 of 8 outcomes\n"));
}

TEST_CASE("--coverage-min makes less coverage a finding", "[cli][report]") {
  const Tested tested;
  CHECK(tested.test({"--coverage-min", "37"}).status == 0);
  CHECK(tested.test({"--coverage-min", "38"}).status == 1);
  CHECK(tested.test({"--coverage-min", "101"}).status == 2);
}

TEST_CASE("coverage is a member of --json", "[cli][report]") {
  const auto answer = boost::json::parse(Tested{}.test({"--coverage", "--json"}).out);
  CHECK(answer.at("passed").as_int64() == 1);
  const auto& coverage = answer.at("coverage");
  CHECK(coverage.at("percent").as_int64() == 37);
  CHECK(coverage.at("outcomes").as_int64() == 8);
  const auto& missing = coverage.at("rules").at(0).at("missing").as_array();
  REQUIRE(missing.size() == 2);
  CHECK(missing[1].at("part").as_string() == "condition");
  CHECK(missing[1].at("gap").as_string() == "never false");
  CHECK(missing[1].at("column").as_int64() == 13);
  CHECK(coverage.at("rules").at(1).at("missing").as_array().size() == 3);
  CHECK_FALSE(boost::json::parse(Tested{}.test({"--json"}).out).as_object().contains("coverage"));
}

TEST_CASE("--junit writes what a CI system reads", "[cli][report]") {
  const Tested tested;
  const std::string path = tested.scratch.path("results.xml");
  CHECK(tested.test({"--junit", path}).status == 0);
  std::istringstream text{content_of(path)};
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(text, tree);
  CHECK(tree.get<int>("testsuites.<xmlattr>.tests") == 1);
  CHECK(tree.get<std::string>("testsuites.testsuite.<xmlattr>.name") == tested.file);
  const auto& one = tree.get_child("testsuites.testsuite.testcase");
  CHECK(one.get<std::string>("<xmlattr>.classname") == "a");
  CHECK(one.get<int>("<xmlattr>.line") == 7);
  CHECK(one.find("failure") == one.not_found());
  CHECK(tested.test({"--junit", tested.scratch.path("none/results.xml")}).status == 2);
}

TEST_CASE("whatever a test and its faults hold, the XML is well-formed", "[cli][report]") {
  RuleTest test;
  test.rule = "a";
  test.file = "a & b/\"quoted\" <file>'.yaml";
  test.line = 3;
  test.type = "github.push";
  const std::string fault =
      "not sent: summary \"<b>&amp; ]]> \x01\x1B[31m\xFF \xEF\xBF\xBF 'x'\"\n";
  const std::vector<TestResult> results{{&test, {}}, {&test, {fault, "second"}}};
  std::istringstream text{results_junit(results)};
  CHECK(std::ranges::none_of(text.str(), [](char c) { return c > 0 && c < ' ' && c != '\n'; }));
  CHECK(text.str().find("\xEF\xBF\xBF") == std::string::npos);
  boost::property_tree::ptree tree;
  boost::property_tree::read_xml(text, tree);
  CHECK(tree.get<int>("testsuites.<xmlattr>.failures") == 1);
  CHECK(tree.get<std::string>("testsuites.testsuite.<xmlattr>.name") == test.file);
  const auto& suite = tree.get_child("testsuites.testsuite");
  REQUIRE(suite.count("testcase") == 2);
  const std::string message = suite.back().second.get<std::string>("failure.<xmlattr>.message");
  CHECK(message.find("<b>&amp; ]]>") != std::string::npos);
  CHECK(suite.back().second.get<std::string>("failure").find("second") != std::string::npos);
}

}  // namespace signalbox
