// Each event is one row: its type and the function that adds what is its own; the envelope follows
// by itself.
#include "connectors/samples/sample_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/samples/sample_facts.hpp"

namespace signalbox {
namespace {

using sample::Facts;
using sample::object;

// What `Facts::id` is asked for.
enum What : std::uint64_t { issue_item = 1, comment_item, change_item };

constexpr std::string_view api = "https://acme.atlassian.net/rest/api/2";

struct Person {
  std::string_view account;
  std::string_view name;
};
constexpr Person ada{"712020:3f2a1b0c-5d4e-4f60-8172-93a4b5c6d7e8", "Ada L"};
constexpr Person grace{"712020:8e7d6c5b-4a39-4281-9706-f5e4d3c2b1a0", "Grace H"};

std::string person(const Person& who) {
  return object([&](JsonObject& json) {
    json.text("self", fmt::format("{}/user?accountId={}", api, who.account));
    json.text("accountId", who.account).text("displayName", who.name).boolean("active", true);
    json.text("timeZone", "Europe/London").text("accountType", "atlassian");
  });
}

std::string status(bool started) {
  return object([&](JsonObject& json) {
    json.text("self", fmt::format("{}/status/{}", api, started ? 3 : 10001));
    json.text("name", started ? "In Progress" : "To Do").text("id", started ? "3" : "10001");
  });
}

std::string fields(const Facts& facts, bool started) {
  return object([&](JsonObject& json) {
    json.text("summary", "Retry requests that time out");
    json.raw("issuetype", R"({"id":"10004","name":"Bug","subtask":false})");
    json.raw("project", object([](JsonObject& project) {
               project.text("self", fmt::format("{}/project/10000", api)).text("id", "10000");
               project.text("key", "PROJ").text("name", "Project");
               project.text("projectTypeKey", "software");
             }));
    json.raw("priority", R"({"id":"2","name":"High"})").raw("labels", "[]");
    json.raw("status", status(started)).text("created", facts.time()).text("updated", facts.time());
    json.raw("creator", person(grace)).raw("reporter", person(grace));
    json.raw("assignee", started ? person(ada) : "null");
    json.text("description", "Requests to the billing service time out and are lost.");
  });
}

std::string issue(const Facts& facts, bool started) {
  return object([&](JsonObject& json) {
    const auto id = facts.id(issue_item);
    json.text("id", fmt::format("{}", id)).text("self", fmt::format("{}/issue/{}", api, id));
    json.text("key", fmt::format("PROJ-{}", facts.number)).raw("fields", fields(facts, started));
  });
}

void created(JsonObject& json, const Facts& facts) {
  json.text("issue_event_type_name", "issue_created").raw("user", person(grace));
  json.raw("issue", issue(facts, false));
}

void updated(JsonObject& json, const Facts& facts) {
  json.text("issue_event_type_name", "issue_generic").raw("user", person(ada));
  json.raw("issue", issue(facts, true));
  json.raw("changelog", object([&](JsonObject& log) {
             log.text("id", fmt::format("{}", facts.id(change_item)));
             log.raw("items",
                     R"([{"field":"status","fieldtype":"jira","fieldId":"status","from":"10001",)"
                     R"("fromString":"To Do","to":"3","toString":"In Progress"}])");
           }));
}

void commented(JsonObject& json, const Facts& facts) {
  json.raw("comment", object([&](JsonObject& comment) {
             const auto id = facts.id(comment_item);
             comment.text("self",
                          fmt::format("{}/issue/{}/comment/{}", api, facts.id(issue_item), id));
             comment.text("id", fmt::format("{}", id)).raw("author", person(grace));
             comment.text("body", "Seen again this morning, from two regions.");
             comment.raw("updateAuthor", person(grace)).text("created", facts.time());
             comment.text("updated", facts.time()).boolean("jsdPublic", true);
           }));
  json.raw("issue", issue(facts, false));
}

struct Row {
  std::string_view type;
  std::string_view event;  // as Jira names it
  void (*fill)(JsonObject& json, const Facts& facts);
};

constexpr auto rows = std::to_array<Row>({
    {"jira.comment_created", "comment_created", commented},
    {"jira.issue_created", "jira:issue_created", created},
    {"jira.issue_updated", "jira:issue_updated", updated},
});
static_assert(std::ranges::is_sorted(rows, {}, &Row::type), "listed in order");

constexpr auto types = types_of(rows);

std::optional<Sample> make(std::string_view type, std::uint64_t seed, std::optional<Time> sent) {
  const auto* const row = std::ranges::find(rows, type, &Row::type);
  if (row == rows.end()) return std::nullopt;
  const Facts facts{seed, sent};
  return Sample{object([&](JsonObject& json) {
    json.number("timestamp", facts.start().time_since_epoch().count());
    json.text("webhookEvent", row->event);
    row->fill(json, facts);
  })};
}

}  // namespace

constinit const SampleMaker jira_samples{
    .connector = "jira", .first_type = "issue_created", .types = types, .make = make};

}  // namespace signalbox
