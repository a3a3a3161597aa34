// The documents of this checkout, for tests that hold them against the code.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::test {

// The text of a document that is named from the root: "docs/API.md". Fails the test where there is
// none.
std::string read_document(std::string_view path);

// These check what a document holds: all of it, what stands behind `begin` and before the next
// `end`, and what stands between the lines `<!-- <name>: begin … -->` and `<!-- <name>: end -->`.
// Where the environment has SIGNALBOX_WRITE_DOCS they write it anew: tests/write-docs runs all
// tests with the tag [docs] so, which each test that calls them has.
void check_document(std::string_view path, std::string_view wanted);
void check_between(std::string_view path, std::string_view begin, std::string_view end,
                   std::string_view wanted);
void check_section(std::string_view path, std::string_view name, std::string_view wanted);

}  // namespace signalbox::test
