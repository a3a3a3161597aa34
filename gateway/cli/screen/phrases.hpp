// Amounts and ages as people say them. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "event/clock.hpp"

namespace signalbox {

// "1 rule", "2 rules".
std::string counted(std::size_t count, std::string_view what);

// "1.5 GiB".
std::string readable_bytes(std::uint64_t bytes);

// "3s", "5m", "2h", "4d": how long ago a time of the API was; empty for what is no time.
std::string age_of(std::string_view time, Time now);

}  // namespace signalbox
