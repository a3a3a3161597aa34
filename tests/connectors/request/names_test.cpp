#include "connectors/request/names.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <sstream>

namespace signalbox {
namespace {

TEST_CASE("a part of an event type is lower snake case whatever the sender chose") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"pull_request", "pull_request"},
      {"on-demand-test", "on_demand_test"},
      {"Deploy To PROD", "deploy_to_prod"},
      {"a.b/c", "a_b_c"},
      {"caf\xC3\xA9", "caf_"},
      {"\xF0\x9F\x8E\x89!", "__"},
      {"line\nbreak\x1b[0m", "line_break__0m"},
      {"", ""},
  };
  for (const auto& [text, expected] : rows) CHECK(snake_case(text) == expected);
}

TEST_CASE("a part of an event type is cut at its bound") {
  CHECK(snake_case(std::string(5000, 'x')).size() == name_bytes_max);
}

TEST_CASE("a plain name has 1 to 128 characters of [A-Za-z0-9._-]") {
  for (const std::string_view good : {"a", "72d3162e-cc78-11e3-81ab-4c9367dc0958", "A.b_C-9"}) {
    CHECK(is_plain_name(good));
  }
  for (const std::string_view bad : {"", " ", "a b", "a/b", "a\n", "caf\xC3\xA9", "a:b", "{x}"}) {
    CHECK_FALSE(is_plain_name(bad));
  }
  CHECK(is_plain_name(std::string(128, 'x')));
  CHECK_FALSE(is_plain_name(std::string(129, 'x')));
  CHECK(is_plain_name("acme/api", "/"));
  CHECK_FALSE(is_plain_name(std::string_view{"a\0", 2}));
}

TEST_CASE("the host of a URL is in lower case and has its port") {
  const std::pair<std::string_view, std::string_view> rows[] = {
      {"https://GHE.acme.example:8443/acme/api", "ghe.acme.example:8443"},
      {"http://jira.acme.example/jira/rest", "jira.acme.example"},
      {"https://acme.atlassian.net", "acme.atlassian.net"},
      {"https://ada@acme.example/x", ""},
      {"https:///x", ""},
      {"ftp://acme.example/x", ""},
      {"acme.example/x", ""},
      {"https://a b/x", ""},
      {"", ""},
  };
  for (const auto& [url, host] : rows) CHECK(host_of(url) == host);
}

TEST_CASE("no two events that GitHub is known to send share a tag, and none is 0") {
  constexpr std::string_view names =
      "branch_protection_configuration branch_protection_rule check_run check_suite "
      "code_scanning_alert commit_comment create custom_property custom_property_values delete "
      "dependabot_alert deploy_key deployment deployment_protection_rule deployment_review "
      "deployment_status discussion discussion_comment fork github_app_authorization gollum "
      "installation installation_repositories installation_target issue_comment "
      "issue_dependencies issues label marketplace_purchase member membership merge_group meta "
      "milestone org_block organization package page_build personal_access_token_request ping "
      "project project_card project_column projects_v2 projects_v2_item "
      "projects_v2_status_update public pull_request pull_request_review "
      "pull_request_review_comment pull_request_review_thread push registry_package release "
      "repository repository_advisory repository_dispatch repository_import repository_ruleset "
      "repository_vulnerability_alert secret_scanning_alert secret_scanning_alert_location "
      "secret_scanning_scan security_advisory security_and_analysis sponsorship star status "
      "sub_issues team team_add watch workflow_dispatch workflow_job workflow_run";
  std::istringstream words{std::string{names}};
  std::map<std::uint16_t, std::string> known;
  for (std::string name; words >> name;) {
    const auto [other, fresh] = known.emplace(name_tag(name), name);
    INFO(name << " and " << other->second);
    CHECK(fresh);
    CHECK(other->first != 0);
  }
  CHECK(known.size() == 75);
  // It is stored: the same in every version.
  CHECK(name_tag("push") == 0x78b2);
}

TEST_CASE("an issue's key is a project and a number, and a project may hold digits") {
  for (const std::string_view good : {"ENG-1", "V2-1161", "MY_PROJ-7", "a-0", "X-00012345678901"}) {
    INFO(good);
    CHECK(is_issue_key(good));
  }
  for (const std::string_view bad :
       {"", "ENG", "ENG-", "-1", "ENG-1a", "2V-1", "_X-1", "UTF-8 ", "A-B-1", "A.B-1", "E NG-1",
        "{E}-1", "ENG-1\n", "\xC3\x89-1"}) {
    INFO(bad);
    CHECK_FALSE(is_issue_key(bad));
  }
  CHECK(is_issue_key(std::string(62, 'A') + "-1"));
  CHECK_FALSE(is_issue_key(std::string(63, 'A') + "-1"));
}

}  // namespace
}  // namespace signalbox
