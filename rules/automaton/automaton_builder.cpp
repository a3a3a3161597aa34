// Patterns into an automaton: conditions are numbered, each branch gets the condition through which
// it is reached, and a program for the others.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "rules/automaton/automaton.hpp"

namespace signalbox {
namespace {

constexpr std::size_t named_rules_max = 5;

constexpr float nearly_always = 0.95F;

// How likely one test of a field with `distinct` conditions lets a value pass. Only the order of
// these numbers matters.
float chance_of(const ValueTest& test, std::uint32_t distinct) noexcept {
  switch (passing_of(test)) {
    case Passing::nearly_all:
      return nearly_always;
    case Passing::some:
      return 0.4F;
    case Passing::few:
      break;
  }
  return 1.0F / static_cast<float>(std::max(distinct, 4U));
}

}  // namespace

class AutomatonBuilder {
 public:
  AutomatonBuilder(TooComplex& problem, const AutomatonLimits& limits)
      : problem_{problem}, limits_{limits}, automaton_{new Automaton} {}

  std::shared_ptr<const Automaton> run(std::span<const AutomatonRule> rules) {
    const auto began = std::chrono::steady_clock::now();
    for (std::uint32_t rule = 0; rule < rules.size(); ++rule) {
      if (!add_rule(rules[rule], rule)) return nullptr;
    }
    automaton_->stats_.rules = rules.size();
    automaton_->table_.seal();
    estimate();
    choose_access();
    if (!automaton_->access_.too_many().empty()) return too_many_tried();
    build_trie();
    build_programs();
    measure();
    automaton_->stats_.compile_us =
        static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(
                                       std::chrono::steady_clock::now() - began)
                                       .count());
    return automaton_;
  }

 private:
  using Condition = ConditionTable::Condition;
  using Branch = BranchProgram::Branch;
  static constexpr Condition none = ConditionTable::none;

  bool add_rule(const AutomatonRule& rule, std::uint32_t number) {
    const Condition type = rule.types.empty() ? none : automaton_->table_.add(rule.types);
    automaton_->type_of_rule_.push_back(type);
    const auto branches = rule.pattern->branches();
    for (const PatternBranch& branch : branches) add_branch(branch, type, number);
    if (branches.empty()) add_branch({}, type, number);
    if (automaton_->branches_.size() > limits_.branches_max) {
      return too_many(fmt::format("more than {} combinations of '$or'", limits_.branches_max));
    }
    if (automaton_->branch_conditions_.size() > limits_.conditions_max) {
      return too_many(fmt::format("more than {} conditions", limits_.conditions_max));
    }
    return true;
  }

  void add_branch(const PatternBranch& branch, Condition type, std::uint32_t rule) {
    static_assert(pattern_fields_max <= 256, "places are kept in a byte");
    sorted_.clear();
    for (const auto& source : branch) {
      sorted_.emplace_back(automaton_->table_.add(source),
                           static_cast<std::uint8_t>(sorted_.size()));
    }
    std::ranges::sort(sorted_, {}, [&](const auto& placed) -> const std::string& {
      return automaton_->table_.row(placed.first).source->path;
    });
    auto& conditions = automaton_->branch_conditions_;
    const auto begin = static_cast<std::uint32_t>(conditions.size());
    for (const auto& [condition, written_at] : sorted_) {
      conditions.push_back(condition);
      automaton_->written_at_.push_back(written_at);
    }
    automaton_->branches_.push_back({rule, begin, static_cast<std::uint32_t>(conditions.size())});
    types_.push_back(type);
  }

  // Names the rules that have the most combinations.
  bool too_many(std::string what) {
    std::vector<std::pair<std::size_t, std::uint32_t>> counts;
    for (const auto& branch : automaton_->branches_) {
      if (counts.empty() || counts.back().second != branch.rule)
        counts.emplace_back(0, branch.rule);
      counts.back().first += branch.conditions_end - branch.conditions_begin + 1;
    }
    const std::size_t named = std::min(counts.size(), named_rules_max);
    std::partial_sort(counts.begin(), counts.begin() + static_cast<std::ptrdiff_t>(named),
                      counts.end(), std::greater<>{});
    problem_.what = std::move(what);
    for (std::size_t i = 0; i < named; ++i) problem_.rules.push_back(counts[i].second);
    return false;
  }

  std::nullptr_t too_many_tried() {
    const auto conditions = automaton_->access_.too_many();
    const auto& path = automaton_->table_.row(conditions.front()).source->path;
    problem_.what = fmt::format(
        "more than {} wildcards or texts without letter case on '{}' are too much alike",
        limits_.tried_conditions_max, path);
    for (Branch branch = 0; branch < access_.size(); ++branch) {
      const bool one_of_them =
          std::find(conditions.begin(), conditions.end(), access_[branch]) != conditions.end();
      if (one_of_them) problem_.rules.push_back(automaton_->branches_[branch].rule);
      if (problem_.rules.size() == named_rules_max) break;
    }
    return nullptr;
  }

  void estimate() {
    const ConditionTable& table = automaton_->table_;
    shared_.assign(table.size(), 0);
    for (const Condition condition : automaton_->branch_conditions_) ++shared_[condition];
    for (const Condition type : types_) {
      if (type != none) ++shared_[type];
    }
    for (Condition condition = 0; condition < table.size(); ++condition) {
      chances_.push_back(chance(condition));
    }
  }

