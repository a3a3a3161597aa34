#include <fmt/format.h>

#include "rules/rule.hpp"
#include "tests/rules/rule_fixture.hpp"

#include "event/ids.hpp"

using namespace signalbox;

namespace {

const std::string body =
    R"({"action":"opened","number":42,"big":12345678901234567890,"draft":false,"none":null,
  "pull_request":{"title":"Add \"retry\"\nto client","head":{"sha":"abc"},"labels":[{"name":"bug"},{"name":"p1"}]},
  "list":[1, "two",
    {"three": 3.50}],"odd key":{"a.b":"dotted"},"text":"${body.number}"})";

std::string one_rule(const std::string& send, const std::string& head = "") {
  return "rules:\n  - name: r\n    events: [github]\n" + head + "    send:\n" + send;
}

Json parsed_message(const OutgoingMessage& message, JsonDocument& document) {
  const auto parsed = document.parse_copy(message.json);
  REQUIRE(parsed.has_value());
  return *parsed;
}

// What `data.value` becomes for a template; the failure's detail where it fails.
std::string rendered(const std::string& value) {
  const TestEvent event{body};
  const auto rules =
      rules_of(one_rule("      - {to: coder, kind: note, data: {value: " + value + "}}\n"));
  const Decision decision = rules->decide(event.event);
  REQUIRE(decision.matched == std::vector<std::string>{"r"});
  if (!decision.failures.empty()) {
    CHECK(decision.messages.empty());
    return "failed: " + decision.failures.front().detail;
  }
  JsonDocument document;
  return std::string{parsed_message(decision.messages.front(), document)["data"]["value"].raw()};
}

}  // namespace

TEST_CASE("a matching rule makes a CloudEvent for each mailbox of its recipients") {
  const auto rules =
      rules_of(one_rule("      - to: [topic:pull-requests, reviewer, coder]\n        kind: "
                        "assign\n        task: review\n"
                        "        summary: 'Review ${body.pull_request.title}'\n        data: "
                        "{head: '${body.pull_request.head.sha}'}\n"));
  const TestEvent event{body};
  const Decision decision = rules->decide(event.event);

  CHECK(decision.failures.empty());
  REQUIRE(decision.messages.size() == 3);
  CHECK(decision.messages[0].mailbox == "reviewer");
  CHECK(decision.messages[1].mailbox == "tester");
  CHECK(decision.messages[2].mailbox == "coder");
  const OutgoingMessage& message = decision.messages[0];
  CHECK(message.id == message_id({"github", "e_1", "r", 0, "reviewer", 0}));
  CHECK(message.work == work_id("github:github.com/1/42"));
  CHECK(message.rule == "r");
  CHECK(message.kind == MessageKind::assign);
  CHECK(message.task == "review");
  JsonDocument document;
  const Json json = parsed_message(message, document);
  CHECK(json["id"].string_or("") == message.id);
  CHECK(json["source"].string_or("") == "signalbox://acme");
  CHECK(json["type"].string_or("") == "dev.signalbox.assign");
  CHECK(json["subject"].string_or("") == "github:acme/api#42");
  CHECK(json["time"].string_or("") == "2026-11-22T10:00:00Z");
  CHECK(json["recipient"].string_or("") == "reviewer");
  CHECK(json["sender"].string_or("") == "rule:r");
  CHECK(json["workid"].string_or("") == message.work);
  CHECK(json["taskid"].string_or("") == "review");
  CHECK(json["causationid"].string_or("") == "e_1");
  CHECK(json["hop"].integer() == 1);
  CHECK(json["authortrust"].string_or("") == "member");
  CHECK(json["actorkind"].string_or("") == "human");
  CHECK(json["data"].raw() == R"({"summary":"Review Add \"retry\"\nto client","head":"abc"})");
}

