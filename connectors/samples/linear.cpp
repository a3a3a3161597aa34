// Each event is one row: its type, entity and action, and the function that adds what is its own;
// the envelope follows by itself.
#include "connectors/samples/sample_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/samples/sample_facts.hpp"

namespace signalbox {
namespace {

using sample::Facts;
using sample::object;

// What `Facts::uuid` is asked for. The workspace, its people and its app are the same in every
// story.
enum What : std::uint64_t { issue_item = 1, comment_item, session_item, activity_item };

constexpr std::string_view organization_id = "7c6f1d0e-3b52-4c1a-9e0d-5f1a2b3c4d5e";
constexpr std::string_view webhook_id = "2f4e6a8c-1b3d-4f5a-8c7e-9d0b1a2c3e4f";
constexpr std::string_view team_id = "9b8a7c6d-5e4f-4a3b-8c2d-1e0f9a8b7c6d";
constexpr std::string_view client_id = "4d3c2b1a0f9e8d7c6b5a49382716f5e4";
constexpr std::string_view app_user_id = "c1d2e3f4-a5b6-4c7d-8e9f-0a1b2c3d4e5f";
constexpr std::string_view todo_state = "0f1e2d3c-4b5a-4968-8776-655443322110";
constexpr std::string_view started_state = "11223344-5566-4778-899a-abbccddeeff0";

struct Person {
  std::string_view id;
  std::string_view name;
  std::string_view login;
};
constexpr Person ada{"a3d1c5e7-1f20-4b3c-8d4e-5f6071829304", "Ada L", "ada"};
constexpr Person grace{"b4e2d6f8-2031-4c4d-9e5f-60718293a415", "Grace H", "grace"};

std::string person(const Person& who, bool with_type = false) {
  return object([&](JsonObject& json) {
    json.text("id", who.id).text("name", who.name);
    json.text("email", fmt::format("{}@acme.example", who.login));
    json.text("url", fmt::format("https://linear.app/acme/profiles/{}", who.login));
    if (with_type) json.text("type", "user");
  });
}

std::string identifier(const Facts& facts) { return fmt::format("ENG-{}", facts.number); }

std::string issue_url(const Facts& facts) {
  return fmt::format("https://linear.app/acme/issue/{}/retry-requests-that-time-out",
                     identifier(facts));
}

std::string team() {
  return object([](JsonObject& json) {
    json.text("id", team_id).text("key", "ENG").text("name", "Engineering");
  });
}

// The issue as comments and sessions carry it.
std::string thin_issue(const Facts& facts) {
  return object([&](JsonObject& json) {
    json.text("id", facts.uuid(issue_item)).text("title", "Retry requests that time out");
    json.text("teamId", team_id).raw("team", team()).text("identifier", identifier(facts));
    json.text("url", issue_url(facts));
  });
}

template <bool started>
void issue(JsonObject& json, const Facts& facts) {
  json.raw("actor", person(started ? ada : grace, true));
  json.raw("data", object([&](JsonObject& data) {
             data.text("id", facts.uuid(issue_item)).text("createdAt", facts.time());
             data.text("updatedAt", facts.time()).number("number", facts.number);
             data.text("title", "Retry requests that time out").number("priority", 2);
             data.text("priorityLabel", "High").raw("labelIds", "[]").raw("labels", "[]");
             data.text("teamId", team_id).raw("team", team()).raw("previousIdentifiers", "[]");
             data.text("creatorId", grace.id).raw("botActor", "null");
             data.text("stateId", started ? started_state : todo_state);
             data.raw("state", object([](JsonObject& state) {
                        state.text("id", started ? started_state : todo_state);
                        state.text("name", started ? "In Progress" : "Todo");
                        state.text("type", started ? "started" : "unstarted");
                      }));
             if (started) data.text("assigneeId", ada.id).raw("assignee", person(ada));
             data.text("identifier", identifier(facts)).text("url", issue_url(facts));
             data.text("description", "Requests to the billing service time out and are lost.");
           }));
  if (started) {
    json.raw("updatedFrom", object([&](JsonObject& from) {
               from.text("updatedAt", facts.time()).text("stateId", todo_state);
               from.raw("assigneeId", "null");
             }));
  }
  json.text("url", issue_url(facts));
}

void comment(JsonObject& json, const Facts& facts) {
  json.raw("actor", person(grace, true));
  json.raw("data", object([&](JsonObject& data) {
             data.text("id", facts.uuid(comment_item)).text("createdAt", facts.time());
             data.text("updatedAt", facts.time());
             data.text("body", "Seen again this morning, from two regions.");
             data.text("issueId", facts.uuid(issue_item)).raw("issue", thin_issue(facts));
             data.text("userId", grace.id).raw("user", person(grace)).raw("botActor", "null");
           }));
  json.text("url", fmt::format("{}#comment-{:.8}", issue_url(facts), facts.uuid(comment_item)));
}

std::string session(const Facts& facts, bool active) {
  return object([&](JsonObject& json) {
    json.text("id", facts.uuid(session_item)).text("createdAt", facts.time());
    json.text("updatedAt", facts.time()).raw("archivedAt", "null");
    json.text("creatorId", grace.id).raw("creator", person(grace));
    json.text("appUserId", app_user_id).text("organizationId", organization_id);
    json.text("issueId", facts.uuid(issue_item)).raw("issue", thin_issue(facts));
    json.text("status", active ? "active" : "pending").text("type", "commentThread");
    json.raw("commentId", "null").raw("comment", "null").text("url", issue_url(facts));
  });
}

void session_created(JsonObject& json, const Facts& facts) {
  json.text("oauthClientId", client_id).text("appUserId", app_user_id);
  json.raw("agentSession", session(facts, false)).raw("previousComments", "null");
  json.text(
      "promptContext",
      fmt::format("<issue identifier=\"{}\"><title>Retry requests that time out</title></issue>",
                  identifier(facts)));
  json.raw("guidance", "[]");
}

void session_prompted(JsonObject& json, const Facts& facts) {
  json.text("oauthClientId", client_id).text("appUserId", app_user_id);
  json.raw("agentSession", session(facts, true));
  json.raw("agentActivity", object([&](JsonObject& activity) {
             activity.text("id", facts.uuid(activity_item)).text("createdAt", facts.time());
             activity.text("updatedAt", facts.time());
             activity.text("agentSessionId", facts.uuid(session_item));
             activity.text("userId", ada.id).raw("user", person(ada));
             activity.raw("signal", "null").raw("signalMetadata", "null");
             activity.raw("content", object([](JsonObject& content) {
                            content.text("type", "prompt");
                            content.text("body", "Please cover the third attempt with a test.");
                          }));
           }));
}

struct Row {
  std::string_view type;
  std::string_view entity;
  std::string_view action;
  void (*fill)(JsonObject& json, const Facts& facts);
};

constexpr auto rows = std::to_array<Row>({
    {"linear.agent_session_event.created", "AgentSessionEvent", "created", session_created},
    {"linear.agent_session_event.prompted", "AgentSessionEvent", "prompted", session_prompted},
    {"linear.comment.create", "Comment", "create", comment},
    {"linear.issue.create", "Issue", "create", issue<false>},
    {"linear.issue.update", "Issue", "update", issue<true>},
});
static_assert(std::ranges::is_sorted(rows, {}, &Row::type), "listed in order");

constexpr auto types = types_of(rows);

std::optional<Sample> make(std::string_view type, std::uint64_t seed, std::optional<Time> sent) {
  const auto* const row = std::ranges::find(rows, type, &Row::type);
  if (row == rows.end()) return std::nullopt;
  const Facts facts{seed, sent};
  return Sample{object([&](JsonObject& json) {
    json.text("action", row->action).text("type", row->entity).text("createdAt", facts.time());
    row->fill(json, facts);
    json.text("organizationId", organization_id);
    json.number("webhookTimestamp", facts.start().time_since_epoch().count());
    json.text("webhookId", webhook_id);
  })};
}

}  // namespace

constinit const SampleMaker linear_samples{
    .connector = "linear", .first_type = "issue.create", .types = types, .make = make};

}  // namespace signalbox
