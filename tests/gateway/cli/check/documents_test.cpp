// The rules of README and docs, as a reader runs them: pasted into a file, checked and tested by
// the command line, without a configuration.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "connectors/samples/samples.hpp"
#include "gateway/cli/check/rule_files.hpp"
#include "gateway/hooks/local_event.hpp"
#include "tests/documents.hpp"
#include "tests/gateway/cli/run.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

struct DocumentRules {
  std::string document;
  std::string yaml;
};

std::vector<std::string> documents() {
  std::vector<std::string> found{"README.md"};
  for (const auto& entry : std::filesystem::directory_iterator{test::source_path("docs")}) {
    if (entry.path().extension() == ".md")
      found.push_back("docs/" + entry.path().filename().string());
  }
  return found;
}

// Fenced blocks of YAML that are rule files.
std::vector<DocumentRules> examples() {
  constexpr std::string_view opening = "```yaml\n";
  std::vector<DocumentRules> found;
  for (const std::string& document : documents()) {
    const std::string text = test::read_document(document);
    for (std::size_t at = text.find(opening); at != std::string::npos;
         at = text.find(opening, at)) {
      at += opening.size();
      std::string yaml = text.substr(at, text.find("```", at) - at);
      if (holds_rules(yaml)) found.push_back({document, std::move(yaml)});
    }
  }
  return found;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

}  // namespace

TEST_CASE("the rules of the documents are without findings, and pass their tests", "[cli][check]") {
  const auto all = examples();
  CHECK(all.size() >= 6);
  std::size_t tests = 0;
  for (const DocumentRules& example : all) {
    INFO(example.document << ":\n" << example.yaml);
    Scratch scratch;
    const std::string file = scratch.write("rules.yaml", example.yaml);
    const auto machine = [&] {
      return scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") + "\n");
    };
    const Ran checked = run({"check", file}, machine());
    CHECK(checked.status == 0);
    for (const std::string& line : lines_of(checked.out)) {
      INFO(line);
      const bool finding = line.find(": warning: ") != std::string::npos;
      CHECK((!finding || line.ends_with("[untested-rule]")));
    }
    const Ran tested = run({"test", file}, machine());
    INFO(tested.out);
    CHECK(tested.status == 0);
    for (const std::string& line : lines_of(tested.out)) tests += line.starts_with("pass  ");
  }
  CHECK(tests >= 4);
}

TEST_CASE("what the rules of the documents take over is there in the samples of their events",
          "[cli][check]") {
  const Recipients anybody{{}, {}, true};
  std::size_t sent = 0;
  for (const DocumentRules& example : examples()) {
    INFO(example.document << ":\n" << example.yaml);
    const std::vector<RuleFile> files{{"rules.yaml", example.yaml}};
    const auto loaded = RuleSet::load(files, anybody, "acme");
    REQUIRE(loaded.rules != nullptr);
    for (const std::string_view connector : {"github", "jira", "linear"}) {
      for (const std::string_view type : sample_types(connector)) {
        INFO(type);
        auto sample = make_sample(connector, type, 1);
        REQUIRE(sample.has_value());
        const auto event = LocalEvent::make(type, std::move(sample->body), "d", Time{});
        REQUIRE(event.has_value());
        const Decision decision = loaded.rules->decide((*event)->event());
        CHECK(decision.failures.empty());
        sent += decision.messages.size();
      }
    }
  }
  CHECK(sent > 0);
}

}  // namespace signalbox
