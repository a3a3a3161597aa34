// Where the files of this checkout lie, for tests that read data and documents beside the code.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::test {

// The absolute path of a file that is named from the root: "docs/RULES.md".
std::string source_path(std::string_view path);

}  // namespace signalbox::test
