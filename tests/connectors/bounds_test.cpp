// The bounds of what connectors take from texts and bodies, on both sides: the largest that is
// taken, and one more. What a whole request can show stands in tests/samples/*_requests.json.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "connectors/linear/body.hpp"
#include "connectors/references/reference_text.hpp"
#include "connectors/references/references.hpp"
#include "connectors/request/names.hpp"
#include "connectors/request/scope.hpp"
#include "tests/connectors/delivery.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for tests";
const TrackerKeys no_keys;

std::string letters(std::size_t count) { return std::string(count, 'a'); }

// A list of `count` elements, each made from its position.
template <class Make>
std::string list(std::size_t count, Make make) {
  std::string out = "[";
  for (std::size_t i = 0; i < count; ++i) out += (i == 0 ? "" : ",") + make(i);
  return out + "]";
}

// What a body becomes, as far as it does not view the body.
Event event_of(std::string_view connector, std::string_view type, const std::string& body,
               TrackerKeys trackers = {}) {
  auto delivery = test::Delivery::signed_by(connector, type, body, secret);
  delivery.set_trackers(std::move(trackers));
  auto event = delivery.parse(secret);
  INFO((event ? "" : event.error().detail));
  REQUIRE(event.has_value());
  event->body = {};
  event->headers = Headers{};
  return *std::move(event);
}

bool refers_to(const Event& event, std::string_view target) {
  return std::ranges::find(event.references, target, &Reference::target) != event.references.end();
}

struct Bound {
  const char* name;
  std::size_t most;
  bool (*takes)(std::size_t size);
};

void check(std::span<const Bound> bounds) {
  for (const Bound& bound : bounds) {
    INFO(bound.name << ", at most " << bound.most);
    CHECK(bound.takes(bound.most));
    CHECK_FALSE(bound.takes(bound.most + 1));
  }
}

bool finds(std::string_view text, std::string_view target) {
  const TrackerKeys trackers{.teams = {"ENG"}, .projects = {}};
  ReferenceCollector found{trackers, "acme/api"};
  found.add_words({text}, true);
  const auto references = found.take("");
  return std::ranges::find(references, target, &Reference::target) != references.end();
}

TEST_CASE("names and texts are taken up to their bounds") {
  constexpr Bound bounds[] = {
      {"plain name", 128, [](std::size_t n) { return is_plain_name(letters(n)); }},
      {"snake case", 128, [](std::size_t n) { return snake_case(letters(n)).size() == n; }},
      {"snake of camel", 128, [](std::size_t n) { return snake_of_camel(letters(n)).size() == n; }},
      {"host", 253, [](std::size_t n) { return host_of("https://" + letters(n)).size() == n; }},
      {"issue key", 64, [](std::size_t n) { return is_issue_key(letters(n - 2) + "-1"); }},
      {"scope", 256, [](std::size_t n) { return scope_fault(letters(n)).empty(); }},
      {"project", 32, [](std::size_t n) { return read_key(letters(n) + "-1").has_value(); }},
      {"number of a key", 9,
       [](std::size_t n) { return read_key("ENG-" + std::string(n, '1')).has_value(); }},
      {"number of GitHub", 9,
       [](std::size_t n) { return read_number("#" + std::string(n, '1')).has_value(); }},
      {"owner", 39, [](std::size_t n) { return read_number(letters(n) + "/api#1").has_value(); }},
      {"repository", 100,
       [](std::size_t n) { return read_number("acme/" + letters(n) + "#1").has_value(); }},
      {"URL", 1024, [](std::size_t n) { return !read_url("https://" + letters(n - 8)).empty(); }},
      {"number in a URL", 9,
       [](std::size_t n) {
         const std::string number(n, '1');
         return finds("fixes https://github.com/acme/api/issues/" + number,
                      "github:acme/api#" + number);
       }},
      {"wrapping of Markdown", 4,
       [](std::size_t n) {
         return finds("fixes " + std::string(n, '*') + "ENG-1", "linear:ENG-1");
       }},
  };
  check(bounds);
}

TEST_CASE("the text of an event is read to the last byte of its bound, and no further") {
  for (const std::size_t left : {8U, 9U}) {
    ReferenceCollector found{no_keys, "acme/api"};
    found.add_words({std::string(reference_text_bytes_max - left, ' ')}, true);
    found.add_words({"fixes #12"}, true);
    const auto references = found.take("");
    REQUIRE(references.size() == 1);
    CHECK(references.front().target == (left == 9 ? "github:acme/api#12" : "github:acme/api#1"));
  }
}

TEST_CASE("an event has 64 references, however many there are") {
  for (const std::size_t count : {63U, 64U, 65U, 200U}) {
    ReferenceCollector found{no_keys};
    for (std::size_t i = 0; i < count; ++i) {
      found.add(fmt::format("jira:PROJ-{}", i), Relation::mentions, ReferencePlace::link,
                Trust::member);
    }
    CHECK(found.take("").size() == std::min<std::size_t>(count, 64));
  }
}

