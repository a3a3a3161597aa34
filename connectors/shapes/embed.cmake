# Writes <folder>/{github,jira,linear}.txt into a C++ source: cmake -DOUT=<file> -DIN=<folder> -P embed.cmake
# The standard asks compilers for 65,536 bytes a text; clang and GCC take more, and clang says so.
set(long_texts "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n")
set(code "// Generated from connectors/shapes/*.txt by embed.cmake.\n#include \"connectors/shapes/shape_texts.hpp\"\n\n${long_texts}\nnamespace signalbox {\n")
foreach(connector github jira linear)
  file(READ "${IN}/${connector}.txt" text)
  string(APPEND code "\nconst std::string_view ${connector}_shapes = R\"shape(${text})shape\";\n")
endforeach()
file(WRITE "${OUT}" "${code}\n}  // namespace signalbox\n")
