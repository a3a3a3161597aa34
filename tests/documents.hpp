// The documents of this checkout, for tests that hold them against the code.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::test {

// The text of a document that is named from the root: "docs/API.md". Fails the test where there is
// none.
std::string read_document(std::string_view path);

// Checks what stands between the marks `<!-- <name>: begin … -->` and `<!-- <name>: end -->` of a
// document, each on a line of its own, an empty line behind the first. Writes it anew where the
// environment has SIGNALBOX_WRITE_DOCS.
void check_section(std::string_view path, std::string_view name, std::string_view text);

}  // namespace signalbox::test
