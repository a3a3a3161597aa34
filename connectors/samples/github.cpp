// Each event is one row: its type and the function that adds what is its own; repository,
// organization and sender follow by themselves.
#include "connectors/samples/sample_maker.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/samples/github_parts.hpp"

namespace signalbox {
namespace {

using namespace github_sample;

void plain_ping(JsonObject& json, const Facts& facts) {
  json.text("zen", "Keep it logically awesome.").number("hook_id", facts.id(hook_item));
  json.raw("hook", object([&](JsonObject& hook) {
             hook.text("type", "Repository").number("id", facts.id(hook_item)).text("name", "web");
             hook.boolean("active", true).raw("events", "[\"*\"]");
             hook.raw("config", object([](JsonObject& config) {
                        config.text("content_type", "json").text("insecure_ssl", "0");
                        config.text("url", "https://signalbox.acme.example/hooks/github");
                      }));
             hook.text("created_at", facts.time()).text("updated_at", facts.time());
           }));
}

std::string commit(const Facts& facts) {
  const auto author = object([](JsonObject& json) {
    json.text("name", "Ada L").text("email", "ada@acme.example").text("username", "ada-l");
  });
  return object([&](JsonObject& json) {
    const std::string sha = facts.sha(head);
    json.text("id", sha).text("tree_id", facts.sha(merge)).boolean("distinct", true);
    json.text("message", "Retry requests that time out").text("timestamp", facts.time());
    json.text("url", fmt::format("https://github.com/acme/api/commit/{}", sha));
    json.raw("author", author).raw("committer", author);
    json.raw("added", "[\"src/retry.cpp\"]")
        .raw("removed", "[]")
        .raw("modified", "[\"src/client.cpp\"]");
  });
}

void push(JsonObject& json, const Facts& facts) {
  json.text("ref", "refs/heads/main")
      .text("before", facts.sha(base))
      .text("after", facts.sha(head));
  json.raw("pusher", object([](JsonObject& pusher) {
             pusher.text("name", "ada-l").text("email", "ada@acme.example");
           }));
  json.boolean("created", false).boolean("deleted", false).boolean("forced", false);
  json.raw("base_ref", "null");
  json.text("compare", fmt::format("https://github.com/acme/api/compare/{:.12}...{:.12}",
                                   facts.sha(base), facts.sha(head)));
  json.raw("commits", "[" + commit(facts) + "]").raw("head_commit", commit(facts));
}

template <PullState state>
void pull(JsonObject& json, const Facts& facts) {
  json.number("number", facts.number).raw("pull_request", pull_request(facts, state));
  if (state.labeled) json.raw("label", label(facts));
  if (state.reviewer) json.raw("requested_reviewer", person(grace));
}

void pull_synchronized(JsonObject& json, const Facts& facts) {
  pull<PullState{}>(json, facts);
  json.text("before", facts.sha(base)).text("after", facts.sha(head));
}

void pull_edited(JsonObject& json, const Facts& facts) {
  pull<PullState{}>(json, facts);
  json.raw("changes", R"({"title":{"from":"Retry requests"}})");
}

template <IssueState state>
void issue_only(JsonObject& json, const Facts& facts) {
  json.raw("issue", issue(facts, state));
  if (state.labeled) json.raw("label", label(facts));
  if (state.assigned) json.raw("assignee", person(ada));
}

template <bool on_pull_request>
void issue_comment(JsonObject& json, const Facts& facts) {
  json.raw("issue", issue(facts, {.is_pull_request = on_pull_request}));
  json.raw("comment", comment(facts,
                              on_pull_request ? "Please cover the third attempt with a test."
                                              : "Seen again this morning, from two regions.",
                              on_pull_request ? "pull" : "issues"));
}

void review(JsonObject& json, const Facts& facts) {
  json.raw("review", object([&](JsonObject& own) {
             const auto id = facts.id(review_item);
             own.number("id", id)
                 .text("node_id", facts.node("PRR", review_item))
                 .raw("user", person(grace));
             own.text("body", "Two questions inline, otherwise good.")
                 .text("commit_id", facts.sha(head));
             own.text("submitted_at", facts.time(300)).text("state", "changes_requested");
             own.text("html_url", fmt::format("{}#pullrequestreview-{}", pull_url(facts), id));
             own.text("author_association", "MEMBER");
           }));
  json.raw("pull_request", pull_request(facts, {.counted = false}));
}

void review_comment(JsonObject& json, const Facts& facts) {
  json.raw("comment", object([&](JsonObject& own) {
             const auto id = facts.id(comment_item);
             own.number("pull_request_review_id", facts.id(review_item)).number("id", id);
             own.text("node_id", facts.node("PRRC", comment_item)).text("path", "src/retry.cpp");
             own.number("line", 12).text("side", "RIGHT").text("commit_id", facts.sha(head));
             own.text("diff_hunk", "@@ -0,0 +1,12 @@\n+constexpr int attempts = 3;")
                 .raw("user", person(grace));
             own.text("body", "Why three?").text("created_at", facts.time(300));
             own.text("updated_at", facts.time(300)).text("author_association", "MEMBER");
             own.text("html_url", fmt::format("{}#discussion_r{}", pull_url(facts), id));
           }));
  json.raw("pull_request", pull_request(facts, {.counted = false}));
}

std::string app() {
  return object([](JsonObject& json) {
    json.number("id", 220'011)
        .text("slug", "acme-ci")
        .text("name", "Acme CI")
        .raw("owner", person(acme));
  });
}

void check_run(JsonObject& json, const Facts& facts) {
  json.raw("check_run", object([&](JsonObject& own) {
             own.number("id", facts.id(check_item)).text("node_id", facts.node("CR", check_item));
             own.text("name", "unit-tests")
                 .text("head_sha", facts.sha(head))
                 .text("status", "completed");
             own.text("conclusion", "success").text("started_at", facts.time(30));
             own.text("completed_at", facts.time(210)).raw("app", app());
             own.text("html_url",
                      fmt::format("https://github.com/acme/api/runs/{}", facts.id(check_item)));
             own.raw(
                 "check_suite", object([&](JsonObject& suite) {
                   suite.number("id", facts.id(suite_item)).text("head_branch", "retry-timeouts");
                   suite.text("head_sha", facts.sha(head)).text("status", "in_progress");
                 }));
             own.raw("output",
                     R"({"title":"212 passed","summary":null,"text":null,"annotations_count":0})");
             own.raw("pull_requests", associated_pull_requests(facts));
           }));
}

void check_suite(JsonObject& json, const Facts& facts) {
  json.raw(
      "check_suite", object([&](JsonObject& own) {
        own.number("id", facts.id(suite_item)).text("node_id", facts.node("CS", suite_item));
        own.text("head_branch", "retry-timeouts").text("head_sha", facts.sha(head));
        own.text("status", "completed")
            .text("conclusion", "success")
            .text("before", facts.sha(base));
        own.text("after", facts.sha(head)).raw("app", app()).text("created_at", facts.time(30));
        own.text("updated_at", facts.time(240)).number("latest_check_runs_count", 1);
        own.raw("pull_requests", associated_pull_requests(facts));
      }));
}

void workflow_run(JsonObject& json, const Facts& facts) {
  json.raw("workflow",
           R"({"id":31001,"name":"CI","path":".github/workflows/ci.yml","state":"active"})");
  json.raw(
      "workflow_run", object([&](JsonObject& own) {
        const auto id = facts.id(run_item);
        own.number("id", id).text("name", "CI").text("node_id", facts.node("WFR", run_item));
        own.text("head_branch", "retry-timeouts").text("head_sha", facts.sha(head));
        own.text("path", ".github/workflows/ci.yml").number("run_number", facts.number);
        own.text("event", "pull_request").text("status", "completed").text("conclusion", "success");
        own.number("workflow_id", 31'001).number("run_attempt", 1).raw("actor", person(ada));
        own.text("html_url", fmt::format("https://github.com/acme/api/actions/runs/{}", id));
        own.text("created_at", facts.time(20)).text("run_started_at", facts.time(20));
        own.text("updated_at", facts.time(240));
        own.raw("pull_requests", associated_pull_requests(facts));
      }));
}

void status(JsonObject& json, const Facts& facts) {
  json.number("id", facts.id(status_item)).text("sha", facts.sha(head)).text("name", "acme/api");
  json.text("context", "ci/acme").text("state", "success").text("description", "All is well");
  json.text("target_url", "https://ci.acme.example/builds/81").text("created_at", facts.time(240));
  json.text("updated_at", facts.time(240)).raw("branches", "[]");
  json.raw("commit", object([&](JsonObject& own) {
             own.text("sha", facts.sha(head)).raw("author", person(ada)).raw("parents", "[]");
           }));
}

void created_ref(JsonObject& json, const Facts& facts) {
  json.text("ref", fmt::format("retry-timeouts-{}", facts.number)).text("ref_type", "branch");
  json.text("master_branch", "main")
      .text("description", "The public API of Acme")
      .text("pusher_type", "user");
}

void deleted_ref(JsonObject& json, const Facts& facts) {
  json.text("ref", fmt::format("retry-timeouts-{}", facts.number)).text("ref_type", "branch");
  json.text("pusher_type", "user");
}

void release(JsonObject& json, const Facts& facts) {
  json.raw(
      "release", object([&](JsonObject& own) {
        const auto tag = fmt::format("v1.{}.0", facts.number);
        own.number("id", facts.id(release_item)).text("node_id", facts.node("RE", release_item));
        own.text("tag_name", tag).text("target_commitish", "main").text("name", tag);
        own.text("html_url", fmt::format("https://github.com/acme/api/releases/tag/{}", tag));
        own.boolean("draft", false).boolean("prerelease", false).raw("author", person(ada));
        own.text("created_at", facts.time())
            .text("published_at", facts.time(60))
            .raw("assets", "[]");
        own.text("body", "Requests that time out are tried again.");
      }));
}

void dispatched(JsonObject& json, const Facts& facts) {
  json.raw("inputs",
           object([&](JsonObject& own) { own.text("build", fmt::format("{}", facts.number)); }));
  json.text("ref", "refs/heads/main").text("workflow", ".github/workflows/deploy.yml");
}

void starred(JsonObject& json, const Facts& facts) { json.text("starred_at", facts.time()); }

struct Row {
  std::string_view type;
  void (*fill)(JsonObject& json, const Facts& facts);
  const Person& sender = ada;
};

constexpr auto rows = std::to_array<Row>({
    {"github.check_run.completed", check_run, checks},
    {"github.check_suite.completed", check_suite, checks},
    {"github.create", created_ref},
    {"github.delete", deleted_ref},
    {"github.issue_comment.created", issue_comment<false>, grace},
    {"github.issue_comment.created.on_pull_request", issue_comment<true>, grace},
    {"github.issues.assigned", issue_only<IssueState{.assigned = true}>},
    {"github.issues.closed", issue_only<IssueState{.closed = true}>},
    {"github.issues.labeled", issue_only<IssueState{.labeled = true}>},
    {"github.issues.opened", issue_only<IssueState{}>, grace},
    {"github.ping", plain_ping},
    {"github.pull_request.closed", pull<PullState{.closed = true}>, grace},
    {"github.pull_request.edited", pull_edited},
    {"github.pull_request.labeled", pull<PullState{.labeled = true}>},
    {"github.pull_request.opened", pull<PullState{}>},
    {"github.pull_request.ready_for_review", pull<PullState{}>},
    {"github.pull_request.reopened", pull<PullState{}>},
    {"github.pull_request.review_requested", pull<PullState{.reviewer = true}>},
    {"github.pull_request.synchronize", pull_synchronized},
    {"github.pull_request_review.submitted", review, grace},
    {"github.pull_request_review_comment.created", review_comment, grace},
    {"github.push", push},
    {"github.release.published", release},
    {"github.star.created", starred, grace},
    {"github.status", status, checks},
    {"github.workflow_dispatch", dispatched},
    {"github.workflow_run.completed", workflow_run, checks},
});
static_assert(std::ranges::is_sorted(rows, {}, &Row::type), "found by bisection");

constexpr auto types = types_of(rows);

// "created" of "github.issues.created", empty for "github.push"; a variant behind it is cut.
std::string_view action_of(std::string_view type) {
  type.remove_prefix(type.find('.') + 1);
  const std::size_t dot = type.find('.');
  if (dot == std::string_view::npos) return {};
  type.remove_prefix(dot + 1);
  return type.substr(0, type.find('.'));
}

// GitHub signs no time, so its samples need not be of now.
std::optional<Sample> make(std::string_view type, std::uint64_t seed, std::optional<Time>) {
  const auto* const row = std::ranges::lower_bound(rows, type, {}, &Row::type);
  if (row == rows.end() || row->type != type) return std::nullopt;
  const Facts facts{seed};
  return Sample{object([&](JsonObject& json) {
    if (const auto action = action_of(type); !action.empty()) json.text("action", action);
    row->fill(json, facts);
    json.raw("repository", repository(facts)).raw("organization", organization());
    json.raw("sender", person(row->sender));
  })};
}

}  // namespace

constinit const SampleMaker github_samples{
    .connector = "github", .first_type = "pull_request.opened", .types = types, .make = make};

}  // namespace signalbox
