// What an event refers to: issue keys in branches, titles and commit messages, and what stands
// behind a closing or linking word in a text. Each text is read once from left to right, so the
// time is linear in its length whatever is in it. Not thread-safe.
//
// GitHub's closing words:
// https://docs.github.com/en/issues/tracking-your-work-with-issues/using-issues/linking-a-pull-request-to-an-issue
// Linear's: https://linear.app/docs/github
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"

namespace signalbox {

// How much text of one event is looked at, in bytes.
inline constexpr std::size_t reference_text_bytes_max = std::size_t{256} * 1024;

// A text, and who wrote it where.
struct AuthoredText {
  std::string_view text;
  ReferencePlace seen = ReferencePlace::description;
  Trust trust = Trust::outsider;
};

class ReferenceCollector {
 public:
  // `repository` is where "#12" points to, "acme/api" (empty: nowhere). `host` is the GitHub whose
  // URLs are followed.
  ReferenceCollector(const TrackerKeys& trackers, std::string_view repository = {},
                     std::string_view host = "github.com");

  // Keeps the first `references_max`; of equal ones the one with the highest trust, since what a
  // trusted author wrote is written. An empty target is left out.
  void add(std::string target, Relation relation, ReferencePlace seen, Trust trust);

  // Issue keys wherever they stand: "ada/eng-123-add-retry", "PROJ-7 Add retry". In a branch, teams
  // of Linear match in either case; elsewhere, and projects of Jira everywhere, in upper case only.
  // In a commit's message only projects of Jira do, since Linear wants a word before the key there.
  // Nothing else distinguishes a key from a word, so only configured ones are found.
  void add_keys(const AuthoredText& written, Relation relation);

  // What stands right behind a closing or linking word: "Fixes #12", "closes acme/web#3", "Part of
  // ENG-1", "resolves: https://linear.app/acme/issue/ENG-2/title". Without such a word nothing is a
  // reference. Code and comments of Markdown are left out. With `closes` false a closing word is
  // one of mentioning: GitHub closes issues from pull requests and commits only.
  void add_words(const AuthoredText& written, bool closes);

  // The work behind a URL of GitHub, Linear or Jira, as an attachment has it.
  void add_url(const AuthoredText& url, Relation relation);

  // All but those to `own`, the readable name of the event's work.
  std::vector<Reference> take(std::string_view own);

 private:
  std::string_view within_budget(std::string_view text);
  void add_key(std::string_view project, std::string_view number, const AuthoredText& written,
               Relation relation, bool bare);
  // Adds what the text starts with; how many bytes that is, 0 for nothing.
  std::size_t add_target(std::string_view text, const AuthoredText& written, Relation relation,
                         bool closes_on_github);
  std::size_t add_targets(std::string_view text, const AuthoredText& written, Relation relation,
                          bool closes_on_github);

  const TrackerKeys& trackers_;
  std::string_view repository_;
  std::string_view host_;
  std::vector<Reference> references_;
  std::size_t bytes_left_ = reference_text_bytes_max;
};

}  // namespace signalbox
