// `redis`: where the store is, what it takes to be let in, and how the store takes it. Thread-safe.
#pragma once

#include "gateway/config/config.hpp"
#include "store/redis/redis_endpoint.hpp"

namespace signalbox {

// The endpoint of a Redis that is already there. invalid_argument when a TLS file cannot be used,
// with its path.
Result<RedisEndpoint> redis_endpoint_of(const RedisConfig& config);

}  // namespace signalbox
