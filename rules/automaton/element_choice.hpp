// Conditions on fields of one array must hold in the same element of it: whether some choice of
// elements fulfils all conditions of a branch. As in the reference, conditions are met in the order
// of their paths, and an absence looks at the elements chosen before it.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace signalbox {

class ConditionTable;
struct MatchScratch;

// What a search needs, kept from search to search: it grows, and allocates nothing after that.
class ChoiceScratch {
 public:
  ChoiceScratch() = default;
  ChoiceScratch(const ChoiceScratch&) = delete;
  ChoiceScratch& operator=(const ChoiceScratch&) = delete;

 private:
  friend class ElementChoice;
  struct Step {
    std::uint32_t all_begin;  // in `values`: those of the field
    std::uint32_t all_end;
    std::uint32_t passing_end;  // behind them those that pass
    bool absent;                // absence would do
    bool in_arrays;
  };
  struct Chosen {
    std::uint32_t array;
    std::uint32_t element;
    std::uint32_t last_step;  // that looks into the array
  };
  // A step and the elements chosen for it and those to come; its length comes first.
  struct TriedHash {
    const std::vector<std::uint32_t>* keys;
    std::size_t operator()(std::uint32_t at) const noexcept;
  };
  struct TriedEqual {
    const std::vector<std::uint32_t>* keys;
    bool operator()(std::uint32_t a, std::uint32_t b) const noexcept;
  };

  std::vector<Step> steps_;
  std::vector<std::int32_t> values_;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> last_steps_;  // array -> step
  std::vector<Chosen> chosen_;
  std::vector<std::uint32_t> keys_;
  boost::unordered_flat_set<std::uint32_t, TriedHash, TriedEqual> tried_{0, TriedHash{&keys_},
                                                                         TriedEqual{&keys_}};
};

class ElementChoice {
 public:
  ElementChoice(const ConditionTable& table, MatchScratch& scratch);

  // `conditions`: of one branch, in the order of their paths; each holds, arrays left aside. What
  // failed once is not tried again, so that time is bounded by values times conditions.
  bool find(std::span<const std::uint32_t> conditions);

  // After a search that found nothing: which of its conditions could not be met together with
  // those before it.
  std::size_t stuck_at() const;

 private:
  using Step = ChoiceScratch::Step;

  bool may_contradict(std::span<const std::uint32_t> conditions) const;
  bool prepare(std::span<const std::uint32_t> conditions);
  void note_last_steps();
  bool from(std::uint32_t step);
  bool try_first(std::uint32_t step);
  void choose(std::int32_t value);
  std::uint32_t skip_to(std::int32_t value) const;
  template <class Visit>
  bool walk(std::uint32_t begin, std::uint32_t end, const Visit& visit);

  const ConditionTable& table_;
  MatchScratch& match_;
  ChoiceScratch& scratch_;
};

}  // namespace signalbox
