// Sample bodies of Jira events. Thread-safe.
#pragma once

#include "connectors/samples/samples.hpp"

namespace signalbox {

std::optional<Sample> make_jira_sample(std::string_view type, std::uint64_t seed,
                                       std::optional<Time> sent);
std::span<const std::string_view> jira_sample_types() noexcept;

}  // namespace signalbox
