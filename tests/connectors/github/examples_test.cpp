// GitHub's own examples, from npm @octokit/webhooks-examples: $SIGNALBOX_OCTOKIT_EXAMPLES is the
// path of its api.github.com/index.json. They are not part of this repository.
#include <catch2/catch.hpp>
#include <set>

#include "connectors/request/names.hpp"
#include "tests/connectors/delivery.hpp"
#include "tests/foreign_files.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for examples";

const std::set<std::string_view> with_work{"discussion",
                                           "discussion_comment",
                                           "issue_comment",
                                           "issues",
                                           "pull_request",
                                           "pull_request_review",
                                           "pull_request_review_comment",
                                           "pull_request_review_thread"};
const std::set<std::string_view> may_have_work{"check_run",         "check_suite",
                                               "workflow_run",      "deployment",
                                               "deployment_status", "deployment_review"};
const std::set<std::string_view> without_sender{"security_advisory"};

void check_example(std::string_view name, Json example) {
  auto delivery =
      test::Delivery::signed_github("github." + std::string{name}, example.raw(), secret);
  const auto event = delivery.parse(secret);
  INFO((event ? "" : event.error().detail));
  REQUIRE(event.has_value());

  const auto action = example["action"].string();
  CHECK(event->type == "github." + std::string{name} + (action ? "." + snake_case(*action) : ""));
  CHECK(event->actor.id.empty() == without_sender.contains(name));
  CHECK(event->actor.name.empty() == without_sender.contains(name));
  if (with_work.contains(name)) {
    REQUIRE(event->work.has_value());
    CHECK(event->work->aliases.size() == 2);
    const auto number = example["repository"]["full_name"].string_or({});
    CHECK(event->subject.starts_with("github:" + std::string{number} + "#"));
  } else if (!may_have_work.contains(name)) {
    CHECK_FALSE(event->work.has_value());
  }
}

TEST_CASE("each of GitHub's own examples becomes an event of its type with its actor and work",
          "[octokit]") {
  const auto path = test::foreign_path("SIGNALBOX_OCTOKIT_EXAMPLES");
  if (!path) return;
  JsonDocument document;
  const auto index = document.parse_copy(test::read_file(*path));
  REQUIRE(index.has_value());
  std::size_t count = 0;
  for (const Json group : index->elements()) {
    const auto name = group["name"].string_or({});
    for (const Json example : group["examples"].elements()) {
      INFO(name << " " << example["action"].string_or("-") << ", example " << count);
      check_example(name, example);
      ++count;
    }
  }
  CHECK(count >= 329);
}

}  // namespace
}  // namespace signalbox
