// connectors/shapes/*.txt as texts (shapes/embed.cmake).
#pragma once

#include <string_view>

namespace signalbox {

extern const std::string_view github_shapes;
extern const std::string_view jira_shapes;
extern const std::string_view linear_shapes;

}  // namespace signalbox
