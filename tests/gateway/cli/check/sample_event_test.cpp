// What a rule's test says is laid upon the sample of its type.
#include "gateway/cli/check/sample_event.hpp"

#include <catch2/catch.hpp>

#include <boost/json/parse.hpp>

#include "tests/gateway/cli/run.hpp"

namespace signalbox {
namespace {

boost::json::value laid(std::string_view type, std::string_view over) {
  const auto body = sample_with(type, over);
  INFO((body ? "" : body.error().detail));
  REQUIRE(body.has_value());
  return boost::json::parse(*body);
}

// Runs `test` over a file with one rule and these tests of it.
Ran tested(const std::string& events, const std::string& match, const std::string& tests,
           const std::string& more = {}) {
  Scratch scratch;
  const std::string file = scratch.write(
      "rules.yaml", "rules:\n" + more + "  - name: r\n    events: [" + events + "]\n    match: " +
                        match + "\n    send: [{to: coder, kind: note}]\n    tests:\n" + tests);
  return run({"test", file}, scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") + "\n"));
}

}  // namespace

TEST_CASE("a mapping is laid upon the sample field by field, all else takes its place",
          "[cli][check]") {
  const auto body =
      laid("github.pull_request.opened",
           R"({"pull_request":{"title":"Mine","labels":[{"name":"bug"}],"user":null}})");
  const auto plain = laid("github.pull_request.opened", "{}");
  CHECK(body.at("action").as_string() == "opened");
  CHECK(body.at("repository") == plain.at("repository"));
  const auto& pull = body.at("pull_request");
  CHECK(pull.at("title").as_string() == "Mine");
  CHECK(pull.at("head") == plain.at("pull_request").at("head"));
  CHECK(pull.at("labels").as_array().size() == 1);
  CHECK(pull.at("user").is_null());
}

TEST_CASE("without an event the sample is the body, and it is that of `signalbox sample`",
          "[cli][check]") {
  CHECK(laid("linear.issue.create", "") ==
        boost::json::parse(run({"sample", "linear", "issue.create"}).out));
  CHECK_FALSE(sample_with("github.page_build", "").has_value());
}

TEST_CASE("of a type without a sample another one of its event is taken, with its action",
          "[cli][check]") {
  const auto body = laid("github.pull_request.converted_to_draft", R"({"number":7})");
  CHECK(body.at("action").as_string() == "converted_to_draft");
  CHECK(body.at("number").as_int64() == 7);
  CHECK(body.at("pull_request").is_object());
  CHECK(*sample_with("github.page_build", R"({"id":1})") == R"({"id":1})");
  CHECK(*sample_with("jira.sprint_started", R"({"id":1})") == R"({"id":1})");
}

TEST_CASE("a sample's variant is a body of its type", "[cli][check]") {
  CHECK(is_variant_of("github.issue_comment.created.on_pull_request",
                      "github.issue_comment.created"));
  CHECK_FALSE(is_variant_of("github.issue_comment.created", "github.issue_comment"));
  CHECK_FALSE(is_variant_of("github.issue_comment.created.x", "github.issue_comment.created"));
  CHECK_FALSE(is_variant_of("github.issue_comment.created", "github.issue_comment.created"));
  const Ran ran = tested(
      "github.issue_comment.created", "{issue: {pull_request: {url: [{exists: true}]}}}",
      "      - {type: github.issue_comment.created.on_pull_request, expect: [{to: coder, kind: "
      "note}]}\n"
      "      - {type: github.issue_comment.created, expect: []}\n");
  INFO(ran.out << ran.err);
  CHECK(ran.status == 0);
}

TEST_CASE("a test says only what matters, for each provider and for types without a sample",
          "[cli][check]") {
  const Ran ran = tested(
      "github.pull_request, linear.issue, jira.issue_updated, github.page_build, "
      "github.issues.transferred",
      "{$or: [{pull_request: {draft: [true]}}, {data: {title: [Mine]}}, {issue: {fields: {summary: "
      "[Mine]}}}, {build: {status: [built]}}, {issue: {title: [Mine]}}]}",
      "      - {type: github.pull_request.opened, event: {pull_request: {draft: true}}, expect: "
      "[{to: coder, kind: note}]}\n"
      "      - {type: github.pull_request.opened, expect: []}\n"
      "      - {type: github.pull_request.locked, event: {pull_request: {draft: true}}, expect: "
      "[{to: coder, kind: note}]}\n"
      "      - {type: linear.issue.update, event: {data: {title: Mine}}, expect: [{to: coder, "
      "kind: "
      "note}]}\n"
      "      - {type: jira.issue_updated, event: {issue: {fields: {summary: Mine}}}, expect: [{to: "
      "coder, kind: note}]}\n"
      "      - {type: github.issues.transferred, event: {issue: {title: Mine}}, expect: [{to: "
      "coder, "
      "kind: note}]}\n");
  INFO(ran.out << ran.err);
  CHECK(ran.status == 0);
}

TEST_CASE("a failing test says what kept the rule from matching", "[cli][check]") {
  const Ran ran =
      tested("github.pull_request.opened", "{pull_request: {draft: [true]}}",
             "      - {type: github.pull_request.opened, expect: [{to: coder, kind: note}]}\n");
  CHECK(ran.status == 1);
  CHECK(ran.out.find("      expected a match, but the rule did not match: pull_request.draft wants "
                     "[true], saw false (line 4)\n") != std::string::npos);
  const Ran stopped =
      tested("github.pull_request.opened", "{action: [opened]}",
             "      - {type: github.pull_request.opened, expect: [{to: coder, kind: note}]}\n",
             "  - {name: guard, stop: true, events: [github], send: [{to: coder, kind: note}]}\n");
  CHECK(
      stopped.out.find("      expected a match, but rule 'guard' matched before it, and stops\n") !=
      std::string::npos);
}

TEST_CASE("a test of a type that has no sample needs an event", "[cli][check]") {
  const Ran ran =
      tested("github.page_build", "{id: [1]}", "      - {type: github.page_build, expect: []}\n");
  CHECK(ran.status == 1);
  CHECK(ran.out.find("there is no sample of this type: the test needs an 'event'") !=
        std::string::npos);
}

}  // namespace signalbox
