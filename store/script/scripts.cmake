# Writes the Lua scripts into a C++ source and their names into a header:
#   cmake -DOUT=<source> -DNAMES=<header> -DDIR=<folder> -P scripts.cmake
# Every *.lua is known by its being there. A whole script says in its first line what stands in front of it: "-- With: time,
# mailbox."; one without that line is such a part.
file(GLOB files "${DIR}/*.lua")
set(text "// Generated from store/script/*.lua by store/script/scripts.cmake.\n#include \"store/script/scripts.hpp\"\n\nnamespace signalbox::lua {\n\n")
set(names "")
set(rows "")
foreach(file ${files})
  get_filename_component(name "${file}" NAME_WE)
  file(READ "${file}" script)
  string(APPEND text "const std::string_view ${name} = R\"lua(${script})lua\";\n\n")
  if(script MATCHES "^-- With: ([a-z, ]+)\\.\n")
    list(APPEND names ${name})
    string(APPEND rows "    {\"${name}\", {${CMAKE_MATCH_1}, ${name}}},\n")
  endif()
endforeach()
list(LENGTH names count)
string(APPEND text "const std::array<ScriptSource, script_count> sources{{\n${rows}}};\n\n}  // namespace signalbox::lua\n")
file(WRITE "${OUT}" "${text}")
list(JOIN names ", " names)
string(CONCAT header
    "// Generated from store/script/*.lua by store/script/scripts.cmake.\n#pragma once\n\n#include <cstddef>\n\n"
    "namespace signalbox {\n\nenum class ScriptName : std::size_t { ${names} };\n"
    "inline constexpr std::size_t script_count = ${count};\n\n}  // namespace signalbox\n")
# Only where it has changed: much is built from it.
file(CONFIGURE OUTPUT "${NAMES}" CONTENT "${header}" @ONLY)
