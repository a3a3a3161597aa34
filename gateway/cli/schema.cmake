# Writes the schemas of <folder> into a C++ source: cmake -DOUT=<file> -DIN=<folder> -P schema.cmake
file(READ "${IN}/rules.json" rules)
file(READ "${IN}/signalbox.json" config)
file(WRITE "${OUT}" "// Generated from docs/schema/*.json by gateway/cli/schema.cmake.\n#include \"gateway/cli/schema.hpp\"\n\nnamespace signalbox {\n\n"
     "const std::string_view rules_schema = R\"schema(${rules})schema\";\n\n"
     "const std::string_view config_schema = R\"schema(${config})schema\";\n\n}  // namespace signalbox\n")
