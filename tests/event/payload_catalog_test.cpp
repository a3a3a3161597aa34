// The notation of payload shapes.
#include "event/payload_catalog.hpp"

#include <catch2/catch.hpp>

using namespace signalbox;

namespace {

Result<PayloadCatalog> read(std::string_view text) {
  const std::string_view texts[]{text};
  return PayloadCatalog::parse(texts);
}

}  // namespace

TEST_CASE("shapes are read as they are written") {
  const auto catalog = read(
      "# a comment\n"
      "<state> = open,closed,too heated\n"
      "user = s:login! n:id!\n"
      "issue = <state>z:state sz:title n:number! z{user}:user [{user}]:assignees [s[n]]:odd "
      "*:extra {*}:any ...\n"
      "github.issues.opened github.issues.closed = {issue}\n"
      "github.repository_dispatch.* = {user}\n");
  REQUIRE(catalog.has_value());
  const PayloadShape* body = catalog->body("github.issues.closed");
  REQUIRE(body != nullptr);
  REQUIRE(body->object != nullptr);
  const PayloadObject& issue = *body->object;
  CHECK(issue.open);
  CHECK(issue.find("number")->always);
  CHECK_FALSE(issue.find("title")->always);
  CHECK(issue.find("title")->shape.allows(JsonKind::null));
  CHECK(issue.find("title")->shape.allows(JsonKind::string));
  CHECK_FALSE(issue.find("title")->shape.allows(JsonKind::number));
  CHECK(issue.find("user")->shape.object->find("login")->always);
  CHECK(issue.find("assignees")->shape.element->object == issue.find("user")->shape.object);
  CHECK(issue.find("odd")->shape.element->text);
  CHECK(issue.find("odd")->shape.element->element->number);
  CHECK(issue.find("extra")->shape.allows(JsonKind::array));
  CHECK(issue.find("any")->shape.object->open);
  CHECK(issue.find("none") == nullptr);
  const PayloadShape& state = issue.find("state")->shape;
  CHECK(state.allows(JsonKind::string));
  CHECK(state.allows(JsonKind::null));
  REQUIRE(state.values != nullptr);
  CHECK(*state.values == std::vector<std::string>{"closed", "open", "too heated"});
  CHECK(issue.find("title")->shape.values == nullptr);
}

TEST_CASE("a type that ends in a star is of every action, and of no other event") {
  const auto catalog = read("a = s:x\ngithub.repository_dispatch.* = {a}\ngithub.push = {a}\n");
  REQUIRE(catalog.has_value());
  CHECK(catalog->body("github.repository_dispatch.deploy") != nullptr);
  CHECK(catalog->body("github.push") != nullptr);
  CHECK(catalog->body("github.repository_dispatch") == nullptr);
  CHECK(catalog->body("github.push.deploy") == nullptr);
  CHECK(catalog->body("github") == nullptr);
}

TEST_CASE("arrays of a shape nest eight deep") {
  const auto nested = [](std::size_t depth) {
    return "github.push = " + std::string(depth, '[') + "s" + std::string(depth, ']') + "\n";
  };
  CHECK(read(nested(8)).has_value());
  CHECK_FALSE(read(nested(9)).has_value());
}

TEST_CASE("what is no shape is refused with its line") {
  const std::string_view wrong[]{"no definition", "a = x:letter",
                                 "a = s",         "github.push = {unknown}",
                                 "a = [s:open",   "a = s:x,,y",
                                 "a = s:x n:x",   "github.push = ",
                                 "a = s:!",       "github.push github.push = s",
                                 "<v> = a,,b",    "<v> = a,a",
                                 "<v> = ",        "github.push = <v>",
                                 "a = <v:x"};
  for (const std::string_view text : wrong) {
    INFO(text);
    const auto catalog = read("good = s:x\n" + std::string{text} + "\n");
    REQUIRE_FALSE(catalog.has_value());
    CHECK(catalog.error().detail == "line 2 of a payload's shape");
  }
}
