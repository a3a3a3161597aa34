# Writes the texts <folder>/*.txt into a C++ source: cmake -DOUT=<file> -DIN=<folder> -P embed.cmake
# The standard asks compilers for 65,536 bytes a text; clang and GCC take more, and clang says so.
set(long_texts "#pragma GCC diagnostic ignored \"-Woverlength-strings\"\n")
file(GLOB files "${IN}/*.txt")
list(SORT files)
set(rows "")
foreach(file ${files})
  get_filename_component(connector "${file}" NAME_WE)
  file(READ "${file}" text)
  string(APPEND rows "    {\"${connector}\", R\"shape(${text})shape\"},\n")
endforeach()
file(WRITE "${OUT}" "// Generated from connectors/shapes/*.txt by embed.cmake.
#include <array>

#include \"connectors/shapes/shapes.hpp\"

${long_texts}
namespace signalbox {
namespace {

constexpr auto texts = std::to_array<ShapeText>({
${rows}});

}  // namespace

std::span<const ShapeText> shape_texts() noexcept { return texts; }

}  // namespace signalbox
")
