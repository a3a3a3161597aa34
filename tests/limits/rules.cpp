// Limits of rules/: what one file, one rule, one pattern and one message may hold.
#include <fmt/format.h>

#include "rules/automaton/automaton.hpp"
#include "rules/pattern/ip_address.hpp"
#include "rules/source/yaml_reader.hpp"
#include "rules/template/template_path.hpp"
#include "tests/limits/table.hpp"
#include "tests/rules/rule_fixture.hpp"

namespace signalbox::test {
namespace {

std::string all_of(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += diagnostic.message + "\n";
  return text;
}
std::string error_of(const auto& result) { return result ? "" : result.error().detail; }

// One rule, `r` of github, with a member in place of the usual one.
std::string loaded(const std::string& name = "r", const std::string& events = "[github]",
                   const std::string& send = "[{to: coder, kind: note}]",
                   const std::string& more = "") {
  return all_of(load_rules(fmt::format("rules:\n  - name: {}\n    events: {}\n    send: {}\n{}\n",
                                       name, events, send, more))
                    .diagnostics);
}

std::string type_bytes(std::int64_t bytes) {
  return error_of(EventPattern::parse("github." + letters(bytes - 7)));
}
std::string name_bytes(std::int64_t bytes) { return loaded(letters(bytes)); }
std::string event_types(std::int64_t count) {
  return loaded("r", '[' + repeated(count, "github", ",") + ']');
}
std::string sends(std::int64_t count) {
  return loaded("r", "[github]", '[' + repeated(count, "{to: coder, kind: note}", ",") + ']');
}

std::string anybody(const std::string& yaml) {
  const RuleFile files[]{{"rules.yaml", yaml}};
  return all_of(
      RuleSet::load(files, {.agents = {}, .topics = {}, .any = true}, "acme").diagnostics);
}
std::string names(std::int64_t count) {
  std::string list;
  for (std::int64_t i = 0; i < count; ++i) list += fmt::format("{}a{}", i == 0 ? "" : ", ", i);
  return list;
}
std::string recipients(std::int64_t count) {
  return anybody(fmt::format(
      "rules: [{{name: r, events: [github], send: [{{to: [{}], kind: note}}]}}]", names(count)));
}

std::string rule_tests(std::int64_t count) {
  std::string list;
  for (std::int64_t i = 0; i < count; ++i)
    list += "      - {type: github.push, event: {}, expect: []}\n";
  return loaded("r", "[github.issues]", "[{to: coder, kind: note}]", "    tests:\n" + list);
}
std::string owner_bytes(std::int64_t bytes) {
  return all_of(
      load_rules(fmt::format("owner: {}\nrules: [{{name: r, events: [github], send: [{{to: "
                             "coder, kind: note}}]}}]",
                             letters(bytes)))
          .diagnostics);
}
std::string priority(std::int64_t number) {
  return loaded("r", "[github]", "[{to: coder, kind: note}]",
                fmt::format("    priority: {}", number));
}
std::string summary_bytes(std::int64_t bytes) {
  return loaded("r", "[github]",
                fmt::format("[{{to: coder, kind: note, summary: {}}}]", letters(bytes)));
}
// The mapping and its list are values too.
std::string data_values(std::int64_t count) {
  return loaded(
      "r", "[github]",
      fmt::format("[{{to: coder, kind: note, data: {{x: [{}]}}}}]", repeated(count - 2, "1", ",")));
}
std::string path_steps(std::int64_t count) {
  return error_of(TemplatePath::parse("body" + repeated(count, ".a"), false));
}

std::string pattern(const std::string& json) { return error_of(compile_pattern_text(json)); }
std::string branches_json(std::int64_t count) {
  return R"({"$or":[)" + repeated(count, R"({"a":[1]})", ",") + "]}";
}
const std::string one_value = R"({"a":[1]})";
std::string branches(std::int64_t count) { return pattern(branches_json(count)); }
std::string fields_json(std::int64_t count) {
  std::string fields;
  for (std::int64_t i = 0; i < count; ++i)
    fields += fmt::format(R"({}"f{}":[1])", i == 0 ? "" : ",", i);
  return '{' + fields + '}';
}
std::string fields(std::int64_t count) { return pattern(fields_json(count)); }
std::string values(std::int64_t count) {
  return pattern(R"({"a":[)" + repeated(count, "\"x\"", ",") + "]}");
}
std::string searches(std::int64_t count) {
  return pattern(R"({"a":[{"wildcard":")" + repeated(count, "*a") + R"("}]})");
}
// How many lists and mappings there are around a value.
std::string pattern_depth(std::int64_t depth) {
  return pattern(repeated(depth - 1, R"({"a":)") + "[1]" + repeated(depth - 1, "}"));
}

std::string yaml_depth(std::int64_t depth) {
  std::vector<Diagnostic> diagnostics;
  YamlFile file{"rules.yaml", diagnostics};
  file.parse(repeated(depth, "[") + '1' + repeated(depth, "]"));
  return all_of(diagnostics);
}
// The root, a list of 998 values, 1000 times the same list, and what is missing.
std::string yaml_values(std::int64_t count) {
  const std::string list = "&a [" + repeated(998, "1", ",") + ']';
  std::vector<Diagnostic> diagnostics;
  YamlFile file{"rules.yaml", diagnostics};
  file.parse('[' + list + repeated(1000, ",*a") + repeated(count - 1 - 1001 * 999, ",1") + ']');
  return all_of(diagnostics);
}
std::string suggestion_bytes(std::int64_t bytes) {
  const std::string wrong = letters(bytes);
  const std::string right = wrong + "y";
  const std::string_view candidates[]{right};
  return cut_unless(!did_you_mean(wrong, candidates).empty());
}

// What becomes of a rule that is carried out for one event.
std::string decided(const std::string& send, const std::string& body,
                    const std::string& more = "") {
  const RuleFile files[]{
      {"rules.yaml", "rules:\n  - name: r\n    events: [github]\n" + more + "    send:\n" + send}};
  const auto rules = RuleSet::load(files, {.agents = {}, .topics = {}, .any = true}, "acme").rules;
  const TestEvent event{body};
  const Decision decision = rules->decide(event.event);
  return decision.failures.empty() ? "" : decision.failures.front().detail;
}

std::string items(std::int64_t count) {
  return decided("      - {to: coder, kind: note, for_each: '${body.l}'}\n",
                 R"({"l":[)" + repeated(count, "1", ",") + "]}");
}
std::string messages(std::int64_t count) {
  return decided(fmt::format("      - {{to: [{}], kind: note, for_each: '${{body.l}}'}}\n"
                             "      - {{to: [{}], kind: note}}\n",
                             names(9), names(count - 900)),
                 R"({"l":[)" + repeated(100, "1", ",") + "]}");
}
std::string work_bytes(std::int64_t bytes) {
  return decided("      - {to: coder, kind: note}\n", R"({"w":")" + letters(bytes) + "\"}",
                 "    work: '${body.w}'\n");
}
std::string message_bytes(std::int64_t bytes) {
  const std::string send = "      - {to: coder, kind: note, summary: '${body.s}'}\n";
  const auto rules = rules_of("rules:\n  - name: r\n    events: [github]\n    send:\n" + send);
  const TestEvent smallest{R"({"s":"x"})"};
  const auto around = rules->decide(smallest.event).messages.front().json.size() - 1;
  const TestEvent event{R"({"s":")" + letters(bytes - static_cast<std::int64_t>(around)) + "\"}"};
  const Decision decision = rules->decide(event.event);
  return decision.messages.front().json.find("[cut after ") == std::string::npos ? "" : "cut";
}

