// docs/CLI.md and the manual page against the rows of the commands.
#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "gateway/cli/pages.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

// What a document holds; written anew first where SIGNALBOX_WRITE_DOCS is set.
std::string stored(const std::string& document, const std::string& wanted) {
  const std::string path = test::source_path(document);
  if (std::getenv("SIGNALBOX_WRITE_DOCS") != nullptr) std::ofstream{path} << wanted;
  std::ifstream file{path};
  REQUIRE(file.is_open());
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string with_section(const std::string& document, const std::string& section) {
  std::ifstream file{test::source_path(document)};
  std::ostringstream stream;
  stream << file.rdbuf();
  const std::string text = stream.str();
  const std::size_t begin = text.find("<!-- commands: begin");
  const std::size_t end = text.find("<!-- commands: end -->");
  REQUIRE(begin < end);
  REQUIRE(end != std::string::npos);
  return text.substr(0, text.find('\n', begin) + 1) + section + text.substr(end);
}

TEST_CASE("docs/CLI.md names the commands and options that there are", "[cli][docs]") {
  const std::string wanted = with_section("docs/CLI.md", commands_markdown());
  INFO("run this test with SIGNALBOX_WRITE_DOCS=1 to write the section anew");
  CHECK(stored("docs/CLI.md", wanted) == wanted);
}

TEST_CASE("the manual page in docs is what the commands say", "[cli][docs]") {
  INFO("run this test with SIGNALBOX_WRITE_DOCS=1 to write the page anew");
  CHECK(stored("docs/man/signalbox.1", man_page()) == man_page());
}

TEST_CASE("the tables of docs/CLI.md have each shown command with each of its options",
          "[cli][docs]") {
  const std::string tables = commands_markdown();
  for (const Command* command : all_commands()) {
    CAPTURE(command->name);
    const std::string name{command->name};
    const std::size_t at =
        std::min(tables.find("\n| `" + name + "` "), tables.find("\n| `" + name + " --"));
    CHECK((at == std::string::npos) == command->group.empty());
    if (command->group.empty()) continue;
    const std::string row = tables.substr(at + 1, tables.find('\n', at + 1) - at - 1);
    for (const Option& option : options_of(*command)) {
      CAPTURE(option.name);
      CHECK(row.find("`" + std::string{option.name}) != std::string::npos);
    }
  }
}

}  // namespace
}  // namespace signalbox
