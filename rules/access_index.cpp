#include "rules/access_index.hpp"

#include <algorithm>

#include "rules/bytes_hash.hpp"
#include "rules/literal.hpp"
#include "rules/match_space.hpp"

namespace signalbox {
namespace {

bool from_the_end(SymbolKind kind) noexcept {
  return kind == SymbolKind::suffix || kind == SymbolKind::caseless_suffix;
}

bool ignores_case(SymbolKind kind) noexcept {
  return kind == SymbolKind::caseless || kind == SymbolKind::caseless_prefix ||
         kind == SymbolKind::caseless_suffix;
}

// Calls `visit` with each length's text and its hash; each hash is made from the one before.
template <class Visit>
void each_affix(SymbolKind kind, FieldTrie::Field field, std::span<const std::uint32_t> lengths,
                std::string_view text, const Visit& visit) {
  std::uint64_t hash = SymbolTable::hash(kind, field, {});
  std::size_t before = 0;
  const bool back = from_the_end(kind);
  for (const std::uint32_t length : lengths) {
    if (length > text.size()) return;
    const std::size_t begin = back ? text.size() - length : before;
    hash = hash_bytes(hash, text.substr(begin, length - before));
    visit(back ? text.substr(begin) : text.substr(0, length), hash);
    before = length;
  }
}

}  // namespace

void AccessIndex::add(Condition condition, ConditionTable& table) {
  const ConditionTable::ConditionRow& row = table.row(condition);
  if (fields_.size() <= row.field) fields_.resize(row.field + 1);
  AccessField& field = fields_[row.field];
  field.used = true;
  if (row.form == ConditionTable::Form::none_of_symbols) {
    field.on_any.push_back(condition);
    return;
  }
  field.by_symbol = field.by_symbol || row.symbols_begin != row.symbols_end;
  for (const auto symbol : table.symbols(condition)) pairs_.emplace_back(symbol, condition);
  if (row.form == ConditionTable::Form::symbols) return;
  for (const ValueTest& test : row.source->tests) add_test(test, condition, row.field);
}

void AccessIndex::add_test(const ValueTest& test, Condition condition, FieldTrie::Field field) {
  if (std::holds_alternative<EqualsText>(test)) return;  // a symbol
  if (const auto* range = std::get_if<NumberRange>(&test)) {
    if (range->bottom && range->bottom == range->top) return;
  }
  if (const auto* text = std::get_if<StartsWith>(&test)) {
    return add_affix(SymbolKind::prefix, text->text, condition, field);
  }
  if (const auto* text = std::get_if<EndsWith>(&test)) {
    return add_affix(SymbolKind::suffix, text->text, condition, field);
  }
  auto& on_any = fields_[field].on_any;
  if (on_any.empty() || on_any.back() != condition) on_any.push_back(condition);
}

void AccessIndex::add_affix(SymbolKind kind, std::string text, Condition condition,
                            FieldTrie::Field field) {
  auto& affixes = fields_[field].affixes;
  auto row = std::find_if(affixes.begin(), affixes.end(),
                          [&](const AffixRow& known) { return known.kind == kind; });
  if (row == affixes.end()) row = affixes.insert(row, AffixRow{kind, {}});
  row->lengths.push_back(static_cast<std::uint32_t>(text.size()));
  affix_texts_.push_back({kind, field, std::move(text), condition});
}

void AccessIndex::seal(ConditionTable& table) {
  for (AccessField& field : fields_) {
    for (AffixRow& row : field.affixes) {
      std::sort(row.lengths.begin(), row.lengths.end());
      row.lengths.erase(std::unique(row.lengths.begin(), row.lengths.end()), row.lengths.end());
    }
  }
  for (const AffixText& affix : affix_texts_) {
    const auto& affixes = fields_[affix.field].affixes;
    const auto row = std::find_if(affixes.begin(), affixes.end(),
                                  [&](const AffixRow& known) { return known.kind == affix.kind; });
    each_affix(affix.kind, affix.field, row->lengths, affix.text,
               [&](std::string_view text, std::uint64_t hash) {
                 if (text.size() != affix.text.size()) return;
                 pairs_.emplace_back(table.symbol_table().add(hash, affix.kind, affix.field, text),
                                     affix.condition);
               });
  }
  affix_texts_ = {};
  std::sort(pairs_.begin(), pairs_.end());
  pairs_.erase(std::unique(pairs_.begin(), pairs_.end()), pairs_.end());
  begin_of_symbol_.assign(table.symbol_table().size() + 1, 0);
  for (const auto& [symbol, condition] : pairs_) {
    ++begin_of_symbol_[symbol + 1];
    of_symbol_.push_back(condition);
  }
  for (std::size_t i = 1; i < begin_of_symbol_.size(); ++i) {
    begin_of_symbol_[i] += begin_of_symbol_[i - 1];
  }
  pairs_ = {};
}

void AccessIndex::collect(const ConditionTable& table, MatchSpace& space) const {
  auto& values = space.fields.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const FieldTrie::Field field = values[i].field;
    if (!has_field(field)) continue;
    const auto& on_any = fields_[field].on_any;
    if (!on_any.empty() && space.fields.look(field).first == static_cast<std::int32_t>(i)) {
      space.hits.insert(space.hits.end(), on_any.begin(), on_any.end());
    }
    collect_value(table, space, values[i]);
  }
}

void AccessIndex::collect_value(const ConditionTable& table, MatchSpace& space,
                                CollectedValue& value) const {
  const AccessField& field = fields_[value.field];
  if (field.by_symbol) hit(table.symbol_of(value), space);
  if (field.affixes.empty() || !value.value.is(JsonKind::string)) return;
  std::string kept;
  const std::string_view text = exact_text(value.value, kept);
  for (const AffixRow& row : field.affixes) {
    if (ignores_case(row.kind)) continue;
    collect_affixes(table, space, row, value.field, text);
  }
}

void AccessIndex::collect_affixes(const ConditionTable& table, MatchSpace& space,
                                  const AffixRow& row, FieldTrie::Field field,
                                  std::string_view text) const {
  each_affix(row.kind, field, row.lengths, text, [&](std::string_view affix, std::uint64_t hash) {
    hit(table.symbol_table().find(hash, row.kind, field, affix), space);
  });
}

void AccessIndex::hit(SymbolTable::Symbol symbol, MatchSpace& space) const {
  if (symbol == SymbolTable::none) return;
  for (std::uint32_t i = begin_of_symbol_[symbol]; i < begin_of_symbol_[symbol + 1]; ++i) {
    space.know(of_symbol_[i], true);
    space.hits.push_back(of_symbol_[i]);
  }
}

std::size_t AccessIndex::bytes() const noexcept {
  std::size_t total = fields_.capacity() * sizeof(AccessField) +
                      begin_of_symbol_.capacity() * sizeof(std::uint32_t) +
                      of_symbol_.capacity() * sizeof(Condition);
  for (const AccessField& field : fields_) {
    total += field.on_any.capacity() * sizeof(Condition);
    for (const AffixRow& row : field.affixes) {
      total += sizeof(AffixRow) + row.lengths.capacity() * sizeof(std::uint32_t);
    }
  }
  return total;
}

}  // namespace signalbox
