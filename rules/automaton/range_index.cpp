#include "rules/automaton/range_index.hpp"

#include <bit>

namespace signalbox {

// The fewest nodes whose leaves are the range's slots.
template <class Visit>
void RangeIndex::each_node(const NumberRange& range, const Visit& visit) const {
  const std::size_t first =
      range.bottom ? slot_of(*range.bottom) + (range.bottom_included ? 0 : 1) : 0;
  const std::size_t last =
      range.top ? slot_of(*range.top) - (range.top_included ? 0 : 1) : 2 * bounds_.size();
  std::size_t left = first + width_;
  for (std::size_t right = last + width_ + 1; left < right; left /= 2, right /= 2) {
    if (left % 2 == 1) visit(left++);
    if (right % 2 == 1) visit(--right);
  }
}

void RangeIndex::seal() {
  for (const auto& [range, condition] : ranges_) {
    if (range.bottom) bounds_.push_back(*range.bottom);
    if (range.top) bounds_.push_back(*range.top);
  }
  std::sort(bounds_.begin(), bounds_.end());
  bounds_.erase(std::unique(bounds_.begin(), bounds_.end()), bounds_.end());
  width_ = std::bit_ceil(2 * bounds_.size() + 2);
  begin_.assign(2 * width_ + 1, 0);
  std::vector<std::pair<std::uint32_t, Condition>> entries;
  for (const auto& [range, condition] : ranges_) {
    each_node(range, [&, number = condition](std::size_t node) {
      entries.emplace_back(static_cast<std::uint32_t>(node), number);
    });
  }
  std::sort(entries.begin(), entries.end());
  for (const auto& [node, condition] : entries) {
    ++begin_[node + 1];
    conditions_.push_back(condition);
  }
  for (std::size_t i = 1; i < begin_.size(); ++i) begin_[i] += begin_[i - 1];
  ranges_ = {};
}

std::size_t RangeIndex::bytes() const noexcept {
  return sizeof *this + bounds_.capacity() * sizeof(double) +
         (begin_.capacity() + conditions_.capacity()) * sizeof(std::uint32_t);
}

}  // namespace signalbox
