// From the values of an event to the conditions through which rules are reached: one lookup a value
// and kind of test, however many conditions there are. Each rule's branch is reached through one
// condition, its most selective one; the others are looked at only then.
//
// Immutable once sealed, thread-safe then.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/condition_table.hpp"

namespace signalbox {

class AccessIndex {
 public:
  using Condition = ConditionTable::Condition;

  // The index may be asked for this condition.
  void add(Condition condition, ConditionTable& table);
  void seal(ConditionTable& table);

  // Whether some condition was added that looks at the field.
  bool has_field(FieldTrie::Field field) const noexcept {
    return field < fields_.size() && fields_[field].used;
  }

  // Adds to space.hits each condition that holds for a value, and some that may; those that do are
  // known to hold. A condition may come more than once.
  void collect(const ConditionTable& table, MatchSpace& space) const;

  std::size_t bytes() const noexcept;

 private:
  // Texts that values begin or end with, found by hashing the value up to each of their lengths.
  struct AffixRow {
    SymbolKind kind = SymbolKind::prefix;
    std::vector<std::uint32_t> lengths;  // ascending, each once
  };
  struct AccessField {
    bool used = false;
    bool by_symbol = false;
    std::vector<AffixRow> affixes;
    std::vector<Condition> on_any;  // asked whenever there is a value
  };
  struct AffixText {
    SymbolKind kind;
    FieldTrie::Field field;
    std::string text;
    Condition condition;
  };

  void add_test(const ValueTest& test, Condition condition, FieldTrie::Field field);
  void add_affix(SymbolKind kind, std::string text, Condition condition, FieldTrie::Field field);
  void collect_value(const ConditionTable& table, MatchSpace& space, CollectedValue& value) const;
  void collect_affixes(const ConditionTable& table, MatchSpace& space, const AffixRow& row,
                       FieldTrie::Field field, std::string_view text) const;
  void hit(SymbolTable::Symbol symbol, MatchSpace& space) const;

  std::vector<AccessField> fields_;
  std::vector<AffixText> affix_texts_;                            // only while it is built
  std::vector<std::pair<SymbolTable::Symbol, Condition>> pairs_;  // only while it is built
  std::vector<std::uint32_t> begin_of_symbol_;                    // in `of_symbol_`
  std::vector<Condition> of_symbol_;
};

}  // namespace signalbox
