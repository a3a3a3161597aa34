#include "rules/pattern/event_hints.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "event/connector_names.hpp"
#include "event/star_match.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {
namespace {

struct OtherName {
  std::string_view written;  // `*` for any characters
  std::string_view type;     // here; empty: there is none
  std::string_view note{};   // behind it
};

constexpr std::string_view failed_check = "with match: {check_run: {conclusion: [failure]}}";
constexpr std::string_view failed_run = "with match: {workflow_run: {conclusion: [failure]}}";
constexpr std::string_view changed_field = "with match: {changelog: {items: {field: [status]}}}";

// The first that fits counts.
constexpr auto other_names = std::to_array<OtherName>({
    {"github.pull_request.merged", "github.pull_request.closed",
     "with match: {pull_request: {merged: [true]}}"},
    {"github.pull_request.created", "github.pull_request.opened"},
    {"github.pull_request.updated", "github.pull_request.synchronize",
     "for new commits, github.pull_request.edited for its text"},
    {"github.pull_request.sync*", "github.pull_request.synchronize"},
    {"github.pull_request.pushed", "github.pull_request.synchronize"},
    {"github.pull_request.ready", "github.pull_request.ready_for_review"},
    {"github.pull_request.draft", "github.pull_request.converted_to_draft"},
    {"github.pull_request.approved", "github.pull_request_review.submitted",
     "with match: {review: {state: [approved]}}"},
    {"github.pull_request.changes_requested", "github.pull_request_review.submitted",
     "with match: {review: {state: [changes_requested]}}"},
    {"github.pull_request.reviewed", "github.pull_request_review.submitted"},
    {"github.pull_request.comment*", "github.issue_comment.created",
     "with match: {issue: {pull_request: {url: [{exists: true}]}}}"},
    {"github.pull_request_review.approved", "github.pull_request_review.submitted",
     "with match: {review: {state: [approved]}}"},
    {"github.pull_request_review.changes_requested", "github.pull_request_review.submitted",
     "with match: {review: {state: [changes_requested]}}"},
    {"github.pull_request_review.commented", "github.pull_request_review.submitted",
     "with match: {review: {state: [commented]}}"},
    {"github.pull_request_target*", "github.pull_request"},
    {"github.pull_request_comment*", "github.issue_comment",
     "with match: {issue: {pull_request: {url: [{exists: true}]}}}"},
    {"github.pr", "github.pull_request"},
    {"github.pr.*", "github.pull_request"},
    {"github.merge_request*", "github.pull_request"},
    {"github.issues.created", "github.issues.opened"},
    {"github.issues.updated", "github.issues.edited"},
    {"github.issues.comment*", "github.issue_comment.created"},
    {"github.issue_comment*.added", "github.issue_comment.created"},
    {"github.comment.*", "github.issue_comment.created"},
    {"github.comment", "github.issue_comment"},
    {"github.commit", "github.push"},
    {"github.commits", "github.push"},
    {"github.push.*", "github.push", "with match: {ref: [refs/heads/main]}"},
    {"github.tag*", "github.create", "with match: {ref_type: [tag]}"},
    {"github.branch", "github.create", "with match: {ref_type: [branch]}"},
    {"github.branch.*", "github.create", "with match: {ref_type: [branch]}"},
    {"github.check_run.fail*", "github.check_run.completed", failed_check},
    {"github.check_run.success*", "github.check_run.completed",
     "with match: {check_run: {conclusion: [success]}}"},
    {"github.workflow_run.fail*", "github.workflow_run.completed", failed_run},
    {"github.workflow_run.success*", "github.workflow_run.completed",
     "with match: {workflow_run: {conclusion: [success]}}"},
    {"github.workflow", "github.workflow_run"},
    {"github.ci*", "github.check_run.completed", failed_check},
    {"github.build*", "github.check_run.completed", failed_check},
    {"github.schedule*", "", "GitHub sends no webhook of a schedule"},
    {"github.workflow_call*", "", "GitHub sends no webhook of that"},
    {"jira.issue_comment*", "jira.comment_created"},
    {"jira.issue.comment*", "jira.comment_created"},
    {"jira.comment_added", "jira.comment_created"},
    {"jira.issue_transition*", "jira.issue_updated", changed_field},
    {"jira.issue_moved", "jira.issue_updated", changed_field},
    {"jira.issue_status*", "jira.issue_updated", changed_field},
    {"jira.issue_closed", "jira.issue_updated", changed_field},
    {"jira.issue_resolved", "jira.issue_updated", changed_field},
    {"jira.issue_generic", "jira.issue_updated"},
    {"jira.issue_assigned", "jira.issue_updated",
     "with match: {changelog: {items: {field: [assignee]}}}"},
    {"jira.issue.create*", "jira.issue_created"},
    {"jira.issue.update*", "jira.issue_updated"},
    {"jira.issue.delete*", "jira.issue_deleted"},
    {"jira.comment.create*", "jira.comment_created"},
    {"jira.comment.update*", "jira.comment_updated"},
    {"jira.comment.delete*", "jira.comment_deleted"},
    {"linear.issue.opened", "linear.issue.create"},
    {"linear.issue.deleted", "linear.issue.remove"},
    {"linear.comment.deleted", "linear.comment.remove"},
    {"linear.issue.closed", "linear.issue.update",
     "with match: {data: {state: {type: [completed]}}}"},
    {"linear.issue.completed", "linear.issue.update",
     "with match: {data: {state: {type: [completed]}}}"},
    {"linear.issue.assigned", "linear.issue.update",
     "with match: {updatedFrom: {assigneeId: [{exists: true}]}}"},
    {"linear.issue.labeled", "linear.issue.update",
     "with match: {updatedFrom: {labelIds: [{exists: true}]}}"},
    {"linear.issue.comment*", "linear.comment.create"},
    {"linear.issue_comment*", "linear.comment.create"},
});

// Events by which people recognise a provider.
struct KnownEvents {
  std::string_view connector;
  std::string_view events;
};
constexpr auto known_events = std::to_array<KnownEvents>({
    {"github",
     "pull_request pull_request_review pull_request_review_comment pull_request_review_thread "
     "pull_request_target push issues issue_comment check_run check_suite workflow_run "
     "workflow_job workflow_dispatch repository_dispatch release create delete fork star watch "
     "discussion discussion_comment deployment deployment_status status label milestone "
     "commit_comment merge_group ping pr pull_requests"},
    {"jira",
     "issue_created issue_updated issue_deleted comment_created comment_updated comment_deleted "
     "worklog_created worklog_updated worklog_deleted sprint_created sprint_started "
     "sprint_closed sprint_updated issuelink_created version_released issue_commented"},
    {"linear",
     "issue comment project project_update cycle reaction issue_label document initiative "
     "agent_session_event"},
});

// Senders of webhooks that a name near to one of ours may mean.
constexpr std::array<std::string_view, 8> other_providers{
    "gitlab", "gitea", "bitbucket", "gerrit", "forgejo", "sentry", "slack", "linode"};

bool is_known_event(std::string_view words, std::string_view word) {
  return fmt::format(" {} ", words).find(fmt::format(" {} ", word)) != std::string::npos;
}

}  // namespace

std::string other_event_hint(std::string_view type) {
  for (const OtherName& row : other_names) {
    if (!star_matches(row.written, type)) continue;
    if (row.type.empty()) return fmt::format("; {}", row.note);
    return fmt::format("; did you mean '{}'{}{}?", row.type, row.note.empty() ? "" : ", ",
                       row.note);
  }
  return {};
}

std::string unknown_connector_hint(std::string_view type) {
  const std::string_view name = type.substr(0, type.find('.'));
  for (const KnownEvents& row : known_events) {
    if (!is_known_event(row.events, name)) continue;
    const std::string whole = fmt::format("{}.{}", row.connector, type);
    const std::string better = other_event_hint(whole);
    return better.empty() ? fmt::format("; did you mean '{}'?", whole) : better;
  }
  const std::string near = did_you_mean(name, connector_names);
  const bool other = std::ranges::find(other_providers, name) != other_providers.end();
  if (!other && !near.empty()) return near;
  return fmt::format(" (known: {})", fmt::join(connector_names, ", "));
}

}  // namespace signalbox
