#include "rules/pattern/pattern.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "rules/pattern/operators.hpp"
#include "rules/pattern/pattern_hints.hpp"

namespace signalbox {
namespace {

using SharedCondition = std::shared_ptr<const FieldCondition>;

// A branch while it is read.
struct ReadBranch {
  PatternBranch conditions;
  std::vector<Place> places;
};

// A later list for a path takes the place of an earlier one, whose place is returned.
std::optional<Place> put(ReadBranch& branch, const SharedCondition& condition, Place place) {
  for (std::size_t i = 0; i < branch.conditions.size(); ++i) {
    if (branch.conditions[i]->path != condition->path) continue;
    branch.conditions[i] = condition;
    return std::exchange(branch.places[i], place);
  }
  branch.conditions.push_back(condition);
  branch.places.push_back(place);
  return std::nullopt;
}

}  // namespace

class PatternCompiler {
 public:
  PatternCompiler(PatternProblems& problems, ConditionPool* pool, bool or_is_operator,
                  PatternReading reading = PatternReading::reference)
      : problems_{problems},
        pool_{pool},
        or_is_operator_{or_is_operator},
        strict_{reading == PatternReading::strict} {}

  std::optional<Pattern> run(const Literal& source) {
    const std::size_t before = problems_.size();
    if (!source.is(JsonKind::object)) {
      problem(source.place, "wrong-type",
              "a pattern must be a mapping of fields, as {action: [opened]}");
      return std::nullopt;
    }
    Branches branches;
    object(source, {}, Within{}, branches);
    if (problems_.size() != before) return std::nullopt;
    Pattern pattern;
    for (ReadBranch& branch : branches) {
      pattern.branches_.push_back(std::move(branch.conditions));
      pattern.places_.push_back(std::move(branch.places));
    }
    return pattern;
  }

 private:
  using Branches = std::vector<ReadBranch>;

  // Where a mapping stands.
  struct Within {
    bool root = true;
    bool in_or = false;
    std::string_view field;  // that leads to it
  };

  void problem(const Place& place, std::string_view code, std::string message) {
    problems_.push_back({place, std::string{code}, std::move(message)});
  }

  void object(const Literal& source, const std::string& path, Within within, Branches& branches) {
    if (source.fields.empty()) problem(source.place, "empty", "an empty mapping matches nothing");
    for (const Literal::Field& field : source.fields) {
      if (or_is_operator_ && field.key == or_key) {
        alternatives(field, path, within, branches);
        continue;
      }
      if (mistaken(field, within)) continue;
      if (within.in_or && is_reserved_in_or(field.key)) {
        problem(field.place, "reserved-field",
                fmt::format("'{}' is an operator and cannot be a field within '$or'", field.key));
        continue;
      }
      const std::string inner = within.root ? field.key : path + '.' + field.key;
      if (field.value.is(JsonKind::object)) {
        object(field.value, inner, {false, within.in_or, field.key}, branches);
      } else if (field.value.is(JsonKind::array)) {
        list(field, inner, branches);
      } else {
        problem(field.value.place, "wrong-type",
                fmt::format("'{}' must be a list of values or a mapping of fields: write [{}]",
                            field.key, to_json(field.value)));
      }
    }
  }

  // What can only be a mistake, though it may be read as a field.
  bool mistaken(const Literal::Field& field, const Within& within) {
    const bool scalar = !field.value.is(JsonKind::object) && !field.value.is(JsonKind::array);
    if (strict_ || scalar) {
      if (auto what = unlisted_operator(within.field, field)) {
        problem(field.place, "wrong-operand", std::move(*what));
        return true;
      }
    }
    if (!strict_) return false;
    auto what = wrong_combinator(field);
    if (what) problem(field.place, "unknown-operator", std::move(*what));
    return what.has_value();
  }

  void list(const Literal::Field& field, const std::string& path, Branches& branches) {
    FieldCondition condition{path, to_json(field.value), {}, false};
    if (field.value.elements.empty())
      problem(field.value.place, "empty", "an empty list matches nothing");
    for (const Literal& element : field.value.elements) add_element(field.key, element, condition);
    tests_ += condition.tests.size();
    if (tests_ > pattern_tests_max) {
      problem(field.place, "too-large",
              fmt::format("more than {} values in one pattern", pattern_tests_max));
    }
    searches_ += searches_of(condition.tests);
    if (searches_ > pattern_searches_max) {
      problem(field.place, "too-complex",
              fmt::format("more than {} '*' of wildcards and non-ASCII texts in any letter case in "
                          "one pattern",
                          pattern_searches_max));
    }
    if (branches.empty()) branches.emplace_back();
    put_everywhere(field, path,
                   pool_ != nullptr ? pool_->one_of(std::move(condition))
                                    : std::make_shared<const FieldCondition>(std::move(condition)),
                   branches);
  }

