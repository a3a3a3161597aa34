#include "event/event.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

TEST_CASE("a header that occurs once is found in any case") {
  const Headers::Field fields[] = {{"Content-Type", "application/json"}, {"X-Empty", ""}};
  const Headers headers{fields};
  CHECK(headers.find("content-TYPE")->value() == "application/json");
  CHECK(headers.find("X-Empty")->value() == "");
  CHECK_FALSE(headers.find("X-Other")->has_value());
  CHECK_FALSE(headers.find("Content-Typ")->has_value());
  CHECK_FALSE(Headers{}.find("Content-Type")->has_value());
}

TEST_CASE("a header that occurs twice is refused in whatever case it is written") {
  const Headers::Field fields[] = {{"X-Id", "1"}, {"Other", "2"}, {"x-id", "1"}};
  const auto found = Headers{fields}.find("X-ID");
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().reason == Reason::malformed_request);
  CHECK(found.error().detail == "header X-ID occurs twice");
}

TEST_CASE("only ASCII letters are equal to their other case") {
  CHECK(iequals("aZ-09", "Az-09"));
  CHECK_FALSE(iequals("[", "{"));
  CHECK_FALSE(iequals("@", "`"));
  CHECK_FALSE(iequals("\xC3\x89", "\xC3\xA9"));
  CHECK_FALSE(iequals("a", "ab"));
}

TEST_CASE("trust is ordered from outsider to owner, and each level has its name") {
  CHECK(Trust::outsider < Trust::contributor);
  CHECK(Trust::contributor < Trust::collaborator);
  CHECK(Trust::collaborator < Trust::member);
  CHECK(Trust::member < Trust::owner);
  CHECK(to_string(Trust::outsider) == "outsider");
  CHECK(to_string(Trust::collaborator) == "collaborator");
  CHECK(to_string(Trust::owner) == "owner");
  CHECK(to_string(ActorKind::unknown) == "unknown");
  CHECK(to_string(ActorKind::bot) == "bot");
}

}  // namespace
}  // namespace signalbox
