// How references are collected; what is found in which text is in tests/samples/*_requests.json.
#include "connectors/references/references.hpp"

#include <catch2/catch.hpp>

#include "connectors/references/reference_text.hpp"

namespace signalbox {
namespace {

const TrackerKeys trackers{.teams = {"ENG"}, .projects = {"PROJ"}};

std::string repeated(std::string_view piece, std::size_t bytes) {
  std::string out;
  while (out.size() < bytes) out += piece;
  return out;
}

TEST_CASE("of equal references the most trusted is kept, others stand beside each other") {
  ReferenceCollector found{trackers};
  found.add("linear:ENG-1", Relation::mentions, ReferencePlace::commit, Trust::outsider);
  found.add("linear:ENG-1", Relation::mentions, ReferencePlace::commit, Trust::member);
  found.add("linear:ENG-1", Relation::mentions, ReferencePlace::commit, Trust::contributor);
  found.add("linear:ENG-1", Relation::fixes, ReferencePlace::commit, Trust::outsider);
  found.add("linear:ENG-1", Relation::mentions, ReferencePlace::title, Trust::outsider);
  const auto references = found.take("linear:ENG-2");
  REQUIRE(references.size() == 3);
  CHECK(references.front() ==
        Reference{"linear:ENG-1", Relation::mentions, ReferencePlace::commit, Trust::member});
}

TEST_CASE("an empty target is none") {
  ReferenceCollector found{trackers};
  found.add("", Relation::mentions, ReferencePlace::title, Trust::owner);
  CHECK(found.take("x").empty());
}

TEST_CASE("text behind the bound of an event is not looked at") {
  ReferenceCollector found{trackers, "acme/api"};
  const std::string padding(reference_text_bytes_max - 20, ' ');
  found.add_words({padding + "fixes #1            fixes #2"}, true);
  found.add_words({"fixes #3"}, true);
  const auto references = found.take("");
  REQUIRE(references.size() == 1);
  CHECK(references.front().target == "github:acme/api#1");
}

TEST_CASE("a text that tempts to look again and again is read in one pass") {
  const char* pieces[] = {"`",      "``` ``",    "<!--",    "` `` ",    "fixes ",      "closes:",
                          "part o", "ENG-",      "a-",      "acme/",    "https://a/",  "a_",
                          "fix [(", "fixes #1,", "`\n\n``", "related ", "linear issu", "\n\n`"};
  for (const char* piece : pieces) {
    INFO(piece);
    const std::string text = repeated(piece, reference_text_bytes_max / 2);
    ReferenceCollector found{trackers, "acme/api"};
    const auto began = std::chrono::steady_clock::now();
    found.add_words({text}, true);
    found.add_keys({text, ReferencePlace::branch}, Relation::implements);
    // Milliseconds when linear, minutes when not.
    CHECK(std::chrono::steady_clock::now() - began < std::chrono::seconds{5});
    CHECK(found.take("").size() <= 1);
  }
}

TEST_CASE("a key has a letter in front and a number without a leading zero behind") {
  for (const char* text : {"ENG-1", "V2-1161", "MY_PROJ-7 x", "e-999999999", "ENG-1-title"}) {
    INFO(text);
    CHECK(read_key(text));
  }
  for (const char* text : {"", "-1", "2V-1", "_A-1", "ENG", "ENG-", "ENG-x", "ENG-0", "ENG-01",
                           "ENG-1x", "ENG-1_", "ENG-1234567890", "ENG 1"}) {
    INFO(text);
    CHECK_FALSE(read_key(text));
  }
  CHECK_FALSE(read_key(std::string(33, 'A') + "-1"));
}

TEST_CASE("a URL ends where prose or Markdown goes on") {
  const std::pair<const char*, const char*> rows[] = {
      {"https://a.example/b).", "https://a.example/b"},
      {"https://a.example/b. Next", "https://a.example/b"},
      {"http://a.example/b?c=d#e|", "http://a.example/b?c=d#e"},
      {"https://a.example/b\nc", "https://a.example/b"},
      {"https://a.example/b](c)", "https://a.example/b"},
      {"ftp://a.example/b", ""},
      {"see https://a.example/b", ""},
  };
  for (const auto& [text, url] : rows) CHECK(read_url(text) == url);
  CHECK(read_url("https://a.example/" + std::string(2000, 'a')).empty());
}

}  // namespace
}  // namespace signalbox