  void add_element(std::string_view field, const Literal& element, FieldCondition& condition) {
    if (auto what = fields_in_list(field, element))
      return problem(element.place, "unknown-operator", std::move(*what));
    auto operand = compile_element(element, problems_);
    if (!operand) return;
    condition.absent = condition.absent || operand->absent;
    std::move(operand->tests.begin(), operand->tests.end(), std::back_inserter(condition.tests));
  }

  void put_everywhere(const Literal::Field& field, const std::string& path,
                      const SharedCondition& condition, Branches& branches) {
    bool told = !strict_;
    for (ReadBranch& branch : branches) {
      const auto replaced = put(branch, condition, field.place);
      if (replaced && !told) repeated(field, path, *replaced);
      told = told || replaced;
      if (branch.conditions.size() <= pattern_fields_max) continue;
      problem(field.place, "too-large",
              fmt::format("more than {} fields in one pattern", pattern_fields_max));
      branch.conditions.pop_back();
      branch.places.pop_back();
      return;
    }
  }

  void repeated(const Literal::Field& field, const std::string& path, const Place& first) {
    problem(field.place, "repeated-condition",
            fmt::format("'{}' has a condition in line {} already, which this one would replace: "
                        "write one list of all values, or each in a way of its own of '$or'",
                        path, first.line));
  }

  void alternatives(const Literal::Field& field, const std::string& path, Within within,
                    Branches& branches) {
    if (!field.value.is(JsonKind::array) || field.value.elements.size() < 2) {
      problem(field.value.place, "wrong-operand", "'$or' needs a list of two or more patterns");
      return;
    }
    const Branches before = std::move(branches);
    branches.clear();
    for (const Literal& element : field.value.elements) {
      if (!element.is(JsonKind::object)) {
        problem(element.place, "wrong-operand", "'$or' needs patterns in its list");
        continue;
      }
      Branches added = before.empty() ? Branches(1) : before;
      object(element, path, {within.root, true, within.field}, added);
      if (branches.size() + added.size() > pattern_branches_max) {
        problem(field.place, "too-large",
                fmt::format("'$or' multiplies to more than {} combinations", pattern_branches_max));
        return;
      }
      std::move(added.begin(), added.end(), std::back_inserter(branches));
    }
  }

  PatternProblems& problems_;
  ConditionPool* const pool_;
  const bool or_is_operator_;
  const bool strict_;
  std::size_t tests_ = 0;
  std::size_t searches_ = 0;
};

std::optional<Pattern> Pattern::compile(const Literal& source, PatternProblems& problems,
                                        ConditionPool* pool, PatternReading reading) {
  return PatternCompiler{problems, pool, true, reading}.run(source);
}

std::shared_ptr<const FieldCondition> ConditionPool::one_of(FieldCondition condition) {
  // A list's source says what it compiles to. No path has the byte that stands between.
  std::string key = condition.path + '\xFF' + condition.source;
  auto& kept = known_[std::move(key)];
  if (!kept) kept = std::make_shared<const FieldCondition>(std::move(condition));
  return kept;
}

namespace {

// The end of the first object in the text, or the text's end.
std::size_t end_of_object(std::string_view text) noexcept {
  int depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{') {
      ++depth;
    } else if (c == '}' && --depth <= 0) {
      return i + 1;
    }
  }
  return text.size();
}

Result<Literal> read_pattern_text(std::string_view json) {
  JsonDocument document;
  const auto parsed = document.parse_copy(json.substr(0, end_of_object(json)));
  if (!parsed) return parsed.error();
  auto source = read_literal(*parsed);
  if (source) return std::move(*source);
  return Error{Reason::invalid_argument, fmt::format("nested deeper than {}", literal_depth_max)};
}

}  // namespace

Result<Pattern> compile_pattern_text(std::string_view json, ConditionPool* pool) {
  const auto source = read_pattern_text(json);
  if (!source) return source.error();
  PatternProblems problems;
  if (auto pattern = PatternCompiler{problems, pool, true}.run(*source)) return std::move(*pattern);
  PatternProblems as_field;
  if (auto pattern = PatternCompiler{as_field, pool, false}.run(*source))
    return std::move(*pattern);
  return Error{Reason::invalid_argument, problems.front().message};
}

bool check_pattern_text(std::string_view json) {
  const auto source = read_pattern_text(json);
  PatternProblems problems;
  return source && Pattern::compile(*source, problems);
}

}  // namespace signalbox