// Rules that share one pattern; which of them are named where they are too many.
std::string compiled(const std::vector<std::pair<std::string, std::int64_t>>& texts,
                     std::size_t* named = nullptr) {
  ConditionPool pool;
  std::vector<Pattern> patterns;
  for (const auto& [text, times] : texts) patterns.push_back(*compile_pattern_text(text, &pool));
  std::vector<AutomatonRule> rules;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    rules.resize(rules.size() + static_cast<std::size_t>(texts[i].second),
                 AutomatonRule{patterns[i]});
  }
  TooComplex problem;
  const auto automaton = Automaton::compile(rules, problem);
  if (named != nullptr) *named = problem.rules.size();
  return automaton != nullptr ? "" : problem.what;
}
std::string all_branches(std::int64_t count) {
  return compiled({{branches_json(1000), count / 1000}, {one_value, count % 1000}});
}
// Branches of 250 conditions, each with one of its own, so that few are behind any of them.
std::string all_conditions(std::int64_t count) {
  std::string shared = fields_json(249);
  shared.erase(0, 1);
  std::vector<std::pair<std::string, std::int64_t>> texts;
  for (std::int64_t i = 0; i < count / 250; i += 1000) {
    std::string own;
    for (std::int64_t j = i; j < i + 1000; ++j) {
      own += fmt::format(R"({}{{"own":[{}]}})", j == i ? "" : ",", j);
    }
    texts.emplace_back(R"({"$or":[)" + own + "]," + shared, 1);
  }
  texts.emplace_back(one_value, count % 250);
  return compiled(texts);
}
// Texts in any letter case that are not ASCII: no index answers for them. As many as one pattern
// may have.
std::vector<std::pair<std::string, std::int64_t>> alike(std::int64_t count) {
  std::vector<std::pair<std::string, std::int64_t>> texts;
  for (std::int64_t i = 0; i < count;) {
    std::string list;
    for (const std::int64_t end = std::min(i + 500, count); i < end; ++i) {
      list += fmt::format(R"({}{{"equals-ignore-case":"ä{}"}})", list.empty() ? "" : ",", i);
    }
    texts.emplace_back(R"({"f":[)" + list + "]}", 1);
  }
  return texts;
}
std::string tried(std::int64_t count) { return compiled(alike(count)); }
std::string named(std::int64_t count) {
  std::size_t of_them = 0;
  compiled({{branches_json(1000), 1001}, {one_value, count}}, &of_them);
  return cut_unless(std::cmp_greater_equal(of_them, count));
}

