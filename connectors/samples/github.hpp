// Sample bodies of GitHub events. Thread-safe.
#pragma once

#include "connectors/samples/samples.hpp"

namespace signalbox {

std::optional<Sample> make_github_sample(std::string_view type, std::uint64_t seed);
std::span<const std::string_view> github_sample_types() noexcept;

}  // namespace signalbox
