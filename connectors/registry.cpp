// The connectors of this build, in the order of their names. Immutable, thread-safe.
#include <array>

#include "connectors/connector.hpp"
#include "event/connector_names.hpp"

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

std::string connectors_in_words() {
  std::string words;
  for (const std::string_view name : connector_names) {
    if (!words.empty()) words += name == connector_names.back() ? " or " : ", ";
    words += name;
  }
  return words;
}

}  // namespace signalbox
