#include "tests/documents.hpp"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "tests/source_tree.hpp"

namespace signalbox::test {

std::string read_document(std::string_view path) {
  std::ifstream file{source_path(path)};
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void check_section(std::string_view path, std::string_view name, std::string_view text) {
  const std::string document = read_document(path);
  const std::string mark = "<!-- " + std::string{name};
  const std::size_t begin = document.find('\n', document.find(mark + ": begin")) + 1;
  const std::size_t end = document.find(mark + ": end -->");
  REQUIRE(begin != 0);
  REQUIRE(end != std::string::npos);
  REQUIRE(begin <= end);
  const std::string wanted = "\n" + std::string{text} + "\n";
  if (std::getenv("SIGNALBOX_WRITE_DOCS") != nullptr) {
    std::ofstream{source_path(path)} << document.substr(0, begin) << wanted << document.substr(end);
    return;
  }
  INFO("run this test with SIGNALBOX_WRITE_DOCS=1 to write the section of " << path << " anew");
  CHECK(document.substr(begin, end - begin) == wanted);
}

}  // namespace signalbox::test
