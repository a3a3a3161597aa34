// The connectors of this build, one row each: the name as in configuration and event types, which
// is also that of the constant in connectors/. It stands here because rules, schema and texts of
// the command line name connectors without knowing more of them. Immutable, thread-safe.
#pragma once

#include <array>
#include <string_view>

// Sorted by name.
#define SIGNALBOX_CONNECTORS(row) row(github) row(jira) row(linear)

namespace signalbox {

#define SIGNALBOX_CONNECTOR_NAME(name) #name,
inline constexpr auto connector_names =
    std::to_array<std::string_view>({SIGNALBOX_CONNECTORS(SIGNALBOX_CONNECTOR_NAME)});
#undef SIGNALBOX_CONNECTOR_NAME

}  // namespace signalbox
