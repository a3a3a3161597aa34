#include "rules/automaton/symbol_table.hpp"

#include <cassert>

#include "rules/automaton/bytes_hash.hpp"

namespace signalbox {

namespace {
constexpr std::size_t symbol_slots_least = 64;
}

std::uint64_t SymbolTable::hash(SymbolKind kind, std::uint32_t field,
                                std::string_view text) noexcept {
  return hash_bytes(tag_of(kind, field), text);
}

SymbolTable::Symbol SymbolTable::add(std::uint64_t hash, SymbolKind kind, std::uint32_t field,
                                     std::string_view text) {
  if (const Symbol known = find(hash, kind, field, text); known != none) return known;
  const auto symbol = static_cast<Symbol>(rows_.size());
  rows_.push_back({texts_.size(), static_cast<std::uint32_t>(text.size()), tag_of(kind, field)});
  hashes_.push_back(hash);
  texts_ += text;
  if (rows_.size() * 2 > slots_.size()) {
    grow();
  } else {
    std::size_t at = hash & (slots_.size() - 1);
    while (slots_[at].symbol != none) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {static_cast<std::uint32_t>(hash >> 32), symbol};
  }
  assert(rows_.size() * 2 <= slots_.size() && rows_.size() == hashes_.size());
  return symbol;
}

SymbolTable::Symbol SymbolTable::find(std::uint64_t hash, SymbolKind kind, std::uint32_t field,
                                      std::string_view text) const noexcept {
  if (slots_.empty()) return none;
  const std::size_t mask = slots_.size() - 1;
  const auto check = static_cast<std::uint32_t>(hash >> 32);
  for (std::size_t at = hash & mask; slots_[at].symbol != none; at = (at + 1) & mask) {
    if (slots_[at].check != check) continue;
    const Row& row = rows_[slots_[at].symbol];
    if (row.tag == tag_of(kind, field) &&
        equal_bytes({texts_.data() + row.begin, row.length}, text)) {
      return slots_[at].symbol;
    }
  }
  return none;
}

void SymbolTable::grow() {
  slots_.assign(slots_.empty() ? symbol_slots_least : slots_.size() * 2, {});
  for (std::size_t i = 0; i < rows_.size(); ++i) {
    std::size_t at = hashes_[i] & (slots_.size() - 1);
    while (slots_[at].symbol != none) at = (at + 1) & (slots_.size() - 1);
    slots_[at] = {static_cast<std::uint32_t>(hashes_[i] >> 32), static_cast<Symbol>(i)};
  }
}

std::size_t SymbolTable::bytes() const noexcept {
  return rows_.capacity() * sizeof(Row) + slots_.capacity() * sizeof(Slot) +
         hashes_.capacity() * sizeof(std::uint64_t) + texts_.capacity();
}

}  // namespace signalbox
