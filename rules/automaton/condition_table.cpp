#include "rules/automaton/condition_table.hpp"

#include <algorithm>
#include <bit>
#include <cassert>

#include "rules/automaton/match_scratch.hpp"
#include "rules/pattern/comparable_number.hpp"
#include "rules/source/literal.hpp"

namespace signalbox {
namespace {

std::string_view bytes_of(const double& number) noexcept {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// The symbol that one test stands for, if it is nothing but an equality.
struct Equality {
  SymbolKind kind;
  std::string text;
};

std::optional<Equality> equality_of(const ValueTest& test) {
  if (const auto* text = std::get_if<EqualsText>(&test)) {
    switch (text->kind) {
      case JsonKind::string:
        return Equality{SymbolKind::string, text->text};
      case JsonKind::boolean:
        return Equality{SymbolKind::boolean, text->text};
      case JsonKind::null:
        return Equality{SymbolKind::null, {}};
      default:
        if (const auto number = comparable_number(text->text)) {
          return Equality{SymbolKind::number, std::string{bytes_of(*number)}};
        }
        return Equality{SymbolKind::spelling, text->text};
    }
  }
  const auto* range = std::get_if<NumberRange>(&test);
  if (range == nullptr || !range->bottom || range->bottom != range->top) return std::nullopt;
  if (!range->bottom_included || !range->top_included) return std::nullopt;
  return Equality{SymbolKind::number, std::string{bytes_of(*range->bottom)}};
}

}  // namespace

FieldTrie::Field ConditionTable::field_of(const std::string& path) {
  const auto [entry, added] =
      by_path_.try_emplace(path, static_cast<FieldTrie::Field>(fields_.size()));
  if (added) fields_.push_back({path, 0, 0, 0});
  return entry->second;
}

// False where some test is no equality.
bool ConditionTable::add_symbols(std::span<const ValueTest> tests, FieldTrie::Field field) {
  bool all = true;
  for (const ValueTest& test : tests) {
    const auto equality = equality_of(test);
    if (!equality) {
      all = false;
      continue;
    }
    const std::size_t before = symbol_table_.size();
    symbols_.push_back(symbol_table_.add(equality->kind, field, equality->text));
    FieldUse& row = fields_[field];
    if (symbol_table_.size() != before) ++row.symbols;
    row.text_bytes_max =
        std::max(row.text_bytes_max, static_cast<std::uint32_t>(equality->text.size()));
  }
  return all;
}

ConditionTable::Condition ConditionTable::add(const std::shared_ptr<const FieldCondition>& source) {
  const auto added = static_cast<Condition>(rows_.size());
  const auto [known, is_new] = by_address_.try_emplace(source.get(), added);
  if (!is_new) return known->second;
  const auto [same, is_first] =
      by_source_.try_emplace(source->path + '\xFF' + source->source, added);
  if (!is_first) return known->second = same->second;
  Row row;
  row.source = source;
  row.field = field_of(source->path);
  row.absent = source->absent;
  row.symbols_begin = static_cast<std::uint32_t>(symbols_.size());
  const auto* none_of =
      source->tests.size() == 1 ? std::get_if<NoneOf>(&source->tests[0]) : nullptr;
  if (none_of != nullptr) {
    row.form = add_symbols(none_of->tests, row.field) ? Form::none_of_symbols : Form::tests;
    if (row.form == Form::tests) symbols_.resize(row.symbols_begin);
  } else if (!add_symbols(source->tests, row.field)) {
    row.form = Form::tests;
  }
  row.symbols_end = static_cast<std::uint32_t>(symbols_.size());
  std::sort(symbols_.begin() + row.symbols_begin, symbols_.end());
  assert(row.form == Form::tests || row.symbols_begin < row.symbols_end || row.absent);
  ++fields_[row.field].conditions;
  rows_.push_back(std::move(row));
  return added;
}

ConditionTable::Condition ConditionTable::add(std::span<const EventPattern> types) {
  std::string key = "\xFE";
  for (const EventPattern& type : types) key += type.text() + '\xFF';
  const auto added = static_cast<Condition>(rows_.size());
  const auto [same, is_first] = by_source_.try_emplace(std::move(key), added);
  if (!is_first) return same->second;
  Row row;
  row.symbols_begin = static_cast<std::uint32_t>(symbols_.size());
  for (const EventPattern& type : types) {
    const std::size_t before = symbol_table_.size();
    symbols_.push_back(symbol_table_.add(SymbolKind::event_type, type_field, type.text()));
    if (symbol_table_.size() == before) continue;
    ++fields_[type_field].symbols;
    if (type.has_star()) starred_types_.emplace_back(type, symbols_.back());
  }
  row.symbols_end = static_cast<std::uint32_t>(symbols_.size());
  std::sort(symbols_.begin() + row.symbols_begin, symbols_.end());
  ++fields_[type_field].conditions;
  rows_.push_back(std::move(row));
  return added;
}

void ConditionTable::seal() {
  by_address_ = {};
  by_source_ = {};
  by_path_ = {};
  rows_.shrink_to_fit();
  symbols_.shrink_to_fit();
}

void ConditionTable::read_type(std::string_view type, MatchScratch& scratch) const {
  if (fields_[type_field].conditions == 0) return;
  for (std::size_t dot = type.find('.');; dot = type.find('.', dot + 1)) {
    const auto symbol = symbol_table_.find(SymbolKind::event_type, type_field, type.substr(0, dot));
    if (symbol != SymbolTable::none) scratch.fields.add_symbol(type_field, symbol);
    if (dot == std::string_view::npos) break;
  }
  for (const auto& [pattern, symbol] : starred_types_) {
    if (pattern.covers(type)) scratch.fields.add_symbol(type_field, symbol);
  }
}

bool ConditionTable::holds(Condition condition, MatchScratch& scratch) const {
  if (scratch.is_known(condition)) return (scratch.known[condition] & 1) != 0;
  const bool held = work_out(condition, scratch);
  scratch.know(condition, held);
  return held;
}

bool ConditionTable::work_out(Condition condition, MatchScratch& scratch) const {
  const Row& row = rows_[condition];
  const CollectedField& field = scratch.fields.look(row.field);
  for (std::int32_t i = field.first; i >= 0; i = scratch.fields.value(i).next) {
    if (passes_value(condition, scratch.fields.value(i))) return true;
  }
  return row.absent && !field.outside;
}

bool ConditionTable::passes_value(Condition condition, CollectedValue& value) const {
  const Row& row = rows_[condition];
  if (row.form == Form::tests) {
    const EventValue event_value{value.value};
    const auto& tests = row.source->tests;
    return std::any_of(tests.begin(), tests.end(),
                       [&](const ValueTest& test) { return passes(test, event_value); });
  }
  const SymbolTable::Symbol symbol = symbol_of(value);
  const auto wanted = symbols(condition);
  const bool found =
      symbol != SymbolTable::none && std::binary_search(wanted.begin(), wanted.end(), symbol);
  return found == (row.form == Form::symbols);
}

SymbolTable::Symbol ConditionTable::symbol_of(CollectedValue& value) const {
  if (!value.symbol_known) {
    value.symbol = find_symbol(value);
    value.symbol_known = true;
  }
  return value.symbol;
}

SymbolTable::Symbol ConditionTable::find_symbol(const CollectedValue& value) const {
  const FieldUse& field = fields_[value.field];
  if (field.symbols == 0) return SymbolTable::none;
  const auto find = [&](SymbolKind kind, std::string_view text) {
    return symbol_table_.find(kind, value.field, text);
  };
  switch (value.value.kind()) {
    case JsonKind::string: {
      std::string kept;
      const std::string_view text = exact_text(value.value, kept);
      return text.size() > field.text_bytes_max ? SymbolTable::none
                                                : find(SymbolKind::string, text);
    }
    case JsonKind::boolean:
      return find(SymbolKind::boolean, value.value.raw());
    case JsonKind::null:
      return find(SymbolKind::null, {});
    default:
      break;
  }
  const std::string_view spelled = value.value.raw();
  const auto number = comparable_number(spelled);
  return number ? find(SymbolKind::number, bytes_of(*number)) : find(SymbolKind::spelling, spelled);
}

std::size_t ConditionTable::bytes() const {
  std::size_t total = rows_.capacity() * sizeof(Row) +
                      symbols_.capacity() * sizeof(SymbolTable::Symbol) + symbol_table_.bytes() +
                      fields_.capacity() * sizeof(FieldUse);
  for (const Row& row : rows_) {
    if (row.source == nullptr) continue;
    total += sizeof(FieldCondition) + row.source->path.capacity() + row.source->source.capacity() +
             row.source->tests.capacity() * sizeof(ValueTest);
  }
  return total;
}

}  // namespace signalbox