TEST_CASE("a template that is one expression keeps the type of its value") {
  CHECK(rendered("'${body.number}'") == "42");
  CHECK(rendered("'${ body.big }'") == "12345678901234567890");
  CHECK(rendered("'${body.draft}'") == "false");
  CHECK(rendered("'${body.none}'") == "null");
  CHECK(rendered("'${body.list}'") == R"([1,"two",{"three":3.50}])");
  CHECK(rendered("'${body.list[2]}'") == R"({"three":3.50})");
  CHECK(rendered("'${body.pull_request.labels[1].name}'") == R"("p1")");
  CHECK(rendered("'${body[\"odd key\"][\"a.b\"]}'") == R"("dotted")");
  CHECK(rendered("\"${body['odd key']['a.b']}\"") == R"("dotted")");
}

TEST_CASE("within a text values are inserted as text") {
  CHECK(rendered("'n=${body.number} d=${body.draft} l=${body.list} s=${body.action}'") ==
        R"("n=42 d=false l=[1,\"two\",{\"three\":3.50}] s=opened")");
  CHECK(rendered("' ${body.number}'") == R"(" 42")");
}

TEST_CASE("a null within a text and a missing value are failures that name the path") {
  CHECK(rendered("'is ${body.none}'") == "failed: send 1, data: body.none is null");
  CHECK(rendered("'${body.missing.deep}'") == "failed: send 1, data: body.missing.deep is missing");
  CHECK(rendered("'${body.list[9]}'") == "failed: send 1, data: body.list[9] is missing");
  CHECK(rendered("'${body.action.more}'") == "failed: send 1, data: body.action.more is missing");
  CHECK(rendered("'${headers.Twice}'") == "failed: send 1, data: headers.Twice occurs twice");
  CHECK(rendered("'${headers.Raw}'") == "failed: send 1, data: headers.Raw is not UTF-8");
  CHECK(rendered("'${headers.None}'") == "failed: send 1, data: headers.None is missing");
}

TEST_CASE("an escaped expression is text, and text of a payload is never read as a template") {
  CHECK(rendered("'$${body.number} costs $5'") == R"("${body.number} costs $5")");
  CHECK(rendered("'${body.text}'") == R"("${body.number}")");
  CHECK(rendered("'<${body.text}>'") == R"("<${body.number}>")");
}

TEST_CASE("a template reads the event and its headers") {
  CHECK(rendered("'${event.id}'") == R"("e_1")");
  CHECK(rendered("'${event.type}'") == R"("github.pull_request.opened")");
  CHECK(rendered("'${event.source}/${event.connector}'") == R"("github/github")");
  CHECK(rendered("'${event.subject}'") == R"("github:acme/api#42")");
  CHECK(rendered("'${event.work}'") == R"("github:acme/api#42")");
  CHECK(rendered("'${event.delivery}'") == R"("d-1")");
  CHECK(rendered("'${event.time}'") == R"("2026-11-22T10:00:00Z")");
  CHECK(rendered("'${event.trust}'") == R"("member")");
  CHECK(rendered("'${event.actor.id} ${event.actor.name} ${event.actor.kind}'") ==
        R"("7 octocat human")");
  CHECK(rendered("'${headers[\"x-github-EVENT\"]}'") == R"("pull_request")");
}

TEST_CASE("plain values of data keep the type that YAML gives them") {
  CHECK(rendered("{a: 1, b: true, c: null, d: '1', e: [x, 2.50], f: {}, g: []}") ==
        R"({"a":1,"b":true,"c":null,"d":"1","e":["x",2.50],"f":{},"g":[]})");
  CHECK(rendered("") == "null");
}

TEST_CASE("a summary is text whatever its expression is") {
  const auto rules =
      rules_of(one_rule("      - {to: coder, kind: note, summary: '${body.number}'}\n"));
  const TestEvent event{body};
  JsonDocument document;
  const Decision decision = rules->decide(event.event);
  REQUIRE(decision.messages.size() == 1);
  CHECK(parsed_message(decision.messages[0], document)["data"].raw() == R"({"summary":"42"})");
}

TEST_CASE("a rule that names the event's own work by an alias keeps that work") {
  const std::string work =
      GENERATE("github:acme/api#42", "github:acme/api/pull/42", "github:github.com/1/42");
  const auto rules =
      rules_of(one_rule("      - {to: coder, kind: note}\n", "    work: '" + work + "'\n"));
  const TestEvent event{body};
  const Decision decision = rules->decide(event.event);
  REQUIRE(decision.messages.size() == 1);
  CHECK(decision.messages[0].work == work_id("github:github.com/1/42"));
  JsonDocument document;
  CHECK(parsed_message(decision.messages[0], document)["subject"].string_or("") ==
        "github:acme/api#42");
}

TEST_CASE("a rule that names another work has that work") {
  const auto rules = rules_of(one_rule("      - {to: coder, kind: note}\n",
                                       "    work: 'github:acme/api#${body.number}0'\n"));
  const TestEvent event{body};
  const Decision decision = rules->decide(event.event);
  REQUIRE(decision.messages.size() == 1);
  CHECK(decision.messages[0].work == work_id("github:acme/api#420"));
  JsonDocument document;
  CHECK(parsed_message(decision.messages[0], document)["subject"].string_or("") ==
        "github:acme/api#420");
}

TEST_CASE("an event about no work makes messages of no work") {
  const auto rules = rules_of(one_rule("      - {to: coder, kind: note}\n"));
  TestEvent event{body};
  event.event.work.reset();
  const Decision decision = rules->decide(event.event);
  REQUIRE(decision.messages.size() == 1);
  CHECK(decision.messages[0].work.empty());
  JsonDocument document;
  CHECK_FALSE(parsed_message(decision.messages[0], document)["workid"]);
}

TEST_CASE("for_each sends once for each item and numbers the sends through") {
  const auto rules =
      rules_of(one_rule("      - {to: coder, kind: note}\n"
                        "      - {to: [coder, tester], kind: note, "
                        "for_each: '${body.pull_request.labels}', summary: 'label ${item.name}'}\n"
                        "      - {to: coder, kind: note}\n"));
  const TestEvent event{body};
  const Decision decision = rules->decide(event.event);
  REQUIRE(decision.messages.size() == 6);
  CHECK(decision.messages[1].json.find("label bug") != std::string::npos);
  CHECK(decision.messages[3].json.find("label p1") != std::string::npos);
  CHECK(decision.messages[2].id == message_id({"github", "e_1", "r", 1, "tester", 0}));
  CHECK(decision.messages[3].id == message_id({"github", "e_1", "r", 2, "coder", 0}));
  CHECK(decision.messages[5].id == message_id({"github", "e_1", "r", 3, "coder", 0}));
}

TEST_CASE("where chooses among the items of for_each, whose messages keep their ids") {
  const auto sent = [](const std::string& list, const std::string& where) {
    const auto rules = rules_of(one_rule("      - {to: coder, kind: note, for_each: '${body.l}', " +
                                         where + " data: {i: '${item}'}}\n"));
    const TestEvent event{"{\"l\":" + list + "}"};
    const Decision decision = rules->decide(event.event);
    CHECK(decision.failures.empty());
    std::vector<std::string> items;
    JsonDocument document;
    for (const OutgoingMessage& message : decision.messages) {
      const std::string item{parsed_message(message, document)["data"]["i"].raw()};
      std::size_t index = 0;
      while (message.id != message_id({"github", "e_1", "r", index, "coder", 0})) ++index;
      items.push_back(std::to_string(index) + ": " + item);
    }
    return items;
  };
  using Items = std::vector<std::string>;
  const std::string labels = R"([{"name":"bug"},{"name":"p1","x":2},"bug",{"x":1},["bug"]])";
  CHECK(sent(labels, "where: {name: [bug]},") == Items{R"(0: {"name":"bug"})"});
  CHECK(sent(labels, "where: {name: [{exists: true}], x: [2]},") ==
        Items{R"(1: {"name":"p1","x":2})"});
  CHECK(sent(labels, "where: {$or: [{name: [bug]}, {x: [1]}]},") ==
        Items{R"(0: {"name":"bug"})", R"(3: {"x":1})"});
  CHECK(sent(labels, "where: [bug],") == Items{R"(2: "bug")"});
  CHECK(sent(R"(["a.md","b.cpp",3,null])", "where: [{suffix: .cpp}, 3],") ==
        Items{R"(1: "b.cpp")", "2: 3"});
  CHECK(sent(labels, "where: {name: [none]},").empty());
  CHECK(sent("[1,2]", "") == Items{"0: 1", "1: 2"});
}

TEST_CASE("of a long list as many items as for_each takes may be wanted") {
  const auto rules =
      rules_of(one_rule("      - {to: coder, kind: note, for_each: '${body.l}', where: [1]}\n"));
  std::string list;
  for (int i = 0; i < 5'000; ++i) list += i % 50 == 0 ? "1," : "0,";
  const TestEvent fits{"{\"l\":[" + list + "0]}"};
  CHECK(rules->decide(fits.event).messages.size() == for_each_items_max);
  const TestEvent exceeds{"{\"l\":[" + list + "1]}"};
  CHECK(rules->decide(exceeds.event).messages.empty());
}

TEST_CASE("an item that cannot be rendered fails alone and is named") {
  const auto rules =
      rules_of(one_rule("      - {to: [coder, tester], kind: note, for_each: '${body.l}', summary: "
                        "'${item.a} ${item.b}'}\n"
                        "      - {to: coder, kind: note}\n"));
  const TestEvent event{R"({"l":[{"a":1,"b":1},{"a":1},{"a":2,"b":2},{"a":null,"b":2}]})"};
  const Decision decision = rules->decide(event.event);
  REQUIRE(decision.messages.size() == 5);
  CHECK(decision.messages[2].id == message_id({"github", "e_1", "r", 2, "coder", 0}));
  CHECK(decision.messages[4].id == message_id({"github", "e_1", "r", 4, "coder", 0}));
  REQUIRE(decision.failures.size() == 1);
  const std::string failed =
      "send 1, body.l[1], summary: item.b is missing; send 1, body.l[3], summary: item.a is null";
  CHECK(decision.failures[0].rule == "r");
  CHECK(decision.failures[0].detail == failed);
  const auto why = rules->explain(event.event);
  CHECK(why[0].matched);
  CHECK(why[0].failure == failed);
}

TEST_CASE("of many items that fail the first are named, and the others counted") {
  const auto rules = rules_of(
      one_rule("      - {to: coder, kind: note, for_each: '${body.l}', summary: '${item.a}'}\n"));
  const TestEvent event{R"({"l":[1,2,3,4,5,{"a":6}]})"};
  const Decision decision = rules->decide(event.event);
  CHECK(decision.messages.size() == 1);
  REQUIRE(decision.failures.size() == 1);
  CHECK(decision.failures[0].detail ==
        "send 1, body.l[0], summary: item.a is missing; send 1, body.l[1], summary: item.a is "
        "missing; send 1, body.l[2], summary: item.a is missing; and 2 more items");
}

TEST_CASE("for_each over what is no list, or a list too long, is a failure") {
  const auto failure = [](const std::string& path, const std::string& text) {
    const auto rules = rules_of(
        one_rule("      - {to: coder, kind: note, for_each: '${" + path + "}', summary: x}\n"));
    const TestEvent event{text};
    const Decision decision = rules->decide(event.event);
    CHECK(decision.messages.empty());
    REQUIRE(decision.failures.size() == 1);
    return decision.failures.front().detail;
  };
  std::string many = "[0";
  for (int i = 1; i <= 100; ++i) many += "," + std::to_string(i);
  CHECK(failure("body.action", body) == "send 1, for_each: body.action is no list");
  CHECK(failure("event.id", body) == "send 1, for_each: event.id is no list");
  CHECK(failure("body.no", body) == "send 1, for_each: body.no is missing");
  CHECK(failure("body.l", "{\"l\":" + many + "]}") ==
        "send 1, for_each: body.l has more than 100 items");
}

std::string data_of(const OutgoingMessage& message, std::string_view key) {
  JsonDocument document;
  const auto json = document.parse_copy(message.json);
  REQUIRE(json.has_value());
  return std::string{(*json)["data"][key].string_or("")};
}

TEST_CASE("a text that no message holds is cut at a character, and says where all of it is") {
  const auto rules =
      rules_of(one_rule("      - {to: coder, kind: note, summary: 'See ${body.text}', data: {all: "
                        "'${body.text}', n: '${body.n}'}}\n"));
  // One, two, three and four bytes a character, some that JSON escapes, and bodies of megabytes.
  for (const std::string character :
       {"x", "\xC3\xA9", "\xE2\x82\xAC", "\xF0\x9F\x98\x80", "\\u0001"}) {
    for (const std::size_t count :
         {std::size_t{22'000}, std::size_t{65'536}, std::size_t{1'000'000}}) {
      std::string text;
      for (std::size_t i = 0; i < count; ++i) text += character;
      const TestEvent event{"{\"n\":7,\"text\":\"" + text + "\"}"};
      const Decision decision = rules->decide(event.event);
      INFO(character << " " << count);
      REQUIRE(decision.messages.size() == 1);
      CHECK(decision.failures.empty());
      CHECK(decision.messages[0].json.size() <= 65'536);
      const std::string all = data_of(decision.messages[0], "all");
      if (all.find("[cut after ") == std::string::npos) {
        CHECK(count == 22'000);
        continue;
      }
      CHECK(all.ends_with(fmt::format("signalbox event {}]", event.event.id)));
      const std::string kept = all.substr(0, all.find(" \xE2\x80\xA6 [cut"));
      CHECK(kept.size() >= 256 - 3);
      CHECK(kept.find("\xEF\xBF\xBD") == std::string::npos);
      CHECK(decision.messages[0].json.find("\"n\":7") != std::string::npos);
    }
  }
}

TEST_CASE("a list that no message holds becomes the beginning of its text") {
  const auto rules = rules_of(
      one_rule("      - {to: coder, kind: note, data: {all: '${body.l}', few: '${body.few}'}}\n"));
  std::string list = "[0";
  for (int i = 0; i < 40'000; ++i) list += ",1";
  const TestEvent event{"{\"few\":[1, 2],\"l\":" + list + "]}"};
  const Decision decision = rules->decide(event.event);
  REQUIRE(decision.messages.size() == 1);
  CHECK(data_of(decision.messages[0], "all").starts_with("[0,1,1"));
  CHECK(decision.messages[0].json.find("\"few\":[1,2]") != std::string::npos);
}

TEST_CASE(
    "a message that is too long by its rule's own words is a failure, and its rule sends nothing") {
  std::string data;
  for (int i = 0; i < 20; ++i) data += fmt::format("f{}: '{}', ", i, std::string(4000, 'x'));
  const auto rules =
      rules_of(one_rule("      - {to: coder, kind: note}\n"
                        "      - {to: coder, kind: note, data: {" +
                        data + "end: 1}}\n"));
  const TestEvent event{body};
  const Decision decision = rules->decide(event.event);
  CHECK(decision.messages.empty());
  REQUIRE(decision.failures.size() == 1);
  CHECK(decision.failures[0].rule == "r");
  CHECK(decision.failures[0].detail.find("larger than 65536 bytes") != std::string::npos);
}

TEST_CASE("a rule that fails does not keep another from sending") {
  const auto rules = rules_of(
      "rules:\n"
      "  - {name: a, events: [github], send: [{to: coder, kind: note, summary: '${body.no}'}]}\n"
      "  - {name: b, events: [github], send: [{to: coder, kind: note}]}\n");
  const TestEvent event{body};
  const Decision decision = rules->decide(event.event);
  CHECK(decision.matched == std::vector<std::string>{"a", "b"});
  REQUIRE(decision.failures.size() == 1);
  CHECK(decision.failures[0].rule == "a");
  REQUIRE(decision.messages.size() == 1);
  CHECK(decision.messages[0].rule == "b");
}

TEST_CASE("the same event gives the same decision") {
  const auto rules =
      rules_of(one_rule("      - {to: coder, kind: note, summary: '${body.action}'}\n"));
  const TestEvent first{body};
  const TestEvent second{body};
  CHECK(rules->decide(first.event).messages[0].json ==
        rules->decide(second.event).messages[0].json);
}
