// What patterns are matched against in bench/match: sets of patterns as teams write them for
// GitHub's events. SIGNALBOX_MATCH_WORKLOAD names a directory with `payloads.jsonl` and
// `rules_<set>.jsonl` (bench/run makes it where it can); without it a few sets are made up here,
// and the events are those of the other benches. Figures of the two are not comparable.
#pragma once

#include <string>
#include <vector>

#include "bench/harness/payloads.hpp"

namespace signalbox::bench {

class MatchWorkload {
 public:
  // Throws std::runtime_error where a file is not what it should be.
  MatchWorkload();

  const std::vector<std::string>& sets() const noexcept { return sets_; }
  const std::vector<Payload>& payloads() const noexcept { return payloads_; }
  // The first patterns of a set, at most so many.
  std::vector<std::string> patterns(const std::string& set, std::size_t count) const;

 private:
  std::string directory_;
  std::vector<std::string> sets_;
  std::vector<Payload> payloads_;
};

// The same JSON with the fields of each object in another order, the same for the same seed.
std::string with_shuffled_fields(const std::string& json, unsigned seed);
Payload with_shuffled_fields(const Payload& payload, unsigned seed);

}  // namespace signalbox::bench