std::string epoch(std::int64_t last) {
  const auto pattern = compile_pattern_text(R"({"a":[1]})");
  TooComplex problem;
  const auto automaton = Automaton::compile(std::vector<AutomatonRule>{*pattern}, problem);
  JsonDocument document;
  const auto event = document.parse_copy(R"({"a":1})");
  MatchScratch scratch;
  automaton->match({}, *event, scratch);
  scratch.epoch = static_cast<std::uint32_t>(last) - 1;
  automaton->match({}, *event, scratch);
  return scratch.epoch == last ? "" : fmt::format("begins again at {}", scratch.epoch);
}

std::string address_bytes(std::int64_t bytes) {
  const std::string address = "255.255.255.255";
  const std::string zeros(static_cast<std::size_t>(bytes) - address.size(), '0');
  return cut_unless(parse_ip(zeros + address).has_value());
}
std::string explained(const std::string& body) {
  const auto rules = rules_of(
      "rules: [{name: r, events: [github], match: {a: [x]}, send: [{to: coder, kind: note}]}]");
  const TestEvent event{body};
  return rules->explain(event.event).front().actual;
}
std::string shown_bytes(std::int64_t bytes) {
  return cut_unless(
      explained(R"({"a":")" + std::string(static_cast<std::size_t>(bytes) - 2, 'y') + "\"}")
          .find("…") == std::string::npos);
}
std::string shown_values(std::int64_t count) {
  return cut_unless(explained(R"({"a":[)" + repeated(count, "1", ",") + "]}").find("…") ==
                    std::string::npos);
}

}  // namespace

