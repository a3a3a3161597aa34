// What load_config says about files that are wrong, from cases.txt.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "gateway/config/config.hpp"
#include "tests/gateway/config/scratch.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

struct Case {
  std::string name;
  std::string environment;
  std::string file;
  std::string diagnostics;
};

std::vector<Case> read_cases() {
  std::ifstream input{test::source_path("tests/gateway/config/cases.txt")};
  std::vector<Case> cases;
  std::string* into = nullptr;
  for (std::string line; std::getline(input, line);) {
    if (line.starts_with("=== ")) {
      cases.push_back({line.substr(4), "", "", ""});
      into = &cases.back().environment;
    } else if (line == "--- file") {
      into = &cases.back().file;
    } else if (line == "--- diagnostics") {
      into = &cases.back().diagnostics;
    } else if (into != nullptr && !(line.empty() && into != &cases.back().file)) {
      *into += line + "\n";
    }
  }
  return cases;
}

std::string without(std::string text, const std::string& directory) {
  for (auto at = text.find(directory); at != std::string::npos; at = text.find(directory)) {
    text.erase(at, directory.size());
  }
  return text;
}

TEST_CASE("each case of cases.txt is reported as it says", "[config]") {
  const auto cases = read_cases();
  REQUIRE(cases.size() > 30);
  for (const Case& each : cases) {
    Scratch scratch;
    INFO(each.name);
    const auto environment = scratch.environment(std::string{test_environment} + each.environment);
    const auto loaded = load_config(scratch.write("signalbox.yaml", each.file), environment);
    std::string said;
    for (const Diagnostic& diagnostic : loaded.diagnostics) said += to_string(diagnostic) + "\n";
    said = without(said, scratch.path(""));
    CHECK((said.empty() ? "{accepted}\n" : said) == each.diagnostics);
    CHECK((loaded.config != nullptr) == (said.find(": error: ") == std::string::npos));
    CHECK(said.find("hunter2") == std::string::npos);
  }
}

}  // namespace
}  // namespace signalbox
