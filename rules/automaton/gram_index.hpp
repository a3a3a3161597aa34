// Which wildcards of a field may match a value: each is found by a few characters that it must
// have, the ones that the fewest of the others have. One pass over the value, however many
// wildcards there are; what is found is to be verified.
//
// Immutable once sealed, thread-safe then.
#pragma once

#include <array>
#include <bitset>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/pattern/value_test.hpp"

namespace signalbox {

class GramIndex {
 public:
  using Condition = std::uint32_t;
  static constexpr std::uint32_t gram_bytes_max = 4;

  // False where the wildcard has no character but stars: any text matches. The wildcard must live
  // until the index is sealed.
  bool add(const Wildcard& wildcard, Condition condition);
  // Its grams are numbered from `first_gram` on. Returns the number behind the last.
  std::uint32_t seal(std::uint32_t first_gram);

  bool empty() const noexcept { return conditions_.empty(); }
  // The most conditions that one gram leads to.
  std::span<const Condition> largest() const noexcept { return largest_; }
  std::size_t bytes() const noexcept;

  // Calls `visit` with the number of each gram that is there and the conditions that may hold
  // then, once for each of the places where it is.
  template <class Visit>
  void collect(std::string_view text, const Visit& visit) const {
    assert(wildcards_.empty() && begin_.size() == keys_.size() + 1);  // sealed
    for (std::uint32_t length = 1; length <= gram_bytes_max; ++length) {
      if (!lengths_[length]) continue;
      for (std::size_t at = 0; at + length <= text.size(); ++at) {
        const std::uint32_t gram = gram_at(text.data() + at, length);
        if (!filter_[bit_of(gram)]) continue;
        const std::uint32_t index = find(key_of(gram, length));
        if (index != none) visit(first_gram_ + index, conditions_of(index));
      }
    }
  }

 private:
  static constexpr std::size_t filter_bits = 8192;

  static std::uint32_t gram_at(const char* text, std::uint32_t length) noexcept {
    std::uint32_t gram = 0;
    if (length == gram_bytes_max) {
      std::memcpy(&gram, text, gram_bytes_max);
      return gram;
    }
    for (std::uint32_t i = 0; i < length; ++i) {
      gram |= static_cast<std::uint32_t>(static_cast<unsigned char>(text[i])) << 8 * i;
    }
    return gram;
  }
  static std::size_t bit_of(std::uint32_t gram) noexcept { return (gram * 0x9E3779B1U) >> 19; }
  static std::uint64_t key_of(std::uint32_t gram, std::uint32_t length) noexcept {
    return std::uint64_t{length} << 32 | gram;
  }
  static constexpr std::uint32_t none = 0xFFFFFFFF;
  std::uint32_t find(std::uint64_t key) const noexcept;
  std::span<const Condition> conditions_of(std::uint32_t index) const noexcept {
    return std::span{conditions_}.subspan(begin_[index], begin_[index + 1] - begin_[index]);
  }

  std::vector<std::pair<const Wildcard*, Condition>> wildcards_;  // only while it is built
  std::array<bool, gram_bytes_max + 1> lengths_{};
  std::bitset<filter_bits> filter_;
  std::uint32_t first_gram_ = 0;
  std::vector<std::uint64_t> keys_;   // ascending
  std::vector<std::uint32_t> begin_;  // by key, in `conditions_`
  std::vector<Condition> conditions_;
  std::span<const Condition> largest_;
};

}  // namespace signalbox
