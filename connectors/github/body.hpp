// What a GitHub body says. The event's name stands in an unsigned header, so everything else is
// read from the signed body, by the objects that it holds and not by the name, wherever that is
// possible: an event that nobody has heard of has its actor, trust and work all the same (invariant
// E6). https://docs.github.com/en/webhooks/webhook-events-and-payloads
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/github/events.hpp"
#include "connectors/references/references.hpp"
#include "event/event.hpp"

namespace signalbox {

// "acme/api" of "https://api.github.com/repos/acme/api", of any host. Empty for another URL.
std::string_view repository_of_url(std::string_view url);

// A view: valid as long as the Json. Not thread-safe.
class GithubBody {
 public:
  explicit GithubBody(Json object);

  // As the sender wrote it; empty where there is none.
  std::string_view action() const { return top(Top::action).string_or({}); }

  // Whether this can be a body of the event: empty when it fits, else what is wrong with it.
  // Together with the memory of bodies and names (coordination/record.hpp) this keeps a captured
  // body from being sent under another event's name.
  std::string shape_error(const GithubEvent& event) const;

  // Whether two deliveries with this very body must be the same delivery, since it carries a time
  // or number of its own. False: equal bodies are legal, such as a branch that is created, deleted
  // and created again. `event` is null for one that is not known.
  bool is_unique(const GithubEvent* event) const;

  // When the event happened, where its body has a time that is the event's own and not only the
  // time of what it is about. `event` as above.
  std::optional<Time> own_time(const GithubEvent* event) const;

  // Who acted: `sender`. A Bot account is a bot; a person in whose name an App wrote is an app.
  Actor actor() const;

  // The lowest association among the authors of the texts that the body carries: a pull request's,
  // an issue's, a discussion's, a comment's, a review's. Outsider where there is none, which is not
  // to say that the actor is one: the commit messages of a push may be anybody's.
  Trust trust() const;

  // The pull request, issue or discussion that the body is about, or the only pull request of its
  // check run, check suite or workflow run. The three share one sequence of numbers in a
  // repository.
  std::optional<WorkRef> work() const;

  // What the pull request, issue, push or check refers to, but for `own`, the readable name of the
  // work: issue keys in the head branch and the title, what closing and linking words name, the
  // commit and the branch that it stands at, each pull request of a check that has several, the
  // content of a project's item, the parent of a sub-issue.
  std::vector<Reference> references(const TrackerKeys& trackers, std::string_view own) const;

  // "acme/api", "ghe.acme.example/acme/api", "acme" for an organization's events; empty where the
  // body names neither a repository nor an organization.
  std::vector<std::string> places() const;

  // "github:acme/api", "github:acme" for an organization's events, or empty.
  std::string place() const;

 private:
  // Members of the object that are looked at, whatever the event.
  enum class Top : std::size_t {
    action,
    sender,
    repository,
    organization,
    installation,
    pull_request,
    issue,
    discussion,
    comment,
    review,
    answer,
    old_answer,
    thread,
    check_run,
    check_suite,
    workflow_run,
    deployment,
    deployment_status,
  };
  static constexpr std::array<std::string_view, 18> top_names{
      "action", "sender",     "repository",  "organization", "installation", "pull_request",
      "issue",  "discussion", "comment",     "review",       "answer",       "old_answer",
      "thread", "check_run",  "check_suite", "workflow_run", "deployment",   "deployment_status"};

  static_assert(top_names[static_cast<std::size_t>(Top::deployment_status)] == "deployment_status");

  // What is read of an object that somebody wrote, found in one walk over it.
  struct Written {
    Json object;
    Json number, node_id, id, association, title, body, head, app;
    Trust trust() const;  // of the author
  };
  static constexpr auto first_written = Top::pull_request;
  static constexpr auto last_written = Top::old_answer;
  static constexpr std::size_t written_count =
      static_cast<std::size_t>(last_written) - static_cast<std::size_t>(first_written) + 1;

  struct Item {
    Json number;
    Json node_id;
    Json id;
    std::string_view kind;
  };

  const Written& written(Top member) const {
    return written_[static_cast<std::size_t>(member) - static_cast<std::size_t>(first_written)];
  }
  Json top(Top member) const { return top_[static_cast<std::size_t>(member)]; }
  bool has_own_time() const;
  std::string foreign_member(const GithubEvent& event) const;
  // The member by which bodies of the event differ, and its name; missing where there is none.
  std::pair<std::string_view, Json> own_member(const GithubEvent& event) const;
  bool written_by_app() const;
  Item item() const;
  Item sub_issue() const;
  Item only_pull_request() const;
  std::string_view full_name() const;
  void refer_from_texts(ReferenceCollector& found) const;
  void refer_from_pull_request(ReferenceCollector& found) const;
  void refer_from_checks(ReferenceCollector& found) const;
  void refer_from_others(ReferenceCollector& found) const;
  void refer_from_push(ReferenceCollector& found) const;
  void refer_to_head(ReferenceCollector& found, Json sha, Json branch) const;
  void refer_to_issue(ReferenceCollector& found, Json issue, Relation relation) const;

  Json object_;
  std::array<Json, top_names.size()> top_;
  std::array<Written, written_count> written_;
  Json repository_id_;
  Json full_name_;  // the repository's
  // Numbers of a repository are unique within its installation of GitHub only, so the host is part
  // of a canonical name.
  std::string host_;
};

}  // namespace signalbox
