// The parts that GitHub repeats in most bodies: repository, people, pull request, issue, comment,
// each written once. For samples_github.cpp. Thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "connectors/samples/sample_facts.hpp"

namespace signalbox::github_sample {

inline constexpr std::int64_t repository_id = 186'853'002;
inline constexpr std::int64_t organization_id = 38'302'899;
using sample::Facts;
using sample::object;

// What `Facts::id`, `sha` and `node` are asked for.
enum What : std::uint64_t {
  head = 16,
  base = 32,
  merge = 48,
  pull_item = 64,
  issue_item,
  comment_item,
  review_item,
  check_item,
  suite_item,
  run_item,
  status_item,
  release_item,
  label_item,
  hook_item
};

struct Person {
  std::string_view login;
  std::int64_t id;
  std::string_view type = "User";
};
inline constexpr Person ada{"ada-l", 5'101'001};
inline constexpr Person grace{"grace-h", 5'101'002};
inline constexpr Person checks{"acme-ci[bot]", 5'101'003, "Bot"};
inline constexpr Person acme{"acme", organization_id, "Organization"};

std::string person(const Person& who);
std::string repository(const Facts& facts);
std::string organization();
std::string label(const Facts& facts);

struct PullState {
  bool closed = false;  // by merging
  bool labeled = false;
  bool reviewer = false;
  bool counted = true;  // as the events of the pull request itself have it, not those of reviews
};
std::string pull_url(const Facts& facts);
std::string pull_request(const Facts& facts, PullState state = {});
// The pull request as check runs, check suites and workflow runs list it, in an array.
std::string associated_pull_requests(const Facts& facts);

struct IssueState {
  bool closed = false;
  bool labeled = false;
  bool assigned = false;
  bool is_pull_request = false;
};
std::string issue(const Facts& facts, IssueState state = {});
// `page` is "issues" or "pull".
std::string comment(const Facts& facts, std::string_view text, std::string_view page);

}  // namespace signalbox::github_sample
