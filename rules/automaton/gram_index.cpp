#include "rules/automaton/gram_index.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>

namespace signalbox {
namespace {

// Calls `visit` with each place and length of a gram that a text matching the wildcard must have.
template <class Visit>
void each_gram(const Wildcard& wildcard, const Visit& visit) {
  std::size_t longest = 0;
  for (const std::string& piece : wildcard.pieces()) longest = std::max(longest, piece.size());
  const std::size_t length = std::min<std::size_t>(longest, GramIndex::gram_bytes_max);
  if (length == 0) return;
  for (const std::string& piece : wildcard.pieces()) {
    for (std::size_t at = 0; at + length <= piece.size(); ++at) {
      visit(piece.data() + at, static_cast<std::uint32_t>(length));
    }
  }
}

}  // namespace

bool GramIndex::add(const Wildcard& wildcard, Condition condition) {
  bool any = false;
  each_gram(wildcard, [&](const char*, std::uint32_t) { any = true; });
  if (any) wildcards_.emplace_back(&wildcard, condition);
  return any;
}

std::uint32_t GramIndex::seal(std::uint32_t first_gram) {
  first_gram_ = first_gram;
  boost::unordered_flat_map<std::uint64_t, std::uint32_t> counts;
  for (const auto& [wildcard, condition] : wildcards_) {
    each_gram(*wildcard, [&](const char* text, std::uint32_t length) {
      ++counts[key_of(gram_at(text, length), length)];
    });
  }
  std::vector<std::pair<std::uint64_t, Condition>> chosen;
  for (const auto& [wildcard, condition] : wildcards_) {
    std::pair best{~std::uint32_t{0}, std::uint64_t{0}};
    each_gram(*wildcard, [&](const char* text, std::uint32_t length) {
      const std::uint64_t key = key_of(gram_at(text, length), length);
      best = std::min(best, std::pair{counts[key], key});
    });
    chosen.emplace_back(best.second, condition);
  }
  wildcards_ = {};
  std::sort(chosen.begin(), chosen.end());
  chosen.erase(std::unique(chosen.begin(), chosen.end()), chosen.end());
  for (const auto& [key, condition] : chosen) {
    if (keys_.empty() || keys_.back() != key) {
      keys_.push_back(key);
      begin_.push_back(static_cast<std::uint32_t>(conditions_.size()));
    }
    conditions_.push_back(condition);
    lengths_[key >> 32] = true;
    filter_.set(bit_of(static_cast<std::uint32_t>(key)));
  }
  begin_.push_back(static_cast<std::uint32_t>(conditions_.size()));
  const auto count = static_cast<std::uint32_t>(keys_.size());
  for (std::uint32_t index = 0; index < count; ++index) {
    const auto found = conditions_of(index);
    if (found.size() > largest_.size()) largest_ = found;
  }
  return first_gram + count;
}

std::uint32_t GramIndex::find(std::uint64_t key) const noexcept {
  const auto at = std::lower_bound(keys_.begin(), keys_.end(), key);
  if (at == keys_.end() || *at != key) return none;
  return static_cast<std::uint32_t>(at - keys_.begin());
}

std::size_t GramIndex::bytes() const noexcept {
  return sizeof *this + keys_.capacity() * sizeof(std::uint64_t) +
         (begin_.capacity() + conditions_.capacity()) * sizeof(std::uint32_t);
}

}  // namespace signalbox
