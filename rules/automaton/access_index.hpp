// From the values of an event to the conditions through which rules are reached: a few lookups a
// value, however many conditions there are. Each rule's branch is reached through one condition,
// its most selective one; the others are looked at only then.
//
// Immutable once sealed, thread-safe then.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/automaton/condition_table.hpp"
#include "rules/automaton/gram_index.hpp"
#include "rules/automaton/range_index.hpp"

namespace signalbox {

class AccessIndex {
 public:
  using Condition = ConditionTable::Condition;

  // The index may be asked for this condition.
  void add(Condition condition, const ConditionTable& table);
  // Finds out whether a field has more than `tried_max` conditions that have to be tried.
  void seal(ConditionTable& table, std::size_t tried_max);

  // Conditions of one field that would have to be tried one after the other, if those are too many.
  std::span<const Condition> too_many() const noexcept { return too_many_; }

  // Whether some condition was added that looks at the field.
  bool has_field(FieldTrie::Field field) const noexcept {
    return field < fields_.size() && fields_[field].used;
  }

  // Adds to scratch.hits each condition that holds for a value, and some that may; those that do
  // are known to hold. A condition may come more than once.
  void collect(const ConditionTable& table, MatchScratch& scratch) const;

  // How many grams the wildcards of all fields have.
  std::uint32_t gram_count() const noexcept { return gram_count_; }
  std::size_t bytes() const noexcept;

 private:
  // Texts that values begin or end with, found by hashing the value up to each of their lengths.
  struct Affixes {
    SymbolKind kind;
    std::vector<std::uint32_t> lengths;  // ascending, each once
  };
  struct BlockShape {
    std::uint8_t address_bytes;
    std::uint8_t prefix_bits;
    bool operator==(const BlockShape&) const = default;
  };
  struct FieldIndex {
    bool used = false;
    bool by_symbol = false;
    std::vector<Affixes> affixes;
    std::vector<BlockShape> blocks;
    std::unique_ptr<GramIndex> wildcards;
    std::unique_ptr<RangeIndex> ranges;
    std::vector<Condition> on_any;  // asked whenever there is a value
    std::vector<Condition> tried;   // those of them that no index can serve
  };
  struct AffixText {
    SymbolKind kind;
    FieldTrie::Field field;
    std::string text;
    Condition condition;
  };
  struct AddTest;

  void add_affix(SymbolKind kind, std::string text, Condition condition, FieldTrie::Field field);
  void add_block(const IpBlock& block, Condition condition, FieldTrie::Field field);
  void seal_affixes(ConditionTable& table);
  void collect_value(const ConditionTable& table, MatchScratch& scratch,
                     CollectedValue& value) const;
  void collect_text(const ConditionTable& table, MatchScratch& scratch, FieldTrie::Field field,
                    std::string_view text) const;
  void collect_affixes(const ConditionTable& table, MatchScratch& scratch, const Affixes& row,
                       FieldTrie::Field field, std::string_view text) const;
  void collect_blocks(const ConditionTable& table, MatchScratch& scratch, FieldTrie::Field field,
                      const IpAddress& address) const;
  void hit(SymbolTable::Symbol symbol, MatchScratch& scratch) const;

  std::vector<FieldIndex> fields_;
  std::uint32_t gram_count_ = 0;
  std::vector<AffixText> affix_texts_;  // only while it is built, like the next
  std::vector<std::pair<SymbolTable::Symbol, Condition>> pairs_;
  std::vector<std::uint32_t> begin_of_symbol_;  // in `of_symbol_`
  std::vector<Condition> of_symbol_;
  std::span<const Condition> too_many_;
  bool sealed_ = false;
};

}  // namespace signalbox
