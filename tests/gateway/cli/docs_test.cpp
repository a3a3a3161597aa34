// docs/CLI.md and the manual page against the rows of the commands.
#include <algorithm>
#include <catch2/catch.hpp>

#include "gateway/cli/pages.hpp"
#include "tests/documents.hpp"

namespace signalbox {
namespace {

TEST_CASE("docs/CLI.md names the commands and options that there are", "[cli][docs]") {
  test::check_section("docs/CLI.md", "commands", commands_markdown());
}

TEST_CASE("the manual page in docs is what the commands say", "[cli][docs]") {
  test::check_document("docs/man/signalbox.1", man_page());
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
