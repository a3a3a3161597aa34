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

void check_document(std::string_view path, std::string_view wanted) {
  const std::string document = read_document(path);
  if (std::getenv("SIGNALBOX_WRITE_DOCS") != nullptr) {
    std::ofstream{source_path(path)} << wanted;
    return;
  }
  INFO("tests/write-docs writes " << path << " anew");
  CHECK(document == wanted);
}

void check_between(std::string_view path, std::string_view begin, std::string_view end,
                   std::string_view wanted) {
  std::string document = read_document(path);
  const std::size_t opening = document.find(begin);
  REQUIRE(opening != std::string::npos);
  const std::size_t from = opening + begin.size();
  const std::size_t to = document.find(end, from);
  REQUIRE(to != std::string::npos);
  check_document(path, document.replace(from, to - from, wanted));
}

void check_section(std::string_view path, std::string_view name, std::string_view wanted) {
  const std::string document = read_document(path);
  const std::string mark = "<!-- " + std::string{name};
  const std::size_t begin = document.find(mark + ": begin");
  REQUIRE(begin != std::string::npos);
  const std::string line = document.substr(begin, document.find('\n', begin) + 1 - begin);
  check_between(path, line, mark + ": end -->", wanted);
}

}  // namespace signalbox::test
