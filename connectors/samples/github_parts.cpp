#include "connectors/samples/github_parts.hpp"

#include <fmt/format.h>

namespace signalbox::github_sample {

std::string person(const Person& who) {
  return object([&](JsonObject& json) {
    json.text("login", who.login).number("id", who.id);
    json.text("node_id", fmt::format("U_kgDO{:x}", who.id));
    json.text("avatar_url", fmt::format("https://avatars.githubusercontent.com/u/{}?v=4", who.id));
    json.text("url", fmt::format("https://api.github.com/users/{}", who.login));
    json.text("html_url", fmt::format("https://github.com/{}", who.login));
    json.text("type", who.type).boolean("site_admin", false);
  });
}

std::string repository(const Facts& facts) {
  return object([&](JsonObject& json) {
    json.number("id", repository_id).text("node_id", "R_kgDOCyMjSg");
    json.text("name", "api").text("full_name", "acme/api").boolean("private", true);
    json.raw("owner", person(acme)).text("html_url", "https://github.com/acme/api");
    json.text("description", "The public API of Acme").boolean("fork", false);
    json.text("url", "https://api.github.com/repos/acme/api");
    json.text("created_at", "2019-05-15T15:19:25Z").text("updated_at", facts.time());
    json.text("pushed_at", facts.time()).text("clone_url", "https://github.com/acme/api.git");
    json.number("stargazers_count", 12).text("language", "C++").boolean("archived", false);
    json.number("open_issues_count", 3)
        .text("visibility", "private")
        .text("default_branch", "main");
  });
}

std::string organization() {
  return object([](JsonObject& json) {
    json.text("login", "acme").number("id", organization_id).text("node_id", "O_kgDOAkhy8w");
    json.text("url", "https://api.github.com/orgs/acme");
  });
}

namespace {

std::string branch_end(const Facts& facts, std::string_view ref, What which) {
  return object([&](JsonObject& json) {
    json.text("label", fmt::format("acme:{}", ref)).text("ref", ref).text("sha", facts.sha(which));
    json.raw("user", person(acme)).raw("repo", repository(facts));
  });
}

}  // namespace

std::string label(const Facts& facts) {
  return object([&](JsonObject& json) {
    json.number("id", facts.id(label_item)).text("node_id", facts.node("LA", label_item));
    json.text("name", "ready")
        .text("color", "0e8a16")
        .boolean("default", false)
        .raw("description", "null");
  });
}

std::string pull_url(const Facts& facts) {
  return fmt::format("https://github.com/acme/api/pull/{}", facts.number);
}

std::string pull_request(const Facts& facts, PullState state) {
  return object([&](JsonObject& json) {
    json.text("url", fmt::format("https://api.github.com/repos/acme/api/pulls/{}", facts.number));
    json.number("id", facts.id(pull_item)).text("node_id", facts.node("PR", pull_item));
    json.text("html_url", pull_url(facts)).number("number", facts.number);
    json.text("state", state.closed ? "closed" : "open").boolean("locked", false);
    json.text("title", "Retry requests that time out").raw("user", person(ada));
    json.text("body", "A request that times out is tried again, at most three times.\n\nFixes #7.");
    json.text("created_at", facts.time()).text("updated_at", facts.time(90));
    json.raw("closed_at", state.closed ? fmt::format("\"{}\"", facts.time(90)) : "null");
    json.raw("merged_at", state.closed ? fmt::format("\"{}\"", facts.time(90)) : "null");
    json.raw("merge_commit_sha", state.closed ? fmt::format("\"{}\"", facts.sha(merge)) : "null");
    json.raw("assignees", "[]")
        .raw("requested_reviewers", state.reviewer ? "[" + person(grace) + "]" : "[]");
    json.raw("requested_teams", "[]")
        .raw("labels", state.labeled ? "[" + label(facts) + "]" : "[]");
    json.raw("milestone", "null").boolean("draft", false);
    json.raw("head", branch_end(facts, "retry-timeouts", head))
        .raw("base", branch_end(facts, "main", base));
    json.text("author_association", "MEMBER");
    if (!state.counted) return;
    json.boolean("merged", state.closed).raw("merged_by", state.closed ? person(grace) : "null");
    json.number("comments", 0).number("review_comments", 0).number("commits", 2);
    json.number("additions", 64).number("deletions", 9).number("changed_files", 3);
  });
}

std::string issue(const Facts& facts, IssueState state) {
  const std::string html_url =
      state.is_pull_request ? pull_url(facts)
                            : fmt::format("https://github.com/acme/api/issues/{}", facts.number);
  return object([&](JsonObject& json) {
    json.text("url", fmt::format("https://api.github.com/repos/acme/api/issues/{}", facts.number));
    json.text("html_url", html_url).number("id", facts.id(issue_item));
    json.text("node_id",
              state.is_pull_request ? facts.node("PR", pull_item) : facts.node("I", issue_item));
    json.number("number", facts.number).text("title", "Uploads over 2 GB fail with status 500");
    json.raw("user", person(grace)).raw("labels", state.labeled ? "[" + label(facts) + "]" : "[]");
    json.text("state", state.closed ? "closed" : "open").boolean("locked", false);
    json.raw("assignee", state.assigned ? person(ada) : "null");
    json.raw("assignees", state.assigned ? "[" + person(ada) + "]" : "[]").raw("milestone", "null");
    json.number("comments", 1).text("created_at", facts.time()).text("updated_at", facts.time(90));
    json.raw("closed_at", state.closed ? fmt::format("\"{}\"", facts.time(90)) : "null");
    json.text("author_association", "CONTRIBUTOR");
    if (state.is_pull_request) {
      json.raw("pull_request", object([&](JsonObject& pull) {
                 pull.text("url", fmt::format("https://api.github.com/repos/acme/api/pulls/{}",
                                              facts.number));
                 pull.text("html_url", pull_url(facts));
               }));
    }
    json.text("body", "Steps: upload a file of 3 GB. Expected: 201. Seen: 500 after a minute.");
    json.raw("performed_via_github_app", "null");
  });
}

std::string comment(const Facts& facts, std::string_view text, std::string_view page) {
  return object([&](JsonObject& json) {
    const auto id = facts.id(comment_item);
    json.text("html_url", fmt::format("https://github.com/acme/api/{}/{}#issuecomment-{}", page,
                                      facts.number, id));
    json.number("id", id)
        .text("node_id", facts.node("IC", comment_item))
        .raw("user", person(grace));
    json.text("created_at", facts.time(120)).text("updated_at", facts.time(120));
    json.text("author_association", "MEMBER")
        .text("body", text)
        .raw("performed_via_github_app", "null");
  });
}

std::string associated_pull_requests(const Facts& facts) {
  const auto end = [&](std::string_view ref, What which) {
    return object([&](JsonObject& json) {
      json.text("ref", ref).text("sha", facts.sha(which));
      json.raw(
          "repo", object([](JsonObject& repo) {
            repo.number("id", repository_id).text("url", "https://api.github.com/repos/acme/api");
            repo.text("name", "api");
          }));
    });
  };
  return "[" + object([&](JsonObject& json) {
           json.text("url",
                     fmt::format("https://api.github.com/repos/acme/api/pulls/{}", facts.number));
           json.number("id", facts.id(pull_item)).number("number", facts.number);
           json.raw("head", end("retry-timeouts", head)).raw("base", end("main", base));
         }) +
         "]";
}

}  // namespace signalbox::github_sample
