// A body that was taken becomes no other event: each of GitHub's own examples, under each other
// event's name. $SIGNALBOX_OCTOKIT_EXAMPLES is the path of @octokit/webhooks-examples'
// api.github.com/index.json.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <set>

#include "tests/connectors/delivery.hpp"
#include "tests/foreign_files.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using test::delivery;
using test::WorkerFixture;

struct Example {
  std::string name;
  std::string body;
};

std::vector<Example> read_examples(const std::string& path) {
  JsonDocument document;
  const auto index = document.parse_copy(test::read_file(path));
  REQUIRE(index.has_value());
  std::vector<Example> examples;
  for (const Json group : index->elements()) {
    for (const Json each : group["examples"].elements()) {
      examples.push_back({std::string{group["name"].string_or({})}, std::string{each.raw()}});
    }
  }
  return examples;
}

std::set<std::string> names_of(const std::vector<Example>& examples) {
  std::set<std::string> names{"brand_new_thing", "deployment_review", "organization", "meta"};
  for (const Example& each : examples) names.insert(each.name);
  return names;
}

Result<Ack> send(WorkerFixture& fixture, const std::string& name, std::string id,
                 const std::string& body, std::string_view source = "forge") {
  return fixture.ingest_only(delivery("github." + name, std::move(id), body, source));
}

TEST_CASE("no example that was delivered is accepted again as another event", "[octokit]") {
  const auto path = test::foreign_path("SIGNALBOX_OCTOKIT_EXAMPLES");
  if (!path) return;
  const auto examples = read_examples(*path);
  CHECK(examples.size() >= 329);
  const auto names = names_of(examples);
  WorkerFixture fixture;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    INFO(examples[i].name << ", example " << i);
    const auto ack = send(fixture, examples[i].name, fmt::format("own-{}", i), examples[i].body);
    INFO((ack ? "" : ack.error().detail));
    REQUIRE(ack.has_value());
  }
  std::size_t pairs = 0;
  for (std::size_t i = 0; i < examples.size(); ++i) {
    for (const std::string& name : names) {
      if (name == examples[i].name) continue;
      ++pairs;
      const auto ack = send(fixture, name, fmt::format("swap-{}", pairs), examples[i].body);
      INFO(examples[i].name << ", example " << i << " as " << name);
      REQUIRE_FALSE(ack.has_value());
      REQUIRE(ack.error().reason == Reason::event_mismatch);
    }
  }
  CHECK(pairs > 18'000);
  for (std::size_t i = 0; i < examples.size(); ++i) {
    INFO(examples[i].name << ", example " << i);
    REQUIRE(
        send(fixture, examples[i].name, fmt::format("own-{}", i), examples[i].body).has_value());
  }
}

TEST_CASE("what no body tells apart is told apart by memory: few fit another event's shape",
          "[octokit]") {
  const auto path = test::foreign_path("SIGNALBOX_OCTOKIT_EXAMPLES");
  if (!path) return;
  const auto examples = read_examples(*path);
  std::set<std::string> fitting;  // "<name of the body> as <another name>"
  for (const Example& each : examples) {
    for (const std::string& name : names_of(examples)) {
      if (name == each.name || name == "brand_new_thing") continue;
      auto swapped = test::Delivery::signed_github("github." + name, each.body, "secret");
      if (swapped.parse("secret")) fitting.insert(each.name + " as " + name);
    }
  }
  std::string list;
  for (const std::string& each : fitting) list += each + "\n";
  INFO(list);
  // A repository's event has nothing that one of a star lacks: memory alone tells these apart.
  for (const std::string_view thin : {"public", "star", "watch", "repository_dispatch"}) {
    for (const std::string& each : fitting) {
      CHECK_FALSE(each.ends_with(fmt::format(" as {}", thin)));
    }
  }
  CHECK(fitting.size() < 400);
}

TEST_CASE("a check that was delivered is never a dispatch, and its like under its name goes on") {
  WorkerFixture fixture;
  const std::string body = R"({"action":"rerequested","check_run":{"id":1,"head_sha":"a"},)"
                           R"("repository":{"id":7001,"full_name":"acme/api"}})";
  REQUIRE(send(fixture, "check_run", "check-1", body).has_value());
  for (const std::string_view other :
       {"repository_dispatch", "push", "public", "star", "watch", "zzz", "check_suite"}) {
    const auto ack = send(fixture, std::string{other}, fmt::format("as-{}", other), body);
    INFO(other);
    REQUIRE_FALSE(ack.has_value());
    CHECK(ack.error().reason == Reason::event_mismatch);
  }
  // Asking twice for a check is lawful.
  const auto again = send(fixture, "check_run", "check-2", body);
  REQUIRE(again.has_value());
  CHECK(again->status != "duplicate");
  const auto refused = [&] {
    const auto reason = static_cast<std::size_t>(Reason::event_mismatch);
    return fixture.source("forge").refused[reason].value();
  };
  CHECK(refused() == 0);
  CHECK(fixture.hooks(delivery("github.zzz", "as-counted", body, "forge")).status == 400);
  CHECK(refused() == 1);
}

TEST_CASE("an event that nobody knew, and that no rule matched, keeps its name") {
  WorkerFixture fixture;
  const std::string body = R"({"x":1,"repository":{"id":7001,"full_name":"acme/api"}})";
  REQUIRE(send(fixture, "brand_new_thing", "new-1", body).has_value());
  CHECK_FALSE(send(fixture, "brand_newer_thing", "new-2", body).has_value());
  CHECK_FALSE(send(fixture, "brand_newer_thing", "new-1", body).has_value());
  CHECK(send(fixture, "brand_new_thing", "new-3", body).has_value());
}

TEST_CASE("where bodies are not remembered, their names are not either") {
  WorkerFixture fixture;
  const std::string body = R"({"x":1,"repository":{"id":7001,"full_name":"acme/api"}})";
  REQUIRE(send(fixture, "brand_new_thing", "new-1", body, "mirror").has_value());
  CHECK(send(fixture, "brand_newer_thing", "new-2", body, "mirror").has_value());
}

}  // namespace
}  // namespace signalbox
