// The limits of rule files and of what rules make, each from both sides: the value that is taken
// and the next one, which is refused. Limits of whole sets are in automaton/limits_test.cpp.
#include <fmt/format.h>

#include <functional>

#include "rules/rule.hpp"
#include "rules/rule_loader.hpp"
#include "rules/source/yaml_reader.hpp"
#include "tests/rules/rule_fixture.hpp"

using namespace signalbox;

namespace {

std::string repeated(std::string_view text, std::size_t times, std::string_view between = "") {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) {
    if (i > 0) out += between;
    out += text;
  }
  return out;
}

// `count` names: f0, f1, …
std::string numbered(std::string_view prefix, std::size_t count, std::string_view suffix = "") {
  std::string out;
  for (std::size_t i = 0; i < count; ++i) {
    out += fmt::format("{}{}{}{}", i > 0 ? ", " : "", prefix, i, suffix);
  }
  return out;
}

struct WrittenParts {
  std::string name = "a";
  std::string events = "[github]";
  std::string match = "{x: [1]}";
  std::string send = "[{to: coder, kind: note}]";
  std::string more{};  // of the rule
  std::string file{};  // beside `rules`
};

std::string written(const WrittenParts& parts) {
  return fmt::format("{{{}rules: [{{name: {}, events: {}, match: {}, send: {}{}}}]}}\n", parts.file,
                     parts.name, parts.events, parts.match, parts.send, parts.more);
}

WrittenParts with_send(const std::string& more) {
  return {.send = "[{to: coder, kind: note, " + more + "}]"};
}

struct FileLimit {
  std::string name;
  std::size_t most;
  std::function<WrittenParts(std::size_t)> file;  // one that has as much of it
  std::string refusal;
};

// `$or` with so many ways.
std::string ways(std::size_t count) {
  return fmt::format("{{$or: [{}]}}", repeated("{x: [1]}", count, ", "));
}

std::vector<FileLimit> limits_of_rules() {
  return {
      {"bytes of a rule's name", rule_name_bytes_max,
       [](std::size_t n) { return WrittenParts{.name = std::string(n, 'a')}; },
       "is no name of a rule"},
      {"bytes of a rule's name with its prefix", rule_name_bytes_max,
       [](std::size_t n) {
         return WrittenParts{.name = std::string(n - 4, 'a'), .file = "prefix: abc-, "};
       },
       "is no name of a rule"},
      {"bytes of a task's name", rule_name_bytes_max,
       [](std::size_t n) { return with_send("task: " + std::string(n, 'a')); },
       "is no name of a task"},
      {"bytes of an owner", rule_owner_bytes_max,
       [](std::size_t n) { return WrittenParts{.file = "owner: " + std::string(n, 'a') + ", "}; },
       "'owner' has 1 to 64 bytes"},
      {"event types of a rule", rule_events_max,
       [](std::size_t n) {
         return WrittenParts{.events = "[" + repeated("github", n, ", ") + "]"};
       },
       "'events' has 1 to 64 event types"},
      {"bytes of an event type", event_pattern_bytes_max,
       [](std::size_t n) {
         return WrittenParts{.events = "[github." + std::string(n - 7, 'a') + "]"};
       },
       "an event type has 1 to 256 characters"},
      {"priority", static_cast<std::size_t>(rule_priority_max),
       [](std::size_t n) { return WrittenParts{.more = fmt::format(", priority: {}", n)}; },
       "must be a whole number from -1000000 to 1000000"},
      {"negative priority", static_cast<std::size_t>(rule_priority_max),
       [](std::size_t n) { return WrittenParts{.more = fmt::format(", priority: -{}", n)}; },
       "must be a whole number from -1000000 to 1000000"},
      {"priority of defaults", static_cast<std::size_t>(rule_priority_max),
       [](std::size_t n) {
         return WrittenParts{.file = fmt::format("defaults: {{priority: {}}}, ", n)};
       },
       "must be a whole number from -1000000 to 1000000"},
      {"entries of send", rule_sends_max,
       [](std::size_t n) {
         return WrittenParts{.send = "[" + repeated("{to: coder, kind: note}", n, ", ") + "]"};
       },
       "'send' has 1 to 32 entries"},
      {"tests of a rule", rule_tests_max,
       [](std::size_t n) {
         const std::string test = "{type: github, event: {}, expect: []}";
         return WrittenParts{.more = ", tests: [" + repeated(test, n, ", ") + "]"};
       },
       "'tests' has at most 100 entries"},
  };
}

