// What GitHub's bodies refer to. Commits, branches and lists of pull requests are GitHub's own
// statements; everything else is the text of somebody, whose standing goes with it.
#include <fmt/format.h>

#include <algorithm>

#include "connectors/github/body.hpp"
#include "connectors/request/names.hpp"

namespace signalbox {
namespace {

constexpr std::size_t branch_bytes_max = 255;  // as Git's own files have it
constexpr std::size_t commits_max = 2048;      // of a push; GitHub sends no more
constexpr std::string_view heads = "refs/heads/";

// GitHub states it itself.
constexpr Trust stated = Trust::owner;
// Whoever pushes, fills a project's board or sorts issues was given the right to.
constexpr Trust by_writer = Trust::collaborator;

bool is_commit(std::string_view sha) {
  const bool sized = sha.size() == 40 || sha.size() == 64;
  return sized && sha.find_first_not_of("0123456789abcdef") == std::string_view::npos &&
         sha.find_first_not_of('0') != std::string_view::npos;
}

bool is_branch(std::string_view name) {
  return !name.empty() && name.size() <= branch_bytes_max && std::ranges::none_of(name, [](char c) {
    return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
  });
}

std::string_view branch_of(Json ref) {
  std::string_view name = ref.string_or({});
  if (name.starts_with(heads)) {
    name.remove_prefix(heads.size());
  } else if (name.starts_with("refs/")) {
    return {};
  }
  return is_branch(name) ? name : std::string_view{};
}

}  // namespace

std::vector<Reference> GithubBody::references(const TrackerKeys& trackers,
                                              std::string_view own) const {
  ReferenceCollector found{trackers, full_name(), host_};
  refer_from_pull_request(found);
  refer_from_texts(found);
  refer_from_checks(found);
  if (!top(Top::pull_request) && !top(Top::issue)) refer_from_others(found);
  return found.take(own);
}

void GithubBody::refer_to_head(ReferenceCollector& found, Json sha, Json branch) const {
  const auto repository = full_name();
  if (repository.empty()) return;
  if (const auto commit = sha.string_or({}); is_commit(commit)) {
    found.add(fmt::format("github:{}@{}", repository, commit), Relation::head, ReferencePlace::head,
              stated);
  }
  if (const auto name = branch_of(branch); !name.empty()) {
    found.add(fmt::format("github:{}@{}{}", repository, heads, name), Relation::head,
              ReferencePlace::head, stated);
  }
}

void GithubBody::refer_from_pull_request(ReferenceCollector& found) const {
  const Written& pull_request = written(Top::pull_request);
  if (!pull_request.object) return;
  constexpr std::array<std::string_view, 3> names{"sha", "ref", "repo"};
  const auto [sha, ref, repository] = pull_request.head.pick(names);
  // The branch of a fork is in the fork; its commits can be seen here too.
  const bool here = repository["id"].integer() == repository_id_.integer();
  refer_to_head(found, sha, here ? ref : Json{});
  const Trust author = pull_request.trust();
  found.add_keys({ref.string_or({}), ReferencePlace::branch, author}, Relation::implements);
  found.add_keys({pull_request.title.string_or({}), ReferencePlace::title, author},
                 Relation::implements);
  found.add_words({pull_request.body.string_or({}), ReferencePlace::description, author}, true);
}

// Only a pull request's description closes anything: an issue and what is written below either
// mention.
void GithubBody::refer_from_texts(ReferenceCollector& found) const {
  if (const Written& issue = written(Top::issue); issue.object) {
    const Trust author = issue.trust();
    const bool is_pull_request = issue.object["pull_request"].is(JsonKind::object);
    found.add_keys({issue.title.string_or({}), ReferencePlace::title, author},
                   is_pull_request ? Relation::implements : Relation::mentions);
    found.add_words({issue.body.string_or({}), ReferencePlace::description, author},
                    is_pull_request);
  }
  const Written& discussion = written(Top::discussion);
  found.add_words({discussion.body.string_or({}), ReferencePlace::description, discussion.trust()},
                  false);
  for (const Top member : {Top::comment, Top::review, Top::answer}) {
    const Written& text = written(member);
    found.add_words({text.body.string_or({}), ReferencePlace::comment, text.trust()}, false);
  }
}

void GithubBody::refer_from_checks(ReferenceCollector& found) const {
  for (const Top member : {Top::check_run, Top::check_suite, Top::workflow_run}) {
    const Json check = top(member);
    if (!check.is(JsonKind::object)) continue;
    const Json branch = check["head_branch"];
    refer_to_head(found, check["head_sha"], branch ? branch : check["check_suite"]["head_branch"]);
    std::size_t count = 0;
    for (const Json pull_request : check["pull_requests"].elements()) {
      if (count++ == references_max) break;
      const auto number = pull_request["number"].integer();
      const Json base = pull_request["base"]["repo"];
      // The pull requests of a fork's checks are in the repository that it was forked from.
      const auto repository = base["id"].integer() == repository_id_.integer()
                                  ? full_name()
                                  : repository_of_url(base["url"].string_or({}));
      if (!number || repository.empty()) continue;
      found.add(fmt::format("github:{}#{}", repository, *number), Relation::mentions,
                ReferencePlace::checks, stated);
    }
  }
}

void GithubBody::refer_from_others(ReferenceCollector& found) const {
  constexpr std::array<std::string_view, 7> names{
      "ref", "after", "sha", "workflow_job", "merge_group", "projects_v2_item", "sub_issue"};
  const auto [ref, after, sha, job, merge_group, project_item, sub_issue] = object_.pick(names);
  if (after) {
    refer_from_push(found);
  } else if (object_["ref_type"].string() == "branch") {  // made or deleted
    refer_to_head(found, {}, ref);
    found.add_keys({branch_of(ref), ReferencePlace::branch, by_writer}, Relation::implements);
  } else if (sha) {
    refer_to_head(found, sha, {});
  }
  refer_to_head(found, job["head_sha"], job["head_branch"]);
  refer_to_head(found, merge_group["head_sha"], merge_group["head_ref"]);
  const Json deployment = top(Top::deployment);
  refer_to_head(found, deployment["sha"], {});
  if (const auto node = project_item["content_node_id"].string_or({}); is_plain_name(node, "=")) {
    found.add(fmt::format("github:node:{}", node), Relation::mentions, ReferencePlace::project,
              by_writer);
  }
  if (action() == "parent_issue_added") {
    refer_to_issue(found, object_["parent_issue"], Relation::child);
  } else if (action() == "sub_issue_added") {
    refer_to_issue(found, sub_issue, Relation::mentions);
  }
}

void GithubBody::refer_from_push(ReferenceCollector& found) const {
  constexpr std::array<std::string_view, 3> names{"ref", "after", "commits"};
  const auto [ref, after, commits] = object_.pick(names);
  refer_to_head(found, after, ref.string_or({}).starts_with(heads) ? ref : Json{});
  found.add_keys({ref.string_or({}).starts_with(heads) ? branch_of(ref) : std::string_view{},
                  ReferencePlace::branch, by_writer},
                 Relation::implements);
  std::size_t count = 0;
  for (const Json commit : commits.elements()) {
    if (count++ == commits_max) break;
    // A commit that is pushed may be anybody's.
    const AuthoredText message{commit["message"].string_or({}), ReferencePlace::commit,
                               Trust::outsider};
    found.add_words(message, true);
    found.add_keys(message, Relation::mentions);
  }
}

void GithubBody::refer_to_issue(ReferenceCollector& found, Json issue, Relation relation) const {
  const auto number = issue["number"].integer();
  const auto repository = repository_of_url(issue["repository_url"].string_or({}));
  if (!number || repository.empty()) return;
  found.add(fmt::format("github:{}#{}", repository, *number), relation, ReferencePlace::parent,
            by_writer);
}

}  // namespace signalbox
