// Who makes the sample bodies of one connector: a constant of each connector that has some, in a
// file of its own, and a row here. Immutable, thread-safe.
#pragma once

#include <array>

#include "connectors/samples/samples.hpp"

// The connectors that have samples, one row each.
#define SIGNALBOX_SAMPLES(row) row(github) row(jira) row(linear)

namespace signalbox {

struct SampleMaker {
  std::string_view connector;
  std::string_view first_type;              // that a newcomer tries first, without the connector
  std::span<const std::string_view> types;  // full event types, sorted; never empty
  // `type` is a full one. Nothing where there is no such sample.
  std::optional<Sample> (*make)(std::string_view type, std::uint64_t seed,
                                std::optional<Time> sent);
};

#define SIGNALBOX_DECLARE_SAMPLES(name) extern const SampleMaker name##_samples;
SIGNALBOX_SAMPLES(SIGNALBOX_DECLARE_SAMPLES)
#undef SIGNALBOX_DECLARE_SAMPLES

// The types of rows that have a `type` each.
template <class Row, std::size_t n>
constexpr std::array<std::string_view, n> types_of(const std::array<Row, n>& rows) {
  std::array<std::string_view, n> types;
  for (std::size_t i = 0; i < n; ++i) types[i] = rows[i].type;
  return types;
}

}  // namespace signalbox
