// Hashing for tables that are built once from rules and read for every event. Not for keys that a
// sender chooses: tables hold what rules name, so nobody outside can make them collide.
#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace signalbox {

inline std::uint64_t mix_hash(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Product = unsigned __int128;
  const Product product = static_cast<Product>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

template <class Word>
Word load_word(const char* bytes) noexcept {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  return word;
}

// Equality without a call for the short texts that names and values mostly are.
inline bool equal_bytes(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  const std::size_t size = a.size();
  if (size > 16) return std::memcmp(a.data(), b.data(), size) == 0;
  const auto ends_equal = [&](auto word) {
    using Word = decltype(word);
    return load_word<Word>(a.data()) == load_word<Word>(b.data()) &&
           load_word<Word>(a.data() + size - sizeof word) ==
               load_word<Word>(b.data() + size - sizeof word);
  };
  if (size >= 8) return ends_equal(std::uint64_t{});
  if (size >= 4) return ends_equal(std::uint32_t{});
  if (size >= 2) return ends_equal(std::uint16_t{});
  return size == 0 || a[0] == b[0];
}

inline std::uint64_t hash_bytes(std::uint64_t seed, std::string_view text) noexcept {
  constexpr std::uint64_t first_key = 0x9E3779B97F4A7C15;
  constexpr std::uint64_t second_key = 0xD6E8FEB86659FD93;
  const char* at = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = mix_hash(seed ^ first_key, left ^ second_key);
  for (; left > 16; at += 16, left -= 16) {
    hash = mix_hash(hash ^ load_word<std::uint64_t>(at),
                    load_word<std::uint64_t>(at + 8) ^ second_key);
  }
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  if (left >= 8) {
    low = load_word<std::uint64_t>(at);
    high = load_word<std::uint64_t>(at + left - 8);
  } else if (left >= 4) {
    low = load_word<std::uint32_t>(at);
    high = load_word<std::uint32_t>(at + left - 4);
  } else if (left > 0) {
    const auto byte = [at](std::size_t i) {
      return static_cast<std::uint64_t>(static_cast<unsigned char>(at[i]));
    };
    low = byte(0) << 16 | byte(left / 2) << 8 | byte(left - 1);
  }
  return mix_hash(hash ^ low ^ first_key, high ^ second_key);
}

}  // namespace signalbox