std::vector<FileLimit> limits_of_patterns() {
  return {
      {"fields of a pattern", pattern_fields_max,
       [](std::size_t n) { return WrittenParts{.match = "{" + numbered("f", n, ": [1]") + "}"}; },
       "more than 256 fields in one pattern"},
      {"ways of $or", pattern_branches_max,
       [](std::size_t n) { return WrittenParts{.match = ways(n)}; },
       "'$or' multiplies to more than 1024 combinations"},
      {"ways of $or times those of another", pattern_branches_max,
       [](std::size_t n) {
         // 32 * 32, and one more way of the second makes it 32 * 33.
         const std::size_t second = n > pattern_branches_max ? 33 : 32;
         return WrittenParts{.match = fmt::format("{{a: {}, b: {}}}", ways(32), ways(second))};
       },
       "'$or' multiplies to more than 1024 combinations"},
      {"values of a pattern", pattern_tests_max,
       [](std::size_t n) {
         return WrittenParts{.match = "{x: [" + repeated("true", n, ",") + "]}"};
       },
       "more than 65536 values in one pattern"},
      {"stars of a pattern's wildcards", pattern_searches_max,
       [](std::size_t n) {
         return WrittenParts{.match = fmt::format("{{x: [{{wildcard: \"{}\"}}], y: [{{wildcard: "
                                                  "\"{}\"}}]}}",
                                                  repeated("*a", 500), repeated("*b", n - 500))};
       },
       "more than 1000 '*' of wildcards"},
      {"non-ASCII texts in any letter case", pattern_searches_max,
       [](std::size_t n) {
         return WrittenParts{.match =
                                 "{x: [" + repeated("{equals-ignore-case: ä}", n, ", ") + "]}"};
       },
       "more than 1000 '*' of wildcards"},
      {"searches within anything-but", pattern_searches_max,
       [](std::size_t n) {
         return WrittenParts{.match = "{x: [{anything-but: {wildcard: [" +
                                      repeated("'*a'", n, ", ") + "]}}]}"};
       },
       "more than 1000 '*' of wildcards"},
      {"nesting of a pattern in a file", static_cast<std::size_t>(yaml_depth_max),
       [](std::size_t n) {
         // The file, its rules, the rule, the list and its value are levels as well: the file's
         // bound is met before the pattern's own.
         const std::size_t fields = n - 4;
         return WrittenParts{.match = repeated("{x: ", fields) + "[1]" + repeated("}", fields)};
       },
       "nested deeper than 64"},
  };
}

std::vector<FileLimit> limits_of_templates() {
  return {
      {"bytes of a template", template_bytes_max,
       [](std::size_t n) { return with_send("summary: " + std::string(n, 'x')); },
       "a template has at most 4096 bytes"},
      {"steps of a path", path_steps_max,
       [](std::size_t n) {
         return with_send("summary: \"${body" + repeated(".a[0]", n / 2) +
                          (n % 2 == 1 ? ".a" : "") + "}\"");
       },
       "more than 32 steps"},
      {"values of data, itself included", data_values_max,
       [](std::size_t n) { return with_send("data: {x: [" + repeated("1", n - 2, ", ") + "]}"); },
       "'data' has more than 256 values"},
  };
}

// What one rule makes of an event.
Decision decided(const WrittenParts& parts, const std::string& body) {
  const TestEvent event{body};
  return rules_of(written(parts))->decide(event.event);
}

struct EventLimit {
  std::string name;
  std::size_t most;
  std::function<Decision(std::size_t)> decide;
  std::size_t messages;  // when it is taken
  std::string refusal;
};

// A rule whose messages have so many bytes.
Decision of_bytes(std::size_t bytes) {
  const auto render = [](std::size_t text) {
    // The rule's own words: texts of the event would be cut.
    std::string data;
    for (std::size_t i = 0; i < 20; ++i) {
      const std::size_t part = std::min<std::size_t>(text, 4000);
      text -= part;
      data += fmt::format("f{:02}: \"{}\", ", i, std::string(part, 'x'));
    }
    WrittenParts parts = with_send("data: {" + data + "end: 1}");
    parts.match = "{y: [1]}";
    return decided(parts, R"({"y":1})");
  };
  const Decision shortest = render(0);
  REQUIRE(shortest.messages.size() == 1);
  return render(bytes - shortest.messages.front().json.size());
}

std::vector<EventLimit> event_limits() {
  return {
      {"items of for_each", for_each_items_max,
       [](std::size_t n) {
         return decided(with_send("for_each: \"${body.l}\""),
                        fmt::format(R"({{"x":1,"l":[{}]}})", repeated("1", n, ",")));
       },
       100, "has more than 100 items"},
      {"messages of one rule", rule_messages_max,
       [](std::size_t n) {
         std::string sends = repeated("{to: coder, kind: note, for_each: \"${body.l}\"}", 10, ", ");
         for (std::size_t i = 1000; i < n; ++i) sends += ", {to: coder, kind: note}";
         return decided({.send = "[" + sends + "]"},
                        fmt::format(R"({{"x":1,"l":[{}]}})", repeated("1", 100, ",")));
       },
       1000, "more than 1000 messages for one event"},
      {"bytes of a work's name", work_bytes_max,
       [](std::size_t n) {
         return decided({.more = ", work: " + std::string(n, 'w')}, R"({"x":1})");
       },
       1, "work: must be 1 to 512 bytes"},
      {"bytes of a message", message_bytes_max, of_bytes, 1, "larger than 65536 bytes"},
  };
}

}  // namespace

