// sample --set: one value of a body is changed, and nothing else.
#include "gateway/cli/contract/json_edit.hpp"

#include <catch2/catch.hpp>

#include <array>

namespace signalbox {
namespace {

struct Edit {
  std::string_view body;
  std::string_view assignment;
  std::string_view result;
};

constexpr std::array<Edit, 18> edits{{
    {R"({"a": 1,  "b": 1e400})", "a=2", R"({"a": 2,  "b": 1e400})"},
    {R"({"a":1})", "a=two words", R"({"a":"two words"})"},
    {R"({"a":1})", "a=true", R"({"a":true})"},
    {R"({"a":1})", "a=\"true\"", R"({"a":"true"})"},
    {R"({"a":1})", "a=", R"({"a":""})"},
    {R"({"a":1})", "a=x=y", R"({"a":"x=y"})"},
    {R"({"a":1})", "a={\"b\":[1, 2]}", R"({"a":{"b":[1, 2]}})"},
    {R"({"a":1})", "a=say \"hi\"", R"({"a":"say \"hi\""})"},
    {R"({"a":{"b":[{"c":1},{"c":2}]}})", "a.b[1].c=3", R"({"a":{"b":[{"c":1},{"c":3}]}})"},
    {R"({"a":[[1,2],[3]]})", "a[1][0]=4", R"({"a":[[1,2],[4]]})"},
    {R"({"a":[]})", "a[0]=x", R"({"a":["x"]})"},
    {R"({"a":[1 ]})", "a[1]=x", R"({"a":[1 ,"x"]})"},
    {R"({"a":[ ]})", "a[0].name=bug", R"({"a":[ {"name":"bug"}]})"},
    {R"({"x":1})", "a.b[0].c=1", R"({"x":1,"a":{"b":[{"c":1}]}})"},
    {"{ }", "a=1", R"({ "a":1})"},
    {"[1,2]", "[0]=9", "[9,2]"},
    {R"({"a":1,"a":2})", "a=3", R"({"a":1,"a":3})"},
    {R"({"a b":1})", "a b=2", R"({"a b":2})"},
}};

struct Refusal {
  std::string_view body;
  std::string_view assignment;
  std::string_view said;
};

constexpr std::array<Refusal, 12> refusals{{
    {"{}", "a", "no assignment"},
    {"{}", "=1", "no path"},
    {"{}", "a..b=1", "no path"},
    {"{}", "a.=1", "no path"},
    {"{}", "a[x]=1", "no path"},
    {"{}", "a[1=1", "no path"},
    {"{}", "a[-1]=1", "no path"},
    {"{}", "a[0]b=1", "no path"},
    {R"({"a":[1]})", "a[2]=1", "the list has 1 elements"},
    {R"({"a":1})", "a.b=1", "is no object"},
    {R"({"a":{}})", "a[0]=1", "is no list"},
    {"{]", "a=1", "the body is not JSON"},
}};

}  // namespace

TEST_CASE("a value is set, and every other byte stays", "[cli][sample]") {
  for (const Edit& edit : edits) {
    CAPTURE(edit.body, edit.assignment);
    const auto edited = set_value(std::string{edit.body}, edit.assignment);
    REQUIRE(edited.has_value());
    CHECK(*edited == edit.result);
  }
}

TEST_CASE("what cannot be set says why", "[cli][sample]") {
  for (const Refusal& refusal : refusals) {
    CAPTURE(refusal.body, refusal.assignment);
    const auto edited = set_value(std::string{refusal.body}, refusal.assignment);
    REQUIRE_FALSE(edited.has_value());
    CHECK(edited.error().code == ExitCode::usage);
    CHECK(edited.error().text.find(refusal.said) != std::string::npos);
  }
}

TEST_CASE("a path has at most 32 parts", "[cli][sample][limits]") {
  std::string path = "a";
  for (int i = 1; i < 32; ++i) path += ".a";
  CHECK(set_value("{}", path + "=1").has_value());
  CHECK_FALSE(set_value("{}", path + ".a=1").has_value());
}

}  // namespace signalbox
