# Writes docs/openapi.yaml into a C++ source: cmake -DOUT=<file> -DIN=<file> -P openapi.cmake
file(READ "${IN}" text)
file(WRITE "${OUT}" "// Generated from docs/openapi.yaml by gateway/api/openapi.cmake.\n#include \"gateway/api/openapi.hpp\"\n\nnamespace signalbox::api {\n\n"
     "const std::string_view openapi_yaml = R\"yaml(${text})yaml\";\n\n}  // namespace signalbox::api\n")
