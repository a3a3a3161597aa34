// The connectors of this build: one row each. Immutable, thread-safe.
#include <array>

#include "connectors/connector.hpp"

namespace signalbox {

extern const Connector github;
extern const Connector jira;
extern const Connector linear;

namespace {

constexpr std::array<const Connector*, 3> connectors{&github, &jira, &linear};

}  // namespace

const Connector* find_connector(std::string_view name) noexcept {
  for (const Connector* connector : connectors) {
    if (connector->name == name) return connector;
  }
  return nullptr;
}

std::span<const Connector* const> all_connectors() noexcept { return connectors; }

}  // namespace signalbox
