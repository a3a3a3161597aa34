// Texts that are compared as they are and can hardly be meant so; lists that always hold; templates
// as other systems spell them.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "rules/lint/lint_checks.hpp"
#include "rules/pattern/written_condition.hpp"
#include "rules/source/yaml_literal.hpp"
#include "rules/template/template_hints.hpp"

namespace signalbox {
namespace {

// Apps of GitHub, whose logins end with "[bot]".
constexpr auto apps = std::to_array<std::string_view>(
    {"dependabot", "dependabot-preview", "renovate", "github-actions", "pre-commit-ci", "codecov",
     "mergify", "allcontributors", "netlify", "vercel", "sonarcloud", "deepsource-autofix",
     "imgbot", "stale", "semantic-release-bot", "coderabbitai", "copilot-swe-agent"});

Literal text_literal(std::string text) {
  Literal literal;
  literal.kind = JsonKind::string;
  literal.text = std::move(text);
  return literal;
}

std::string_view last_step(std::string_view path) {
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

// What an element asks of a text's beginning; null where it does not.
const Literal* beginning_of(const Literal& element) {
  if (element.is(JsonKind::string)) return &element;
  if (!element.is(JsonKind::object) || element.fields.size() != 1) return nullptr;
  const Literal::Field& field = element.fields[0];
  const bool whole = field.key == "prefix" || field.key == "wildcard" || field.key == "exactly" ||
                     field.key == "equals-ignore-case";
  return whole && field.value.is(JsonKind::string) ? &field.value : nullptr;
}

constexpr std::string_view branch_prefix = "refs/heads/";

// Whether a text that begins so can be a whole name of a branch or a tag.
bool can_be_whole_ref(std::string_view beginning) {
  const std::string_view text = beginning.substr(0, beginning.find('*'));
  return text.starts_with("refs/") || std::string_view{"refs/"}.starts_with(text);
}

class Spelling {
 public:
  Spelling(const WrittenRule& rule, const WantedTypes& wanted, LintReport& report)
      : rule_{rule}, report_{report} {
    pushes_ = !wanted.types.empty() && std::ranges::all_of(wanted.types, [](std::string_view type) {
      return type == "github.push";
    });
  }

  void condition(const WrittenCondition& condition) {
    const std::string_view last = last_step(condition.path);
    two_exclusions(condition);
    for (const Literal& element : condition.field->value.elements) {
      in_match(element);
      if (refs(condition, last, element)) continue;
      if (last == "login") login(element);
      star(condition, element);
    }
  }

  void text(const WrittenTemplate& written) {
    const auto found = find_foreign_template(written.text);
    if (!found) return;
    report_.add(rule_, written.place, "not-a-template",
                fmt::format("'{}' is text here: write '{}'", found->written, found->here));
  }

 private:
  // Either of two is enough, so that hardly a value is left.
  void two_exclusions(const WrittenCondition& condition) {
    const auto& elements = condition.field->value.elements;
    const auto first = std::ranges::find_if(elements, is_exclusion);
    if (first == elements.end()) return;
    const auto second = std::find_if(first + 1, elements.end(), is_exclusion);
    if (second == elements.end()) return;
    report_.add(rule_, second->place, "always-holds",
                "a list is any of its values, and what the one 'anything-but' excludes the other "
                "lets pass: write one with a list, as [{anything-but: [a, b]}]; several "
                "exceptions will be said with 'unless', which this version does not have");
  }

  void in_match(const Literal& literal) {
    for (const Literal::Field& field : literal.fields) in_match(field.value);
    for (const Literal& element : literal.elements) in_match(element);
    if (!literal.is(JsonKind::string)) return;
    const bool ours = literal.text.find("${") != std::string::npos;
    if (!ours && !find_foreign_template(literal.text)) return;
    report_.add(
        rule_, literal.place, "not-a-template",
        fmt::format("'match' takes no templates: {} is compared as it is", to_json(literal)));
  }

  // True where something was said.
  bool refs(const WrittenCondition& condition, std::string_view last, const Literal& element) {
    const Literal* text = beginning_of(element);
    if (text == nullptr || (last != "ref" && last != "base_ref" && last != "head_branch"))
      return false;
    const bool plain_star =
        element.is(JsonKind::string) && text->text.find('*') != std::string::npos;
    const bool whole = pushes_ && condition.path.find('.') == std::string::npos;
    if (whole && !can_be_whole_ref(text->text)) {
      const std::string right = fmt::format("{}{}", branch_prefix, text->text);
      report_.add(rule_, element.place, "impossible-value",
                  fmt::format("the '{}' of a push is a whole name: write {}", last,
                              spelled_again(element, right, plain_star)));
      return true;
    }
    const bool short_name = condition.path.find('.') != std::string::npos;
    if (!whole && short_name && text->text.starts_with(branch_prefix)) {
      const std::string right = text->text.substr(branch_prefix.size());
      report_.add(rule_, element.place, "impossible-value",
                  fmt::format("'{}' is a branch's name alone: write {}", condition.path,
                              spelled_again(element, right, plain_star)));
      return true;
    }
    return false;
  }

  static std::string spelled_again(const Literal& element, const std::string& text, bool star) {
    const std::string flow = to_flow(text_literal(text));
    if (star) return fmt::format("{{wildcard: {}}}", flow);
    if (element.is(JsonKind::string)) return flow;
    return fmt::format("{{{}: {}}}", element.fields[0].key, flow);
  }

  void login(const Literal& element) {
    if (!element.is(JsonKind::string) || std::ranges::find(apps, element.text) == apps.end())
      return;
    report_.add(
        rule_, element.place, "unknown-value",
        fmt::format("the login of an app ends with '[bot]': write \"{}[bot]\"", element.text));
  }

  void star(const WrittenCondition& condition, const Literal& element) {
    if (!element.is(JsonKind::string) || element.text.find('*') == std::string::npos) return;
    const std::string right = element.text == "*"
                                  ? std::string{"{exists: true}"}
                                  : fmt::format("{{wildcard: {}}}", to_flow(element));
    report_.add(rule_, element.place, "literal-star",
                fmt::format("a plain text is compared as it is, its '*' too: write {}: [{}]",
                            condition.field->key, right));
  }

  const WrittenRule& rule_;
  LintReport& report_;
  bool pushes_ = false;
};

}  // namespace

void lint_spelling(const WrittenRule& rule, const WantedTypes& wanted, LintReport& report) {
  Spelling spelling{rule, wanted, report};
  if (rule.match) {
    for (const WrittenCondition& condition : conditions_of(*rule.match))
      spelling.condition(condition);
  }
  for (const WrittenTemplate& written : rule.templates) spelling.text(written);
}

// Whoever may comment on a public repository would start an agent.
void lint_senders(const WrittenRule& rule, const WantedTypes& wanted, LintReport& report) {
  constexpr std::array<std::string_view, 5> of_senders{"author_association", "sender", "user",
                                                       "author", "login"};
  const bool comments = std::ranges::any_of(wanted.types, [](std::string_view type) {
    return type.starts_with("github.") && type.find("comment.") != std::string_view::npos;
  });
  if (!rule.assigns || !comments) return;
  const auto asks = [&](const WrittenCondition& condition) {
    const auto steps = '.' + condition.path + '.';
    return std::ranges::any_of(of_senders, [&](std::string_view name) {
      return steps.find(fmt::format(".{}.", name)) != std::string::npos;
    });
  };
  if (rule.match && std::ranges::any_of(conditions_of(*rule.match), asks)) return;
  report.add(rule, rule.place, "anyone-assigns",
             fmt::format("whoever may comment makes '{}' assign work: ask for the author, as "
                         "comment: {{author_association: [OWNER, MEMBER, COLLABORATOR]}}",
                         rule.info.name));
}

}  // namespace signalbox
