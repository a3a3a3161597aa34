// What rules compare values with, each once and numbered: a text of one field is found by one
// lookup, however many rules name it. Immutable once built, thread-safe then.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

// How a symbol's bytes are to be read; symbols of different kinds are never equal.
enum class SymbolKind : std::uint8_t {
  string,
  number,    // the eight bytes of a comparable number
  spelling,  // of a number that is not comparable
  boolean,
  null,
  event_type,
  prefix,
  suffix,
  caseless,  // these in lower case, ASCII only
  caseless_prefix,
  caseless_suffix,
  ip_block,  // size, bits, address
};

class SymbolTable {
 public:
  using Symbol = std::uint32_t;
  static constexpr Symbol none = 0xFFFFFFFF;

  static std::uint64_t hash(SymbolKind kind, std::uint32_t field, std::string_view text) noexcept;

  // Finds it or adds it.
  Symbol add(SymbolKind kind, std::uint32_t field, std::string_view text) {
    return add(hash(kind, field, text), kind, field, text);
  }
  Symbol find(SymbolKind kind, std::uint32_t field, std::string_view text) const noexcept {
    return find(hash(kind, field, text), kind, field, text);
  }
  // The same with a hash of the caller's own making, equal for equal symbols.
  Symbol add(std::uint64_t hash, SymbolKind kind, std::uint32_t field, std::string_view text);
  Symbol find(std::uint64_t hash, SymbolKind kind, std::uint32_t field,
              std::string_view text) const noexcept;

  std::size_t size() const noexcept { return rows_.size(); }
  std::size_t bytes() const noexcept;

 private:
  struct Row {
    std::uint64_t begin;  // in `texts_`
    std::uint32_t length;
    std::uint32_t tag;  // field and kind
  };
  struct Slot {
    std::uint32_t check = 0;  // the hash's upper half
    Symbol symbol = none;
  };

  static std::uint32_t tag_of(SymbolKind kind, std::uint32_t field) noexcept {
    return field << 4 | static_cast<std::uint32_t>(kind);
  }
  void grow();

  std::vector<Row> rows_;
  std::vector<Slot> slots_;  // a power of two of them, at most half of them taken
  std::vector<std::uint64_t> hashes_;
  std::string texts_;
};

}  // namespace signalbox
