#include "rules/pattern/pattern.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "rules/pattern/operators.hpp"

namespace signalbox {
namespace {

using SharedCondition = std::shared_ptr<const FieldCondition>;

// A later list for a path takes the place of an earlier one.
void put(PatternBranch& branch, const SharedCondition& condition) {
  for (SharedCondition& present : branch) {
    if (present->path == condition->path) {
      present = condition;
      return;
    }
  }
  branch.push_back(condition);
}

}  // namespace

class PatternCompiler {
 public:
  PatternCompiler(PatternProblems& problems, ConditionPool* pool, bool or_is_operator)
      : problems_{problems}, pool_{pool}, or_is_operator_{or_is_operator} {}

  std::optional<Pattern> run(const Literal& source) {
    const std::size_t before = problems_.size();
    if (!source.is(JsonKind::object)) {
      problem(source.place, "wrong-type", "a pattern must be a mapping of fields");
      return std::nullopt;
    }
    Pattern pattern;
    object(source, {}, true, pattern.branches_, false);
    if (problems_.size() != before) return std::nullopt;
    return pattern;
  }

 private:
  using Branches = std::vector<PatternBranch>;

  void problem(const Place& place, std::string_view code, std::string message) {
    problems_.push_back({place, std::string{code}, std::move(message)});
  }

  void object(const Literal& source, const std::string& path, bool root, Branches& branches,
              bool in_or) {
    if (source.fields.empty()) problem(source.place, "empty", "an empty mapping matches nothing");
    for (const Literal::Field& field : source.fields) {
      if (or_is_operator_ && field.key == or_key) {
        alternatives(field, path, root, branches);
        continue;
      }
      if (in_or && is_reserved_in_or(field.key)) {
        problem(field.place, "reserved-field",
                fmt::format("'{}' is an operator and cannot be a field within '$or'", field.key));
        continue;
      }
      const std::string inner = root ? field.key : path + '.' + field.key;
      if (field.value.is(JsonKind::object)) {
        object(field.value, inner, false, branches, in_or);
      } else if (field.value.is(JsonKind::array)) {
        list(field, inner, branches);
      } else {
        problem(field.value.place, "wrong-type",
                fmt::format("'{}' must be a list of values or a mapping of fields: write [{}]",
                            field.key, to_json(field.value)));
      }
    }
  }

  void list(const Literal::Field& field, const std::string& path, Branches& branches) {
    FieldCondition condition{path, to_json(field.value), {}, false};
    if (field.value.elements.empty())
      problem(field.value.place, "empty", "an empty list matches nothing");
    for (const Literal& element : field.value.elements) {
      auto operand = compile_element(element, problems_);
      if (!operand) continue;
      condition.absent = condition.absent || operand->absent;
      std::move(operand->tests.begin(), operand->tests.end(), std::back_inserter(condition.tests));
    }
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
    const SharedCondition shared =
        pool_ != nullptr ? pool_->one_of(std::move(condition))
                         : std::make_shared<const FieldCondition>(std::move(condition));
    for (PatternBranch& branch : branches) {
      put(branch, shared);
      if (branch.size() <= pattern_fields_max) continue;
      problem(field.place, "too-large",
              fmt::format("more than {} fields in one pattern", pattern_fields_max));
      branch.pop_back();
      return;
    }
  }

  void alternatives(const Literal::Field& field, const std::string& path, bool root,
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
      object(element, path, root, added, true);
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
  std::size_t tests_ = 0;
  std::size_t searches_ = 0;
};

std::optional<Pattern> Pattern::compile(const Literal& source, PatternProblems& problems,
                                        ConditionPool* pool) {
  return PatternCompiler{problems, pool, true}.run(source);
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
