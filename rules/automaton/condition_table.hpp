// The conditions of all rules, each once: what they test, and whether they hold for the event at
// hand, worked out when it is first asked for. Immutable once built; what is worked out lives in
// the caller's MatchScratch.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/automaton/event_fields.hpp"
#include "rules/automaton/symbol_table.hpp"
#include "rules/pattern/event_pattern.hpp"
#include "rules/pattern/pattern.hpp"

namespace signalbox {

struct MatchScratch;

class ConditionTable {
 public:
  using Condition = std::uint32_t;
  static constexpr Condition none = 0xFFFFFFFF;
  // The event's type is a field that no path leads to.
  static constexpr FieldTrie::Field type_field = 0;

  ConditionTable() : fields_(1) {}

  Condition add(const std::shared_ptr<const FieldCondition>& source);
  // Any of the event types.
  Condition add(std::span<const EventPattern> types);
  void seal();

  // How a condition's tests can be told apart from its values' symbols.
  enum class Form : std::uint8_t {
    symbols,          // holds where a value is one of them
    none_of_symbols,  // holds where a value is none of them
    tests,            // each test is looked at
  };
  struct Row {
    std::shared_ptr<const FieldCondition> source;  // null: of the event's type
    FieldTrie::Field field = 0;
    std::uint32_t symbols_begin = 0;
    std::uint32_t symbols_end = 0;
    Form form = Form::symbols;
    bool absent = false;
  };
  struct FieldUse {
    std::string path;
    std::uint32_t symbols = 0;     // distinct ones
    std::uint32_t conditions = 0;  // distinct ones
    std::uint32_t text_bytes_max = 0;
  };

  const Row& row(Condition condition) const noexcept {
    assert(condition < rows_.size());
    return rows_[condition];
  }
  std::span<const SymbolTable::Symbol> symbols(Condition condition) const noexcept {
    const Row& row = rows_[condition];
    return std::span{symbols_}.subspan(row.symbols_begin, row.symbols_end - row.symbols_begin);
  }
  std::size_t size() const noexcept { return rows_.size(); }
  const std::vector<FieldUse>& fields() const noexcept { return fields_; }
  const SymbolTable& symbol_table() const noexcept { return symbol_table_; }
  SymbolTable& symbol_table() noexcept { return symbol_table_; }
  std::size_t bytes() const;

  // Gives the event's type its values.
  void read_type(std::string_view type, MatchScratch& scratch) const;
  // Whether some value of the field passes, or its absence does, arrays left aside.
  bool holds(Condition condition, MatchScratch& scratch) const;
  // Whether one value passes.
  bool passes_value(Condition condition, CollectedValue& value) const;
  SymbolTable::Symbol symbol_of(CollectedValue& value) const;

 private:
  FieldTrie::Field field_of(const std::string& path);
  bool add_symbols(std::span<const ValueTest> tests, FieldTrie::Field field);
  SymbolTable::Symbol find_symbol(const CollectedValue& value) const;
  bool work_out(Condition condition, MatchScratch& scratch) const;

  std::vector<Row> rows_;
  std::vector<SymbolTable::Symbol> symbols_;  // of conditions, each one's sorted
  SymbolTable symbol_table_;
  std::vector<FieldUse> fields_;
  std::vector<std::pair<EventPattern, SymbolTable::Symbol>> starred_types_;
  // Only while it is built.
  std::unordered_map<const FieldCondition*, Condition> by_address_;
  std::unordered_map<std::string, Condition> by_source_;
  std::unordered_map<std::string, FieldTrie::Field> by_path_;
};

}  // namespace signalbox