TEST_CASE("each limit of a rule file takes its most and refuses one more") {
  const auto limits = GENERATE(limits_of_rules(), limits_of_patterns(), limits_of_templates());
  for (const FileLimit& limit : limits) {
    INFO(limit.name);
    const LoadedRules taken = load_rules(written(limit.file(limit.most)));
    for (const Diagnostic& diagnostic : taken.diagnostics) UNSCOPED_INFO(to_string(diagnostic));
    CHECK(taken.rules != nullptr);
    const LoadedRules refused = load_rules(written(limit.file(limit.most + 1)));
    CHECK(refused.rules == nullptr);
    REQUIRE_FALSE(refused.diagnostics.empty());
    CHECK_THAT(refused.diagnostics.front().message, Catch::Contains(limit.refusal));
  }
}

TEST_CASE("each limit of what a rule makes of an event takes its most and refuses one more") {
  for (const EventLimit& limit : event_limits()) {
    INFO(limit.name);
    const Decision taken = limit.decide(limit.most);
    CHECK(taken.failures.empty());
    CHECK(taken.messages.size() == limit.messages);
    const Decision refused = limit.decide(limit.most + 1);
    CHECK(refused.messages.empty());
    REQUIRE(refused.failures.size() == 1);
    CHECK_THAT(refused.failures.front().detail, Catch::Contains(limit.refusal));
  }
}

TEST_CASE("a send has at most 256 mailboxes, those of topics among them") {
  Recipients recipients;
  recipients.topics["all"];
  for (std::size_t i = 0; i < send_recipients_max; ++i) {
    recipients.topics["all"].push_back(fmt::format("agent-{}", i));
  }
  recipients.agents = {"agent-0", "another"};
  const auto load = [&](const std::string& to) {
    const std::vector<RuleFile> files{
        {"rules.yaml", written({.send = "[{to: [" + to + "], kind: note}]"})}};
    return RuleSet::load(files, recipients, "acme");
  };
  CHECK(load("'topic:all'").rules != nullptr);
  CHECK(load("'topic:all', agent-0").rules != nullptr);  // it is there already
  const LoadedRules refused = load("'topic:all', another");
  REQUIRE(refused.diagnostics.size() == 1);
  CHECK(refused.diagnostics.front().message == "'to' has 1 to 256 recipients");
}

TEST_CASE("a YAML file nests 64 deep and has a million values, aliases counted as they are used") {
  const auto code_of = [](const std::string& text) {
    std::vector<Diagnostic> diagnostics;
    YamlFile file{"a.yaml", diagnostics};
    file.parse(text);
    return diagnostics.empty() ? "" : diagnostics.front().code;
  };
  const auto nested = [](std::size_t depth) { return repeated("[", depth) + repeated("]", depth); };
  // The root is at depth 0.
  CHECK(code_of(nested(yaml_depth_max + 1)) == "");
  CHECK(code_of(nested(yaml_depth_max + 2)) == "too-deep");
  // A list of 999 values counts 1,000; 999 of them, the root and 999 more are a million.
  const std::string thousands =
      "- &a [" + repeated("1", 999, ",") + "]\n" + repeated("- *a\n", 998);
  CHECK(code_of(thousands + repeated("- 1\n", 999)) == "");
  CHECK(code_of(thousands + repeated("- 1\n", 1000)) == "too-large");
}

TEST_CASE("a pattern that is JSON text nests 64 deep") {
  const auto nested = [](std::size_t fields) {
    return repeated("{\"a\":", fields) + "[1]" + repeated("}", fields);
  };
  // The innermost value is one deeper than its list.
  CHECK(compile_pattern_text(nested(literal_depth_max - 1)).has_value());
  const auto refused = compile_pattern_text(nested(literal_depth_max));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail == "nested deeper than 64");
}

TEST_CASE("a name of up to 128 characters is compared with what may have been meant") {
  const std::string known(129, 'a');
  const std::string_view names[]{known};
  CHECK(did_you_mean(std::string(128, 'a'), names) == "; did you mean '" + known + "'?");
  CHECK(did_you_mean(std::string(129, 'a'), names).empty());
  // A third of the longer name may differ.
  const std::string_view words[]{"abcdef"};
  CHECK_FALSE(did_you_mean("abcdXY", words).empty());
  CHECK(did_you_mean("abcXYZ", words).empty());
}
