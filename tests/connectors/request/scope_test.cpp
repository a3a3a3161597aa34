// What a secret's scope covers.
#include "connectors/request/scope.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

bool covers(std::string pattern, std::string place) {
  const std::vector<std::string> patterns{std::move(pattern)};
  const std::vector<std::string> places{std::move(place)};
  return scope_covers(patterns, places);
}

TEST_CASE("a scope covers what its parts match, and everything below") {
  const std::pair<const char*, const char*> covered[] = {
      {"acme/api", "acme/api"},
      {"ACME/Api", "acme/aPI"},
      {"acme", "acme/api"},
      {"acme", "acme"},
      {"acme/*", "acme/api"},
      {"acme/*", "acme"},
      {"acme/api-*", "acme/api-"},
      {"acme/api-*", "acme/api-client"},
      {"acme/*-api", "acme/my-api-api"},
      {"*/api", "acme/api"},
      {"*", "acme/api"},
      {"*", "acme.atlassian.net"},
      {"*/*", "acme"},
      {"*.atlassian.net", "acme.atlassian.net/PROJ"},
      {"ghe.acme.example:8443/acme/*", "ghe.acme.example:8443/acme/api"},
      {"a*b*c/x", "aXbXXbc/x"},
  };
  for (const auto& [pattern, place] : covered) {
    INFO(pattern << " " << place);
    CHECK(covers(pattern, place));
  }
}

TEST_CASE("a scope covers nothing else") {
  const std::pair<const char*, const char*> not_covered[] = {
      {"acme/api", "acme/api2"},
      {"acme/api", "acme"},
      {"acme/api", "evil/acme/api"},
      {"acme", "acme2/api"},
      {"acme", "acme-evil/api"},
      {"acme/*", "acme-evil/api"},
      {"acme*", "other/acme"},
      {"*/api", "ghe.acme.example/acme/api"},
      {"acme/api-*", "acme/api"},
      {"acme/api/*", "acme"},
      {"*.atlassian.net", "evil.example/acme.atlassian.net"},
      {"*.atlassian.net", "acme.atlassian.net.evil.example"},
      {"ghe.acme.example", "acme/api"},
  };
  for (const auto& [pattern, place] : not_covered) {
    INFO(pattern << " " << place);
    CHECK_FALSE(covers(pattern, place));
  }
}

TEST_CASE("what cannot be placed is out of every scope, and in no scope at all") {
  const std::vector<std::string> everything{"*"};
  CHECK_FALSE(scope_covers(everything, {}));
  CHECK(scope_covers({}, {}));
}

TEST_CASE("one pattern of several and one name of several are enough") {
  const std::vector<std::string> patterns{"acme/api", "ENG"};
  const std::vector<std::string> places{"0b1e6a52/ENG", "ENG"};
  CHECK(scope_covers(patterns, places));
}

TEST_CASE("a pattern of many stars takes no more than the product of the lengths") {
  std::string pattern;
  while (pattern.size() + 2 < scope_bytes_max) pattern += "a*";
  pattern += "b";
  const std::string place(4096, 'a');
  CHECK(scope_fault(pattern).empty());
  CHECK_FALSE(covers(pattern, place));
}

TEST_CASE("a pattern that can match nothing is a fault") {
  for (const char* pattern : {"", "/acme", "acme/", "acme//api", "https://github.com/acme", "a b",
                              "acme/{api,web}", "acme/[a-z]", "acme?"}) {
    INFO(pattern);
    CHECK_FALSE(scope_fault(pattern).empty());
  }
  CHECK_FALSE(scope_fault(std::string(scope_bytes_max + 1, 'a')).empty());
}

}  // namespace
}  // namespace signalbox
