# Writes docs/openapi.yaml into a C++ source, and the list of routes that its operations name:
# cmake -DOUT=<file> -DIN=<file> -P openapi.cmake
file(READ "${IN}" text)
string(REGEX MATCHALL "\n +operationId: [A-Za-z0-9_]+" operations "${text}")
set(declarations "")
set(pointers "")
foreach(operation IN LISTS operations)
  string(REGEX REPLACE ".*: " "" name "${operation}")
  string(REGEX REPLACE "([A-Z])" "_\\1" name "${name}")
  string(TOLOWER "${name}_route" name)
  string(APPEND declarations "extern const Route ${name};\n")
  string(APPEND pointers "    &${name},\n")
endforeach()
file(WRITE "${OUT}" "// Generated from docs/openapi.yaml by gateway/api/openapi.cmake.
#include \"gateway/api/openapi.hpp\"

#include \"gateway/api/route_table.hpp\"

namespace signalbox::api {

const std::string_view openapi_yaml = R\"yaml(${text})yaml\";

${declarations}
static constexpr auto routes = std::to_array<const Route*>({
${pointers}});

std::span<const Route* const> all_routes() noexcept { return routes; }

}  // namespace signalbox::api
")
