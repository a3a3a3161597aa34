// docs/openapi.yaml as it was when this binary was built (openapi.cmake).
#pragma once

#include <string_view>

namespace signalbox::api {

extern const std::string_view openapi_yaml;

}  // namespace signalbox::api
