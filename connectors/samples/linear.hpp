// Sample bodies of Linear events. Thread-safe.
#pragma once

#include "connectors/samples/samples.hpp"

namespace signalbox {

std::optional<Sample> make_linear_sample(std::string_view type, std::uint64_t seed,
                                         std::optional<Time> sent);
std::span<const std::string_view> linear_sample_types() noexcept;

}  // namespace signalbox
