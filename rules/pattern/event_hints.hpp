// Event types as people write them who know another system or the provider's own words, and what
// they are called here. For messages alone; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

// Of a type whose connector there is: "; did you mean 'github.pull_request.closed', with match:
// …?", or an empty text.
std::string other_event_hint(std::string_view type);

// Of a name that should be a connector's: the type with the connector in front, the nearest
// connector, or those that there are.
std::string unknown_connector_hint(std::string_view type);

}  // namespace signalbox