constexpr const char* repository =
    R"("repository":{"id":1,"full_name":"acme/api"},"sender":{"id":5,"login":"ada"})";

TEST_CASE("what GitHub's bodies say is taken up to its bounds") {
  constexpr Bound bounds[] = {
      {"full name", 256,
       [](std::size_t n) {
         const std::string name = "acme/" + letters(n - 5);
         const auto event = event_of(
             "github", "github.watch",
             fmt::format(R"({{"action":"started","repository":{{"id":1,"full_name":"{}"}}}})",
                         name));
         return event.subject == "github:" + name;
       }},
      {"login", 256,
       [](std::size_t n) {
         return !event_of(
                     "github", "github.watch",
                     fmt::format(
                         R"({{"action":"started","repository":{{}},"sender":{{"login":"{}"}}}})",
                         letters(n)))
                     .actor.name.empty();
       }},
      {"branch", 255,
       [](std::size_t n) {
         const auto event =
             event_of("github", "github.create",
                      fmt::format(R"({{"ref":"{}","ref_type":"branch","master_branch":"main",{}}})",
                                  letters(n), repository));
         return refers_to(event, "github:acme/api@refs/heads/" + letters(n));
       }},
      {"commits of a push", 2048,
       [](std::size_t n) {
         const std::string commits = list(n, [&](std::size_t i) {
           return fmt::format(R"({{"message":"{}"}})", i + 1 == n ? "fixes #77" : "x");
         });
         return refers_to(
             event_of("github", "github.push",
                      fmt::format(
                          R"({{"ref":"refs/heads/main","before":"0","after":"1","commits":{},{}}})",
                          commits, repository)),
             "github:acme/api#77");
       }},
      {"pull requests of a check", 64,
       [](std::size_t n) {
         const std::string pulls = list(n, [&](std::size_t i) {
           // Those before the last have no number, so that the references' own bound is not met.
           return fmt::format(R"({{"base":{{"repo":{{"id":1}}}}{}}})",
                              i + 1 == n ? R"(,"number":77)" : "");
         });
         return refers_to(
             event_of("github", "github.check_run",
                      fmt::format(R"({{"check_run":{{"id":1,"pull_requests":{}}},{}}})", pulls,
                                  repository)),
             "github:acme/api#77");
       }},
  };
  check(bounds);
}

TEST_CASE("what Linear's and Jira's bodies say is taken up to its bounds") {
  constexpr Bound bounds[] = {
      {"name of Linear", 256,
       [](std::size_t n) {
         return !event_of("linear", {},
                          fmt::format(R"({{"actor":{{"id":"1","name":"{}"}}}})", letters(n)))
                     .actor.name.empty();
       }},
      {"former identifiers of Linear", 16,
       [](std::size_t n) {
         const auto event = event_of(
             "linear", {},
             fmt::format(R"({{"type":"Issue","data":{{"id":"1","identifier":"ENG-1",)"
                         R"("previousIdentifiers":{}}}}})",
                         list(n, [](std::size_t i) { return fmt::format("\"OLD-{}\"", i + 1); })));
         return event.work.value().aliases.back() == fmt::format("linear:OLD-{}", n);
       }},
      {"account of Jira", 256,
       [](std::size_t n) {
         return !event_of("jira", {}, fmt::format(R"({{"user":{{"accountId":"{}"}}}})", letters(n)))
                     .actor.id.empty();
       }},
      {"name of Jira", 256,
       [](std::size_t n) {
         return !event_of("jira", {},
                          fmt::format(R"({{"user":{{"displayName":"{}"}}}})", letters(n)))
                     .actor.name.empty();
       }},
      {"id of Jira", 20,
       [](std::size_t n) {
         return event_of("jira", {},
                         fmt::format(R"({{"issue":{{"self":"https://acme.example/x","id":"{}"}}}})",
                                     std::string(n, '1')))
             .work.has_value();
       }},
      {"changes of Jira", 256,
       [](std::size_t n) {
         const std::string items = list(n, [&](std::size_t i) {
           return std::string{i + 1 == n ? R"({"field":"Key","fromString":"OLD-7"})" : "{}"};
         });
         const auto event = event_of(
             "jira", {},
             fmt::format(R"({{"issue":{{"self":"https://acme.example/x","id":"1","key":"NEW-7"}},)"
                         R"("changelog":{{"items":{}}}}})",
                         items));
         return event.work.value().aliases.back() == "jira:OLD-7";
       }},
      {"links of Jira", 64,
       [](std::size_t n) {
         const std::string links = list(n, [&](std::size_t i) {
           return std::string{i + 1 == n ? R"({"inwardIssue":{"key":"PROJ-7"}})" : "{}"};
         });
         return refers_to(
             event_of("jira", {},
                      fmt::format(R"({{"issue":{{"fields":{{"issuelinks":{}}}}}}})", links)),
             "jira:PROJ-7");
       }},
  };
  check(bounds);
}

}  // namespace
}  // namespace signalbox
