# Writes the Lua scripts into a C++ source: cmake -DOUT=<file> -DDIR=<folder> -P scripts.cmake
set(text "// Generated from store/*.lua by store/script/scripts.cmake.\n#include \"store/script/scripts.hpp\"\n\nnamespace signalbox::lua {\n\n")
foreach(name time mailbox commit receive release peek message redrive events archive trim)
  file(READ "${DIR}/${name}.lua" script)
  string(APPEND text "const std::string_view ${name} = R\"lua(${script})lua\";\n\n")
endforeach()
string(APPEND text "}  // namespace signalbox::lua\n")
file(WRITE "${OUT}" "${text}")
