// Changes one value of a JSON text and leaves every other byte as it is, so that numbers keep their
// spelling and a signature over what was not changed would still hold. Pure.
#pragma once

#include <string>
#include <string_view>

#include "gateway/cli/contract/command_result.hpp"

namespace signalbox {

inline constexpr std::size_t edit_path_parts_max = 32;

// `assignment` is "issue.labels[0].name=bug": a path of names and positions, and the new value,
// which is JSON where it reads as JSON and a text otherwise. Objects on the way are made where they
// are missing, and a position may be one behind the end of its list. usage for a malformed path, a
// position further behind, and a value on the way that is no object or list.
CommandResult<std::string> set_value(const std::string& body, std::string_view assignment);

}  // namespace signalbox
