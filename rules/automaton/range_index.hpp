// Which of many number ranges hold a number: a segment tree over their bounds. Time grows with the
// logarithm of their number and with how many are found.
//
// Immutable once sealed, thread-safe then.
#pragma once

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstdint>
#include <utility>
#include <vector>

#include "rules/pattern/value_test.hpp"

namespace signalbox {

class RangeIndex {
 public:
  using Condition = std::uint32_t;

  void add(const NumberRange& range, Condition condition) {
    ranges_.emplace_back(range, condition);
  }
  void seal();

  bool empty() const noexcept { return conditions_.empty(); }
  std::size_t bytes() const noexcept;

  // Calls `visit` with the condition of each range that holds the number.
  template <class Visit>
  void collect(double number, const Visit& visit) const {
    assert(ranges_.empty() && std::has_single_bit(width_));  // sealed
    for (std::size_t node = slot_of(number) + width_; node > 0; node /= 2) {
      for (std::uint32_t i = begin_[node]; i < begin_[node + 1]; ++i) visit(conditions_[i]);
    }
  }

 private:
  // Bound i has slot 2i + 1; what lies between two bounds, before all and behind all, the others.
  std::size_t slot_of(double number) const noexcept {
    const auto at = std::lower_bound(bounds_.begin(), bounds_.end(), number);
    const auto index = static_cast<std::size_t>(at - bounds_.begin());
    return 2 * index + (at != bounds_.end() && *at == number ? 1 : 0);
  }
  template <class Visit>
  void each_node(const NumberRange& range, const Visit& visit) const;

  std::vector<std::pair<NumberRange, Condition>> ranges_;  // only while it is built
  std::vector<double> bounds_;                             // ascending
  std::size_t width_ = 0;  // leaves of the tree, a power of two; node n has the children 2n, 2n + 1
  std::vector<std::uint32_t> begin_;  // by node, in `conditions_`
  std::vector<Condition> conditions_;
};

}  // namespace signalbox
