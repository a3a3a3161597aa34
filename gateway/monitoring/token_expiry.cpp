#include "gateway/monitoring/token_expiry.hpp"

#include <fmt/format.h>

#include "gateway/config/secrets.hpp"

namespace signalbox {

std::optional<HealthCheck> expiring_tokens(const Config& config, Time now) {
  std::string detail;
  for (const TokenOwner& owner : tokens_of(config)) {
    if (!owner.token.expires || *owner.token.expires - now >= token_expires_soon) continue;
    detail += fmt::format("{}a token of {} {} {}", detail.empty() ? "" : "; ", to_string(owner),
                          *owner.token.expires <= now ? "is refused since" : "expires at",
                          format_time(*owner.token.expires));
  }
  if (detail.empty()) return std::nullopt;
  return HealthCheck{"tokens", true, std::move(detail), true};
}

}  // namespace signalbox
