// Files that tests know and that are no part of this repository, being too large or somebody
// else's: a test that needs them has a tag of its own and so a ctest of its own, which says
// "Skipped" where they are not there.
#pragma once

#include <optional>
#include <string>

namespace signalbox::test {

// What the environment variable names. Where it is not set the running test counts as skipped and
// has to return.
std::optional<std::string> foreign_path(const char* variable);

}  // namespace signalbox::test
