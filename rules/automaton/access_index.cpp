#include "rules/automaton/access_index.hpp"

#include <algorithm>
#include <array>
#include <cassert>

#include "event/ascii.hpp"
#include "rules/automaton/bytes_hash.hpp"
#include "rules/automaton/match_scratch.hpp"
#include "rules/pattern/comparable_number.hpp"
#include "rules/source/literal.hpp"

namespace signalbox {
namespace {

bool from_the_end(SymbolKind kind) noexcept {
  return kind == SymbolKind::suffix || kind == SymbolKind::caseless_suffix;
}

// The block of this shape that the address lies in, as a symbol's text.
std::string_view block_text(const IpAddress& address, std::uint8_t prefix_bits,
                            std::array<char, 18>& scratch) noexcept {
  scratch[0] = static_cast<char>(address.size);
  scratch[1] = static_cast<char>(prefix_bits);
  for (std::size_t i = 0; i < address.size; ++i) {
    const int bits = std::clamp(static_cast<int>(prefix_bits) - static_cast<int>(8 * i), 0, 8);
    scratch[2 + i] = static_cast<char>(address.bytes[i] & (0xFF00 >> bits));
  }
  return {scratch.data(), std::size_t{2} + address.size};
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

// Which index serves a test.
struct AccessIndex::AddTest {
  AccessIndex& index;
  Condition condition;
  FieldTrie::Field field;

  FieldIndex& row() const { return index.fields_[field]; }
  void affix(SymbolKind kind, std::string text) const {
    index.add_affix(kind, std::move(text), condition, field);
  }
  void caseless(SymbolKind kind, const CaselessText& text) const {
    if (auto lower = text.ascii_lower()) return affix(kind, std::move(*lower));
    on_any();
    row().tried.push_back(condition);
  }
  void on_any() const {
    auto& list = row().on_any;
    if (list.empty() || list.back() != condition) list.push_back(condition);
  }

  void operator()(const EqualsText&) const {}  // a symbol
  void operator()(const EqualsIp& test) const {
    index.add_block({test.address, static_cast<std::uint8_t>(test.address.size * 8)}, condition,
                    field);
  }
  void operator()(const NumberRange& range) const {
    if (range.bottom && range.bottom == range.top) return;  // a symbol
    if (!row().ranges) row().ranges = std::make_unique<RangeIndex>();
    row().ranges->add(range, condition);
  }
  void operator()(const StartsWith& test) const { affix(SymbolKind::prefix, test.text); }
  void operator()(const EndsWith& test) const { affix(SymbolKind::suffix, test.text); }
  void operator()(const EqualsCaseless& test) const { caseless(SymbolKind::caseless, test.text); }
  void operator()(const StartsCaseless& test) const {
    caseless(SymbolKind::caseless_prefix, test.text);
  }
  void operator()(const EndsCaseless& test) const {
    caseless(SymbolKind::caseless_suffix, test.text);
  }
  void operator()(const Wildcard& test) const {
    if (!row().wildcards) row().wildcards = std::make_unique<GramIndex>();
    if (!row().wildcards->add(test, condition)) on_any();
  }
  void operator()(const InBlock& test) const { index.add_block(test.block, condition, field); }
  // What no index serves is tried for each value. Those that nearly all values pass lead to rules
  // that are to be looked at anyway; of others a field takes
  // `AutomatonLimits::tried_conditions_max`.
  template <TestOfValues Test>
  void operator()(const Test&) const {
    on_any();
    if (Test::passing != Passing::nearly_all) row().tried.push_back(condition);
  }
};

void AccessIndex::add(Condition condition, const ConditionTable& table) {
  assert(!sealed_);
  const ConditionTable::Row& row = table.row(condition);
  if (fields_.size() <= row.field) fields_.resize(row.field + 1);
  FieldIndex& field = fields_[row.field];
  field.used = true;
  if (row.form == ConditionTable::Form::none_of_symbols) {
    field.on_any.push_back(condition);
    return;
  }
  field.by_symbol = field.by_symbol || row.symbols_begin != row.symbols_end;
  for (const auto symbol : table.symbols(condition)) pairs_.emplace_back(symbol, condition);
  if (row.form == ConditionTable::Form::symbols) return;
  const AddTest add_test{*this, condition, row.field};
  for (const ValueTest& test : row.source->tests) std::visit(add_test, test);
}

void AccessIndex::add_affix(SymbolKind kind, std::string text, Condition condition,
                            FieldTrie::Field field) {
  auto& affixes = fields_[field].affixes;
  auto row = std::find_if(affixes.begin(), affixes.end(),
                          [&](const Affixes& known) { return known.kind == kind; });
  if (row == affixes.end()) row = affixes.insert(row, Affixes{kind, {}});
  row->lengths.push_back(static_cast<std::uint32_t>(text.size()));
  affix_texts_.push_back({kind, field, std::move(text), condition});
}

void AccessIndex::add_block(const IpBlock& block, Condition condition, FieldTrie::Field field) {
  auto& shapes = fields_[field].blocks;
  const BlockShape shape{block.first.size, block.prefix_bits};
  if (std::find(shapes.begin(), shapes.end(), shape) == shapes.end()) shapes.push_back(shape);
  std::array<char, 18> scratch;
  affix_texts_.push_back({SymbolKind::ip_block, field,
                          std::string{block_text(block.first, block.prefix_bits, scratch)},
                          condition});
}

void AccessIndex::seal(ConditionTable& table, std::size_t tried_max) {
  assert(!sealed_);
  sealed_ = true;
  for (FieldIndex& field : fields_) {
    for (Affixes& row : field.affixes) {
      std::sort(row.lengths.begin(), row.lengths.end());
      row.lengths.erase(std::unique(row.lengths.begin(), row.lengths.end()), row.lengths.end());
    }
    if (field.ranges) field.ranges->seal();
    if (field.tried.size() > tried_max) too_many_ = field.tried;
    if (!field.wildcards) continue;
    gram_count_ = field.wildcards->seal(gram_count_);
    const auto largest = field.wildcards->largest();
    if (largest.size() > tried_max) too_many_ = largest;
  }
  seal_affixes(table);
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

void AccessIndex::seal_affixes(ConditionTable& table) {
  SymbolTable& symbols = table.symbol_table();
  for (const AffixText& affix : affix_texts_) {
    const auto& [kind, field, text, condition] = affix;
    if (kind == SymbolKind::caseless || kind == SymbolKind::ip_block) {
      pairs_.emplace_back(symbols.add(kind, field, text), condition);
      continue;
    }
    const auto& rows = fields_[field].affixes;
    const auto row = std::find_if(rows.begin(), rows.end(),
                                  [&](const Affixes& known) { return known.kind == affix.kind; });
    each_affix(kind, field, row->lengths, text, [&](std::string_view part, std::uint64_t hash) {
      if (part.size() != affix.text.size()) return;
      pairs_.emplace_back(symbols.add(hash, affix.kind, affix.field, part), affix.condition);
    });
  }
  affix_texts_ = {};
}

void AccessIndex::collect(const ConditionTable& table, MatchScratch& scratch) const {
  assert(sealed_);
  auto& values = scratch.fields.values();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const FieldTrie::Field field = values[i].field;
    if (!has_field(field)) continue;
    const auto& on_any = fields_[field].on_any;
    if (!on_any.empty() && scratch.fields.look(field).first == static_cast<std::int32_t>(i)) {
      scratch.hits.insert(scratch.hits.end(), on_any.begin(), on_any.end());
    }
    collect_value(table, scratch, values[i]);
  }
}

void AccessIndex::collect_value(const ConditionTable& table, MatchScratch& scratch,
                                CollectedValue& value) const {
  const FieldIndex& field = fields_[value.field];
  if (field.by_symbol) hit(table.symbol_of(value), scratch);
  if (!value.value) return;
  if (field.ranges && value.value.kind() == JsonKind::number) {
    if (const auto number = comparable_number(value.value.raw())) {
      field.ranges->collect(*number, [&](Condition condition) {
        scratch.know(condition, true);
        scratch.hits.push_back(condition);
      });
    }
  }
  const bool by_text = !field.affixes.empty() || field.wildcards || !field.blocks.empty();
  if (!by_text || value.value.kind() != JsonKind::string) return;
  std::string kept;
  collect_text(table, scratch, value.field, exact_text(value.value, kept));
}

void AccessIndex::collect_text(const ConditionTable& table, MatchScratch& scratch,
                               FieldTrie::Field field, std::string_view text) const {
  const FieldIndex& row = fields_[field];
  for (const Affixes& affix : row.affixes) collect_affixes(table, scratch, affix, field, text);
  if (row.wildcards) {
    row.wildcards->collect(text, [&](std::uint32_t gram, std::span<const Condition> conditions) {
      if (scratch.seen_grams[gram] == scratch.epoch) return;  // a text may repeat it without end
      scratch.seen_grams[gram] = scratch.epoch;
      scratch.hits.insert(scratch.hits.end(), conditions.begin(), conditions.end());
    });
  }
  if (row.blocks.empty()) return;
  if (const auto address = parse_ip(text)) collect_blocks(table, scratch, field, *address);
}

void AccessIndex::collect_affixes(const ConditionTable& table, MatchScratch& scratch,
                                  const Affixes& row, FieldTrie::Field field,
                                  std::string_view text) const {
  if (ignores_case(row.kind)) {
    // No more is folded than can be looked up.
    const std::size_t most = row.lengths.back();
    if (row.kind == SymbolKind::caseless && text.size() > most) return;
    if (text.size() > most) {
      text = from_the_end(row.kind) ? text.substr(text.size() - most) : text.substr(0, most);
    }
    scratch.lower_case.assign(text);
    for (char& c : scratch.lower_case) c = ascii_lower(c);
    text = scratch.lower_case;
    if (row.kind == SymbolKind::caseless) {
      return hit(table.symbol_table().find(row.kind, field, text), scratch);
    }
  }
  each_affix(row.kind, field, row.lengths, text, [&](std::string_view affix, std::uint64_t hash) {
    hit(table.symbol_table().find(hash, row.kind, field, affix), scratch);
  });
}

void AccessIndex::collect_blocks(const ConditionTable& table, MatchScratch& scratch,
                                 FieldTrie::Field field, const IpAddress& address) const {
  std::array<char, 18> bytes;
  for (const BlockShape shape : fields_[field].blocks) {
    if (shape.address_bytes != address.size) continue;
    const std::string_view text = block_text(address, shape.prefix_bits, bytes);
    hit(table.symbol_table().find(SymbolKind::ip_block, field, text), scratch);
  }
}

void AccessIndex::hit(SymbolTable::Symbol symbol, MatchScratch& scratch) const {
  if (symbol == SymbolTable::none) return;
  for (std::uint32_t i = begin_of_symbol_[symbol]; i < begin_of_symbol_[symbol + 1]; ++i) {
    scratch.know(of_symbol_[i], true);
    scratch.hits.push_back(of_symbol_[i]);
  }
}

std::size_t AccessIndex::bytes() const noexcept {
  std::size_t total = fields_.capacity() * sizeof(FieldIndex) +
                      begin_of_symbol_.capacity() * sizeof(std::uint32_t) +
                      of_symbol_.capacity() * sizeof(Condition);
  for (const FieldIndex& field : fields_) {
    total += (field.on_any.capacity() + field.tried.capacity()) * sizeof(Condition) +
             field.blocks.capacity() * sizeof(BlockShape) +
             (field.wildcards ? field.wildcards->bytes() : 0) +
             (field.ranges ? field.ranges->bytes() : 0);
    for (const Affixes& row : field.affixes) {
      total += sizeof(Affixes) + row.lengths.capacity() * sizeof(std::uint32_t);
    }
  }
  return total;
}

}  // namespace signalbox