  float chance(Condition condition) const {
    const ConditionTable& table = automaton_->table_;
    const ConditionTable::Row& row = table.row(condition);
    if (row.absent || row.form == ConditionTable::Form::none_of_symbols) return nearly_always;
    const ConditionTable::FieldUse& field = table.fields()[row.field];
    float sum = static_cast<float>(table.symbols(condition).size()) /
                static_cast<float>(std::max(field.symbols, 2U));
    if (row.form == ConditionTable::Form::tests) {
      for (const ValueTest& test : row.source->tests) sum += chance_of(test, field.conditions);
    }
    return std::min(sum, nearly_always);
  }

  // The least likely condition; of equally likely ones that of the fewest branches.
  void choose_access() {
    const auto better = [&](Condition a, Condition b) {
      return chances_[a] != chances_[b] ? chances_[a] < chances_[b] : shared_[a] < shared_[b];
    };
    access_.assign(automaton_->branches_.size(), none);
    is_access_.assign(automaton_->table_.size(), false);
    for (Branch branch = 0; branch < access_.size(); ++branch) {
      Condition& best = access_[branch];
      each_condition(branch,
                     [&](Condition c) { best = best == none || better(c, best) ? c : best; });
      if (best != none) is_access_[best] = true;
    }
    for (Condition condition = 0; condition < is_access_.size(); ++condition) {
      if (!is_access_[condition]) continue;
      if (automaton_->table_.row(condition).absent) {
        automaton_->on_absence_.push_back(condition);
      } else {
        automaton_->access_.add(condition, automaton_->table_);
      }
    }
    automaton_->access_.seal(automaton_->table_, limits_.tried_conditions_max);
  }

  template <class Visit>
  void each_condition(Branch branch, const Visit& visit) const {
    const auto& row = automaton_->branches_[branch];
    for (std::uint32_t i = row.conditions_begin; i < row.conditions_end; ++i) {
      visit(automaton_->branch_conditions_[i]);
    }
    if (types_[branch] != none) visit(types_[branch]);
  }

  void build_trie() {
    const auto& fields = automaton_->table_.fields();
    for (FieldTrie::Field field = 1; field < fields.size(); ++field) {
      if (automaton_->access_.has_field(field)) automaton_->trie_.mark_eager(fields[field].path);
    }
    for (FieldTrie::Field field = 1; field < fields.size(); ++field) {
      automaton_->trie_.add(fields[field].path, field);
    }
    automaton_->trie_.seal(fields.size());
  }

  void build_programs() {
    std::vector<Branch> order(access_.size());
    for (Branch branch = 0; branch < order.size(); ++branch) order[branch] = branch;
    std::stable_sort(order.begin(), order.end(),
                     [&](Branch a, Branch b) { return access_[a] < access_[b]; });
    automaton_->program_of_.resize(automaton_->table_.size());
    ProgramBuilder builder{automaton_->program_, automaton_->table_, chances_};
    for (std::size_t i = 0; i < order.size();) {
      const Condition access = access_[order[i]];
      std::vector<OpenBranch> open;
      for (; i < order.size() && access_[order[i]] == access; ++i) {
        OpenBranch& added = open.emplace_back(OpenBranch{order[i], {}});
        each_condition(order[i], [&](Condition condition) {
          if (condition != access) added.conditions.push_back(condition);
        });
      }
      if (access != none) {
        automaton_->program_of_[access] = builder.build(open);
      } else {
        for (const OpenBranch& branch : open) automaton_->unconditional_.push_back(branch.branch);
      }
    }
    builder.seal();
  }

  void measure() {
    AutomatonStats& stats = automaton_->stats_;
    stats.branches = automaton_->branches_.size();
    stats.conditions = automaton_->table_.size();
    stats.fields = automaton_->table_.fields().size() - 1;
    stats.bytes = sizeof(Automaton) + automaton_->table_.bytes() + automaton_->trie_.bytes() +
                  automaton_->access_.bytes() + automaton_->program_.bytes() +
                  automaton_->program_of_.capacity() * sizeof(BranchProgram::Range) +
                  automaton_->branches_.capacity() * sizeof(Automaton::BranchRow) +
                  automaton_->written_at_.capacity() +
                  (automaton_->branch_conditions_.capacity() + automaton_->on_absence_.capacity() +
                   automaton_->unconditional_.capacity() + automaton_->type_of_rule_.capacity()) *
                      sizeof(Condition);
  }

  TooComplex& problem_;
  const AutomatonLimits& limits_;
  std::shared_ptr<Automaton> automaton_;
  std::vector<std::pair<Condition, std::uint8_t>> sorted_;  // of one branch
  std::vector<Condition> types_;       // by branch: the condition on the event's type, or none
  std::vector<std::uint32_t> shared_;  // by condition: branches that have it
  std::vector<float> chances_;         // by condition
  std::vector<Condition> access_;      // by branch; none: it has no condition
  std::vector<bool> is_access_;        // by condition
};

std::shared_ptr<const Automaton> Automaton::compile(std::span<const AutomatonRule> rules,
                                                    TooComplex& problem,
                                                    const AutomatonLimits& limits) {
  return AutomatonBuilder{problem, limits}.run(rules);
}

}  // namespace signalbox
