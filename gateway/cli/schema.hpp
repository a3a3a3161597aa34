// docs/schema/*.json as they were when this binary was built (schema.cmake): JSON Schema draft-07,
// which editors understand best. https://json-schema.org/draft-07/json-schema-validation
#pragma once

#include <string_view>

namespace signalbox {

extern const std::string_view rules_schema;
extern const std::string_view config_schema;

}  // namespace signalbox
