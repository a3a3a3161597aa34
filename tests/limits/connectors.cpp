// Limits of event/ and connectors/: what of a webhook's body is looked at, and how long its names
// may be.
#include <fmt/format.h>

#include <algorithm>

#include "connectors/references/reference_text.hpp"
#include "connectors/references/references.hpp"
#include "connectors/request/freshness.hpp"
#include "connectors/request/names.hpp"
#include "connectors/request/scope.hpp"
#include "connectors/samples/sample_facts.hpp"
#include "event/payload_catalog.hpp"
#include "tests/connectors/delivery.hpp"
#include "tests/limits/table.hpp"

namespace signalbox::test {
namespace {

std::string error_of(const auto& result) { return result ? "" : result.error().detail; }

std::string json_of_depth(std::int64_t depth) {
  JsonDocument document;
  return error_of(document.parse_copy(repeated(depth, "[") + repeated(depth, "]")));
}

std::string shape_of_depth(std::int64_t depth) {
  const std::string text = fmt::format("a = {}s{}:x\n", repeated(depth, "["), repeated(depth, "]"));
  const std::string_view texts[]{text};
  return error_of(PayloadCatalog::parse(texts));
}

// The event of a signed body; a body that is refused fails the row.
Event event_of(std::string_view connector, std::string_view type, const std::string& body) {
  static std::optional<Delivery> delivery;  // the event looks into it
  delivery.emplace(Delivery::signed_by(connector, type, body, "a secret"));
  delivery->set_trackers({.teams = {"ENG"}, .projects = {"PROJ"}});
  delivery->set_replay_window(std::nullopt);
  auto event = delivery->parse("a secret");
  if (!event) throw std::runtime_error{event.error().detail};
  return std::move(*event);
}

std::string references(std::int64_t count) {
  const TrackerKeys none;
  ReferenceCollector found{none};
  for (std::int64_t i = 0; i < count; ++i) {
    found.add(fmt::format("linear:ENG-{}", i), Relation::mentions, ReferencePlace::title,
              Trust::owner);
  }
  return cut_unless(std::ssize(found.take("")) == count);
}

std::string reference_text(std::int64_t bytes) {
  const TrackerKeys keys{.teams = {"ENG"}, .projects = {}};
  ReferenceCollector found{keys};
  const std::string text = std::string(static_cast<std::size_t>(bytes) - 5, ' ') + "ENG-1";
  found.add_keys({text, ReferencePlace::title, Trust::owner}, Relation::mentions);
  return cut_unless(!found.take("").empty());
}

std::string wrapped_target(std::int64_t characters) {
  const TrackerKeys none;
  ReferenceCollector found{none, "acme/api"};
  const std::string text = "Fixes " + repeated(characters, "*") + "#12";
  found.add_words({text, ReferencePlace::description, Trust::owner}, true);
  return cut_unless(!found.take("").empty());
}

std::string github_repository(std::int64_t bytes) {
  const Event event = event_of(
      "github", "github.made_up",
      fmt::format(R"({{"repository":{{"id":1,"full_name":"a/{}"}}}})", letters(bytes - 2)));
  return cut_unless(!event.subject.empty());
}

std::string github_person(std::int64_t bytes) {
  const Event event = event_of("github", "github.made_up",
                               fmt::format(R"({{"sender":{{"login":"{}"}}}})", letters(bytes)));
  return cut_unless(!event.actor.name.empty());
}

std::string github_branch(std::int64_t bytes) {
  const Event event = event_of(
      "github", "github.create",
      fmt::format(
          R"({{"ref":"{}","ref_type":"branch","master_branch":"main","repository":{{"id":1,)"
          R"("full_name":"acme/api"}},"sender":{{}}}})",
          letters(bytes)));
  return cut_unless(!event.references.empty());
}

std::string github_commits(std::int64_t count) {
  const Event event = event_of(
      "github", "github.push",
      fmt::format(
          R"({{"ref":"refs/heads/main","before":"","after":"","repository":{{"id":1,)"
          R"("full_name":"acme/api"}},"pusher":{{}},"commits":[{}{{"message":"fix #12"}}]}})",
          repeated(count - 1, "{},")));
  return cut_unless(std::ranges::any_of(
      event.references, [](const Reference& each) { return each.target == "github:acme/api#12"; }));
}

std::string jira_person(std::int64_t bytes) {
  const Event event = event_of(
      "jira", "jira.user_made_up",
      fmt::format(R"({{"webhookEvent":"made_up","user":{{"name":"{}"}}}})", letters(bytes)));
  return cut_unless(!event.actor.name.empty());
}

std::string jira_id(std::int64_t digits) {
  const Event event =
      event_of("jira", "jira.issue_updated",
               fmt::format(R"({{"webhookEvent":"jira:issue_updated","issue":{{"id":"{}",)"
                           R"("self":"https://acme.atlassian.net/rest/api/2/issue/1"}}}})",
                           repeated(digits, "1")));
  return cut_unless(event.work.has_value());
}

std::string jira_changes(std::int64_t count) {
  const Event event = event_of(
      "jira", "jira.issue_updated",
      fmt::format(R"({{"webhookEvent":"jira:issue_updated","issue":{{"id":"1","key":"PROJ-2",)"
                  R"("self":"https://acme.atlassian.net/rest/api/2/issue/1"}},)"
                  R"("changelog":{{"items":[{}{{"field":"Key","fromString":"OLD-1"}}]}}}})",
                  repeated(count - 1, "{},")));
  return cut_unless(std::ranges::count(event.work->aliases, "jira:OLD-1") == 1);
}

std::string linear_person(std::int64_t bytes) {
  const Event event =
      event_of("linear", "linear.issue.update",
               fmt::format(R"({{"type":"Issue","action":"update","actor":{{"name":"{}"}}}})",
                           letters(bytes)));
  return cut_unless(!event.actor.name.empty());
}

std::string linear_identifiers(std::int64_t count) {
  const Event event = event_of(
      "linear", "linear.issue.update",
      fmt::format(R"({{"type":"Issue","action":"update","data":{{"id":"1","identifier":"ENG-1",)"
                  R"("previousIdentifiers":[{}"OLD-1"]}}}})",
                  repeated(count - 1, "null,")));
  return cut_unless(std::ranges::count(event.work->aliases, "linear:OLD-1") == 1);
}

std::string signed_ahead(std::int64_t milliseconds) {
  auto delivery = Delivery::signed_github("github.made_up", "{}", "a secret");
  const auto verified = delivery.verify({"a secret"});
  const Time sent = verified->request().received + Milliseconds{milliseconds};
  const auto error = freshness_error(*verified, sent);
  return error ? error->detail : "";
}

std::string project_of_key(std::int64_t characters) {
  return cut_unless(read_key(letters(characters) + "-1").has_value());
}
std::string number_of_key(std::int64_t digits) {
  return cut_unless(read_key("ENG-" + repeated(digits, "1")).has_value());
}
std::string owner_of_number(std::int64_t characters) {
  return cut_unless(read_number(letters(characters) + "/api#1").has_value());
}
std::string repository_of_number(std::int64_t characters) {
  return cut_unless(read_number("acme/" + letters(characters) + "#1").has_value());
}
std::string url_of(std::int64_t bytes) {
  return cut_unless(!read_url("https://" + letters(bytes - 8)).empty());
}
std::string host_in_url(std::int64_t bytes) {
  return cut_unless(!host_of("https://" + letters(bytes) + "/").empty());
}
std::string issue_key(std::int64_t characters) {
  return cut_unless(is_issue_key(letters(characters - 2) + "-1"));
}
std::string plain_name(std::int64_t bytes) { return cut_unless(is_plain_name(letters(bytes))); }
std::string scope_pattern(std::int64_t bytes) { return std::string{scope_fault(letters(bytes))}; }

std::string sample_number(std::int64_t seed) {
  const std::int64_t number = sample::Facts{static_cast<std::uint64_t>(seed)}.number;
  return cut_unless(number == seed + 1);
}

}  // namespace

std::span<const Limit> event_limits() {
  static constexpr Limit limits[]{
      {"event/json.hpp:json_depth_max", 512, 513, json_of_depth, "nested too deeply"},
      {"event/payload_catalog.cpp:shape_depth_max", 8, 9, shape_of_depth, "line 1"},
      {"event/event.hpp:references_max", 64, 65, references, "cut"},
  };
  return limits;
}

std::span<const Limit> connector_limits() {
  static constexpr Limit limits[]{
      {"connectors/github/body.cpp:full_name_bytes_max", 256, 257, github_repository, "cut"},
      {"connectors/github/body.cpp:person_bytes_max", 256, 257, github_person, "cut"},
      {"connectors/github/references.cpp:branch_bytes_max", 255, 256, github_branch, "cut"},
      {"connectors/github/references.cpp:commits_max", 2048, 2049, github_commits, "cut"},
      {"connectors/jira/body.cpp:person_bytes_max", 256, 257, jira_person, "cut"},
      {"connectors/jira/body.cpp:id_digits_max", 20, 21, jira_id, "cut"},
      {"connectors/jira/body.cpp:changes_max", 256, 257, jira_changes, "cut"},
      {"connectors/linear/body.cpp:person_bytes_max", 256, 257, linear_person, "cut"},
      {"connectors/linear/body.cpp:previous_identifiers_max", 16, 17, linear_identifiers, "cut"},
      {"connectors/references/reference_text.cpp:project_chars_max", 32, 33, project_of_key, "cut"},
      {"connectors/references/reference_text.cpp:digits_max", 9, 10, number_of_key, "cut"},
      {"connectors/references/reference_text.cpp:owner_chars_max", 39, 40, owner_of_number, "cut"},
      {"connectors/references/reference_text.cpp:repository_chars_max", 100, 101,
       repository_of_number, "cut"},
      {"connectors/references/reference_text.cpp:url_bytes_max", 1024, 1025, url_of, "cut"},
      {"connectors/references/references.cpp:wrapping_max", 4, 5, wrapped_target, "cut"},
      {"connectors/references/references.hpp:reference_text_bytes_max", 262'144, 262'145,
       reference_text, "cut"},
      {"connectors/request/freshness.hpp:clock_skew_max", 300'000, 300'001, signed_ahead,
       "ahead of this machine's clock"},
      {"connectors/request/names.cpp:url_host_bytes_max", 253, 254, host_in_url, "cut"},
      {"connectors/request/names.cpp:issue_key_bytes_max", 64, 65, issue_key, "cut"},
      {"connectors/request/names.hpp:name_bytes_max", 128, 129, plain_name, "cut"},
      {"connectors/request/scope.hpp:scope_bytes_max", 256, 257, scope_pattern, "at most 256"},
      {"connectors/samples/sample_facts.hpp:number_max", 99'999, 100'000, sample_number, "cut"},
  };
  return limits;
}

}  // namespace signalbox::test
