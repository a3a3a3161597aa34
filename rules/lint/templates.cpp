// Templates against what the bodies of a rule's events look like: what may not be there when the
// rule has matched?
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "rules/lint/lint_checks.hpp"
#include "rules/lint/paths.hpp"
#include "rules/pattern/pattern.hpp"
#include "rules/template/template.hpp"

namespace signalbox {
namespace {

using Steps = std::vector<TemplatePath::Step>;

bool leads_to(std::string_view path, std::string_view prefix) {
  return path.starts_with(prefix) &&
         (path.size() == prefix.size() || prefix.empty() || path[prefix.size()] == '.');
}

// What a pattern guarantees about what it matched, an event or an item: what each of its ways to
// match does.
class Guarantees {
 public:
  explicit Guarantees(const std::optional<Literal>& match) {
    if (!match) return;
    PatternProblems problems;
    const auto pattern = Pattern::compile(*match, problems);
    if (!pattern) return;
    for (const PatternBranch& branch : pattern->branches()) {
      auto& present = ways_.emplace_back();
      for (const auto& condition : branch) {
        if (!condition->absent) present[condition->path] = may_be_null(*condition);
      }
    }
  }

  bool rules_out(const WeakStep& weak) const {
    const auto by = [&](const Present& present) {
      return std::ranges::any_of(present, [&](const auto& entry) {
        if (!leads_to(entry.first, weak.prefix)) return false;
        return !weak.null || entry.first.size() > weak.prefix.size() || !entry.second;
      });
    };
    return !ways_.empty() && std::ranges::all_of(ways_, by);
  }

 private:
  using Present = std::map<std::string, bool>;  // path that has a value -> it may be null

  static bool may_be_null(const FieldCondition& condition) {
    JsonDocument document;
    const auto parsed = document.parse_copy("[null]");
    const EventValue null{parsed->at(0)};
    return std::ranges::any_of(condition.tests,
                               [&](const ValueTest& test) { return passes(test, null); });
  }

  std::vector<Present> ways_;
};

class TemplateChecks {
 public:
  TemplateChecks(const WrittenRule& rule, const std::vector<const PayloadShape*>& bodies,
                 LintReport& report)
      : rule_{rule}, bodies_{bodies}, report_{report}, guarantees_{rule.match} {}

  void check(const WrittenTemplate& written) {
    const auto parsed = Template::parse(written.text, !written.for_each.empty());
    if (!parsed) return;
    const bool keeps_null = !written.is_text && parsed->is_one_path();
    if (keeps_null && !written.is_list) long_value(written, parsed->paths().front());
    for (const TemplatePath& path : parsed->paths()) {
      if (path.root() == TemplatePath::Root::body) {
        path_of(written, path, bodies_, guarantees_, keeps_null);
      } else if (path.root() == TemplatePath::Root::item) {
        item(written, path, keeps_null);
      }
    }
  }

 private:
  // What people write at length, which providers let be as long as a message or longer.
  void long_value(const WrittenTemplate& written, const TemplatePath& path) {
    if (path.root() != TemplatePath::Root::body || path.steps().empty()) return;
    const auto* last = std::get_if<std::string>(&path.steps().back());
    if (last == nullptr || (*last != "body" && *last != "description")) return;
    const PathFacts facts = facts_of(bodies_, path.steps(), ArraySteps::by_index);
    if (!facts.found || facts.list) return;
    report_.add(
        rule_, written.place, "long-value",
        fmt::format("{} may be longer than a message, which has {} KiB: it is cut then, and "
                    "says where all of it is",
                    path.text(), message_bytes_max / 1024));
  }

  // What is wrong with the list itself is said where it stands.
  void item(const WrittenTemplate& written, const TemplatePath& path, bool keeps_null) {
    const auto list = Template::parse(written.for_each, false);
    if (!list || list->paths().size() != 1) return;
    const TemplatePath list_path = list->paths().front();
    if (list_path.root() != TemplatePath::Root::body) return;
    const PathFacts facts = facts_of(bodies_, list_path.steps(), ArraySteps::by_index);
    std::vector<const PayloadShape*> elements;
    for (const PayloadShape* end : facts.ends) {
      if (end->element != nullptr) elements.push_back(end->element);
    }
    if (!facts.open && !elements.empty())
      path_of(written, path, elements, Guarantees{written.where}, keeps_null);
  }

  void path_of(const WrittenTemplate& written, const TemplatePath& path,
               const std::vector<const PayloadShape*>& bodies, const Guarantees& guarantees,
               bool keeps_null) {
    const std::string plain = plain_path(path.steps());
    const PathFacts facts = facts_of(bodies, path.steps(), ArraySteps::by_index);
    if (facts.open) return;
    if (!facts.found) return never(written, path, bodies, facts);
    if (written.is_list && !facts.list) {
      return report_.add(rule_, written.place, "template-may-fail",
                         fmt::format("{} is {}, no list", path.text(), kinds_text(facts)));
    }
    for (const WeakStep& weak : facts.weak) {
      if (plain.empty() || !guarantees.rules_out(weak)) return may_fail(written, path, weak);
    }
    const WeakStep whole{plain, true, false};
    if (facts.null && !keeps_null && (plain.empty() || !guarantees.rules_out(whole))) {
      return may_fail(written, path, whole);
    }
    // A field that only some of the rule's events have.
    if (!facts.everywhere && (plain.empty() || !guarantees.rules_out({plain, false, false})))
      may_fail(written, path, {plain, false, false});
  }

  void never(const WrittenTemplate& written, const TemplatePath& path,
             const std::vector<const PayloadShape*>& bodies, const PathFacts& facts) {
    const auto* key = facts.depth < path.steps().size()
                          ? std::get_if<std::string>(&path.steps()[facts.depth])
                          : nullptr;
    const std::string other = meant_path(bodies, path.steps(), ArraySteps::by_index);
    const std::string_view root = path.root() == TemplatePath::Root::item ? "item" : "body";
    const std::string hint = !other.empty()   ? fmt::format("; did you mean {}.{}?", root, other)
                             : key == nullptr ? std::string{}
                                              : did_you_mean(*key, facts.names);
    report_.add(rule_, written.place, "unknown-field",
                fmt::format("these events are not known to have {}{}", path.text(), hint));
  }

  void may_fail(const WrittenTemplate& written, const TemplatePath& path, const WeakStep& weak) {
    const bool whole = weak.prefix == plain_path(path.steps());
    report_.add(
        rule_, written.place, "template-may-fail",
        fmt::format("{} may be {}{}", path.text(), weak.null && whole ? "null" : "missing",
                    whole || weak.prefix.empty() ? std::string{}
                                                 : fmt::format(": '{}' may be {}", weak.prefix,
                                                               weak.null    ? "null"
                                                               : weak.empty ? "empty"
                                                                            : "missing")));
  }

  const WrittenRule& rule_;
  const std::vector<const PayloadShape*>& bodies_;
  LintReport& report_;
  const Guarantees guarantees_;
};

}  // namespace

void lint_templates(const WrittenRule& rule, const std::vector<const PayloadShape*>& bodies,
                    LintReport& report) {
  if (bodies.empty()) return;
  TemplateChecks checks{rule, bodies, report};
  for (const WrittenTemplate& written : rule.templates) checks.check(written);
}

}  // namespace signalbox