std::span<const Limit> rule_limits() {
  static constexpr Limit limits[]{
      {"rules/automaton/automaton.hpp:tried_conditions_max", 2000, 2001, tried, "too much alike"},
      {"rules/automaton/automaton.cpp:epochs_max", 0x7FFFFFFF, 0x80000000, epoch,
       "begins again at 1"},
      {"rules/automaton/automaton.hpp:branches_max", 1'000'000, 1'000'001, all_branches,
       "more than 1000000 combinations"},
      {"rules/automaton/automaton.hpp:conditions_max", 8'000'000, 8'000'001, all_conditions,
       "more than 8000000 conditions"},
      {"rules/automaton/automaton_builder.cpp:named_rules_max", 5, 6, named, "cut"},
      {"rules/automaton/automaton_trace.cpp:shown_bytes_max", 200, 201, shown_bytes, "cut"},
      {"rules/automaton/automaton_trace.cpp:shown_values_max", 5, 6, shown_values, "cut"},
      {"rules/pattern/event_pattern.hpp:event_pattern_bytes_max", 256, 257, type_bytes,
       "1 to 256 characters"},
      {"rules/pattern/pattern.hpp:pattern_branches_max", 1024, 1025, branches,
       "more than 1024 combinations"},
      {"rules/pattern/pattern.hpp:pattern_fields_max", 256, 257, fields, "more than 256 fields"},
      {"rules/pattern/pattern.hpp:pattern_tests_max", 65'536, 65'537, values,
       "more than 65536 values"},
      {"rules/pattern/pattern.hpp:pattern_searches_max", 1000, 1001, searches, "1000"},
      {"rules/pattern/ip_address.cpp:ipv4_text_max", 15, 16, address_bytes, "cut"},
      {"rules/rule.hpp:for_each_items_max", 100, 101, items, "100"},
      {"rules/rule.hpp:rule_messages_max", 1000, 1001, messages, "more than 1000 messages"},
      {"rules/rule.hpp:work_bytes_max", 512, 513, work_bytes, "1 to 512 bytes"},
      {"rules/rule_loader.hpp:rule_events_max", 64, 65, event_types, "1 to 64 event types"},
      {"rules/rule_loader.hpp:rule_sends_max", 32, 33, sends, "1 to 32 entries"},
      {"rules/rule_loader.hpp:send_recipients_max", 256, 257, recipients, "1 to 256 recipients"},
      {"rules/rule_loader.hpp:rule_tests_max", 100, 101, rule_tests, "at most 100 entries"},
      {"rules/rule_loader.hpp:rule_name_bytes_max", 64, 65, name_bytes, "64"},
      {"rules/rule_loader.hpp:rule_owner_bytes_max", 64, 65, owner_bytes, "64"},
      {"rules/rule_loader.hpp:rule_priority_max", 1'000'000, 1'000'001, priority, "1000000"},
      {"rules/rule_loader.hpp:rule_priority_max", -1'000'000, -1'000'001, priority, "1000000"},
      {"rules/source/diagnostic.cpp:suggestion_bytes_max", 128, 129, suggestion_bytes, "cut"},
      {"rules/source/literal.hpp:literal_depth_max", 64, 65, pattern_depth,
       "nested deeper than 64"},
      {"rules/source/yaml_reader.hpp:yaml_depth_max", 64, 65, yaml_depth, "nested deeper than 64"},
      {"rules/source/yaml_reader.hpp:yaml_values_max", 1'000'000, 1'000'001, yaml_values,
       "more than 1000000 values"},
      {"rules/template/template.hpp:template_bytes_max", 4096, 4097, summary_bytes,
       "at most 4096 bytes"},
      {"rules/template/template.hpp:message_bytes_max", 65'536, 65'537, message_bytes, "cut"},
      {"rules/template/template.hpp:data_values_max", 256, 257, data_values,
       "more than 256 values"},
      {"rules/template/template_path.hpp:path_steps_max", 32, 33, path_steps, "more than 32 steps"},
  };
  return limits;
}

}  // namespace signalbox::test
