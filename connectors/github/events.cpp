#include "connectors/github/events.hpp"

#include <algorithm>

namespace signalbox {
namespace {

using enum JsonKind;

// Sorted by name. Left out are names whose bodies have no member that is always there.
constexpr auto events = std::to_array<GithubEvent>({
    {"branch_protection_rule", {{{"rule"}}}, {}, "rule", "updated_at"},
    {"check_run", {{{"check_run"}}}, {"deployment_status", "deployment"}, "check_run", "id"},
    {"check_suite", {{{"check_suite"}}}, {}, "check_suite", "updated_at"},
    {"code_scanning_alert", {{{"alert"}, {"commit_oid", string}}}, {}, "alert", "updated_at"},
    {"commit_comment",
     {{{"comment"}}},
     {"issue", "discussion", "pull_request"},
     "comment",
     "updated_at"},
    // A branch may come and go and come again; only the id header tells the deliveries apart.
    {"create", {{{"ref", string}, {"ref_type", string}, {"master_branch", string}}}, {}, {}, {}},
    {"delete", {{{"ref", string}, {"ref_type", string}}}, {"master_branch"}, {}, {}},
    {"dependabot_alert", {{{"alert"}}}, {}, "alert", "updated_at"},
    {"deploy_key", {{{"key"}}}, {}, "key", "id"},
    {"deployment", {{{"deployment"}}}, {"deployment_status", "workflow_job"}, "deployment", "id"},
    {"deployment_status", {{{"deployment_status"}, {"deployment"}}}, {}, "deployment_status", "id"},
    {"discussion", {{{"discussion"}}}, {"comment"}, "discussion", "updated_at"},
    {"discussion_comment", {{{"discussion"}, {"comment"}}}, {}, "comment", "updated_at"},
    {"fork", {{{"forkee"}}}, {}, "forkee", "id"},
    {"gollum", {{{"pages", array}}}, {}, {}, "pages"},  // each page carries the commit of its edit
    {"installation",
     {{{"installation"}, {"action", string}}},
     {"repository"},
     "installation",
     "updated_at"},
    {"installation_repositories", {{{"installation"}, {"repositories_added", array}}}, {}, {}, {}},
    {"issue_comment",
     {{{"issue"}, {"comment"}}},
     {"pull_request", "discussion"},
     "comment",
     "updated_at"},
    {"issues", {{{"issue"}}}, {"comment", "discussion", "pull_request"}, "issue", "updated_at"},
    {"label", {{{"label"}}}, {"issue", "pull_request", "discussion"}, {}, {}},
    {"member", {{{"member"}, {"repository"}}}, {"team"}, {}, {}},
    {"membership", {{{"member"}, {"team"}}}, {}, {}, {}},
    {"merge_group", {{{"merge_group"}}}, {}, "merge_group", "head_sha"},
    {"meta", {{{"hook"}, {"hook_id", number}}}, {}, "hook", "updated_at"},
    {"milestone", {{{"milestone"}}}, {"issue", "pull_request"}, "milestone", "updated_at"},
    {"org_block", {{{"blocked_user"}}}, {}, {}, {}},
    {"package", {{{"package"}}}, {}, "package", "updated_at"},
    {"page_build", {{{"build"}, {"id", number}}}, {}, {}, "id"},
    // The button "test" sends one of about fifteen sentences, so two pings can be equal.
    {"ping", {{{"zen", string}, {"hook_id", number}}}, {}, {}, {}},
    {"project", {{{"project"}}}, {}, "project", "updated_at"},
    {"project_card", {{{"project_card"}}}, {}, "project_card", "updated_at"},
    {"project_column", {{{"project_column"}}}, {}, "project_column", "updated_at"},
    {"projects_v2", {{{"projects_v2"}}}, {}, "projects_v2", "updated_at"},
    {"projects_v2_item", {{{"projects_v2_item"}}}, {}, "projects_v2_item", "updated_at"},
    {"public", {{{"repository"}}}, {"action", "ref", "status"}, {}, {}, true},
    {"pull_request",
     {{{"pull_request"}, {"number", number}}},
     {"review", "comment", "thread"},
     "pull_request",
     "updated_at"},
    {"pull_request_review",
     {{{"pull_request"}, {"review"}}},
     {"comment"},
     "pull_request",
     "updated_at"},
    {"pull_request_review_comment",
     {{{"pull_request"}, {"comment"}}},
     {"review"},
     "comment",
     "updated_at"},
    // Resolving leaves the times of the comments and of the pull request as they are.
    {"pull_request_review_thread", {{{"pull_request"}, {"thread"}}}, {}, {}, "updated_at"},
    {"push",
     {{{"ref", string}, {"before", string}, {"after", string}}},
     {"pull_request", "issue"},
     "repository",
     "pushed_at"},
    {"registry_package", {{{"registry_package"}}}, {}, "registry_package", "updated_at"},
    {"release", {{{"release"}}}, {}, "release", "id"},
    {"repository",
     {{{"repository"}, {"action", string}}},
     {"starred_at", "branch"},
     "repository",
     "updated_at",
     true},
    {"repository_dispatch",
     {{{"action", string}, {"branch", string}, {"client_payload", object, true}}},
     {"issue", "pull_request", "comment", "check_run"},
     {},
     {}},
    {"repository_import", {{{"repository"}, {"status", string}}}, {"action"}, {}, {}, true},
    {"repository_vulnerability_alert", {{{"alert"}}}, {}, "alert", "id"},
    {"secret_scanning_alert", {{{"alert"}}}, {}, "alert", "updated_at"},
    {"security_advisory", {{{"security_advisory"}}}, {}, "security_advisory", "updated_at"},
    {"sponsorship", {{{"sponsorship"}}}, {}, {}, {}},
    {"star",
     {{{"repository"}, {"action", string}, {"starred_at", string, true}}},
     {},
     {},
     "starred_at",
     true},
    {"status", {{{"sha", string}, {"state", string}, {"context", string}}}, {}, {}, "id"},
    {"team", {{{"team"}, {"action", string}}}, {"member"}, {}, {}},
    {"team_add", {{{"team"}, {"repository"}}}, {"member", "action"}, {}, {}},
    {"watch", {{{"repository"}, {"action", string}}}, {"starred_at"}, {}, {}, true, "started"},
    {"workflow_dispatch", {{{"ref", string}, {"workflow", string}}}, {}, {}, {}},
    {"workflow_job", {{{"workflow_job"}}}, {"deployment_status"}, "workflow_job", "id"},
    {"workflow_run",
     {{{"workflow_run"}}},
     {"deployment", "deployment_status", "workflow_job_run"},
     "workflow_run",
     "updated_at"},
});
static_assert(std::ranges::is_sorted(events, {}, &GithubEvent::name), "found by bisection");

}  // namespace

const GithubEvent* find_github_event(std::string_view name) noexcept {
  const auto* const row = std::ranges::lower_bound(events, name, {}, &GithubEvent::name);
  return row != events.end() && row->name == name ? row : nullptr;
}

}  // namespace signalbox
