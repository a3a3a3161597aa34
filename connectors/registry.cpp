// The connectors of this build: one row each. Immutable, thread-safe.
#include <array>

#include "connectors/connector.hpp"

// One row each, by the name of the constant; in any order.
#define SIGNALBOX_CONNECTORS(row) row(github) row(jira) row(linear)

namespace signalbox {

#define SIGNALBOX_DECLARE(name) extern const Connector name;
SIGNALBOX_CONNECTORS(SIGNALBOX_DECLARE)

namespace {

#define SIGNALBOX_POINT_TO(name) &name,
constexpr auto connectors =
    std::to_array<const Connector*>({SIGNALBOX_CONNECTORS(SIGNALBOX_POINT_TO)});

}  // namespace

const Connector* find_connector(std::string_view name) noexcept {
  for (const Connector* connector : connectors) {
    if (connector->name == name) return connector;
  }
  return nullptr;
}

std::span<const Connector* const> all_connectors() noexcept { return connectors; }

}  // namespace signalbox
