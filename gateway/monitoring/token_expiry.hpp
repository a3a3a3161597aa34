// Tokens that are about to end, or have, as somebody should see who asks how the gateway is.
#pragma once

#include <optional>

#include "gateway/config/config.hpp"
#include "gateway/monitoring/health.hpp"

namespace signalbox {

// A warning that names each token that expires within `token_expires_soon`, or has expired; nothing
// where there is none.
std::optional<HealthCheck> expiring_tokens(const Config& config, Time now);

}  // namespace signalbox
