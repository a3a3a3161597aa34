// The tree of commands: its words, its help, its manual page, and what a slip of the finger is
// answered.
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "gateway/cli/command_texts.hpp"
#include "gateway/cli/completion.hpp"
#include "gateway/cli/help.hpp"
#include "gateway/cli/man_page.hpp"
#include "gateway/cli/run_cli.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

struct CapturedTerminal {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal;
  explicit CapturedTerminal(std::size_t width = 0) : terminal{out, err, false, width} {}
};

int run(CapturedTerminal& screen, const std::vector<std::string>& arguments) {
  return run_cli(arguments, screen.terminal, Environment{}, Time{});
}

// Splits at spaces outside of single quotes, as a shell does.
std::vector<std::string> shell_words(std::string_view text) {
  std::vector<std::string> words(1);
  bool quoted = false;
  for (const char c : text) {
    if (c == '\'') {
      quoted = !quoted;
    } else if (c == ' ' && !quoted) {
      words.emplace_back();
    } else {
      words.back() += c;
    }
  }
  return words;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("every command has words, and all words are of a command", "[cli][tree]") {
  const CommandLine line;
  std::size_t commands = 0;
  for (const CommandText& text : command_texts()) {
    CHECK_NOTHROW(line.app.get_subcommand(std::string{text.name}));
    CHECK_FALSE(text.what.empty());
    ++commands;
  }
  CHECK(line.app.get_subcommands([](const CLI::App*) { return true; }).size() == commands);
}

TEST_CASE("every example of the help is a command line that is understood", "[cli][tree]") {
  for (const CommandText& text : command_texts()) {
    for (const Example& example : text.examples) {
      if (example.command.empty()) continue;
      CAPTURE(example.command);
      auto words = shell_words(example.command);
      REQUIRE(words.front() == "signalbox");
      words.erase(words.begin());
      CommandLine line;
      CHECK_NOTHROW(line.parse(words));
      REQUIRE(line.chosen() != nullptr);
      CHECK(line.chosen()->get_name() == text.name);
    }
  }
}

TEST_CASE("help fits the terminal, and names every flag", "[cli][tree]") {
  const CommandLine line;
  for (const std::size_t width : {80U, 120U}) {
    const CapturedTerminal screen{width};
    std::string all = help_of_program(line, screen.terminal);
    for (const CLI::App* command : line.app.get_subcommands([](const CLI::App*) { return true; })) {
      const std::string help = help_of_command(*command, screen.terminal);
      for (const CLI::Option* flag : flags_of(*command)) {
        CHECK(help.find("  " + label_of(*flag)) != std::string::npos);
      }
      all += help;
    }
    for (const std::string& text : lines_of(all)) {
      CAPTURE(text);
      CHECK(display_width(text) <= width);
    }
  }
}

TEST_CASE("--help is of the command that it stands behind", "[cli][tree]") {
  CapturedTerminal program;
  CHECK(run(program, {"--help"}) == 0);
  CHECK(program.out.str().find("\nMailboxes:\n") != std::string::npos);
  CHECK(program.out.str().find("SIGNALBOX_CA_FILE") != std::string::npos);
  CHECK(program.out.str().find("4  the receipt or claim") != std::string::npos);
  CHECK(program.out.str().find("\n  names ") == std::string::npos);
  CapturedTerminal command;
  CHECK(run(command, {"events", "--help"}) == 0);
  CHECK(command.out.str().starts_with("events: "));
  CHECK(command.out.str().find("signalbox events --since 1h --status dropped") !=
        std::string::npos);
  CapturedTerminal all;
  CHECK(run(all, {"--help-all"}) == 0);
  CHECK(all.out.str().find("\nreplay: ") != std::string::npos);
  CHECK(all.err.str().empty());
}

TEST_CASE("a slip of the finger exits 2 and is told what was meant", "[cli][tree]") {
  struct Slip {
    std::vector<std::string> arguments;
    std::string answer;
  };
  const Slip slips[] = {
      {{"evens"}, "unknown command 'evens'; did you mean 'events'?"},
      {{"--json", "recieve"}, "unknown command 'recieve'; did you mean 'receive'?"},
      {{"events", "--sinse", "1h"}, "unknown option '--sinse' of events; did you mean '--since'?"},
      {{"events", "--sorce=x"}, "unknown option '--sorce' of events; did you mean '--source'?"},
      {{"inbox", "--jsn"}, "unknown option '--jsn' of inbox; did you mean '--json'?"},
      {{"--jsn", "inbox"}, "did you mean '--json'?"},
      {{"inbox", "--zzzzzz"}, "unknown option '--zzzzzz' of inbox\n"},
      {{"inbox", "reviewer"}, "inbox takes no argument 'reviewer'"},
      {{"ack"}, "receipts is required"},
      {{"events", "--max", "101"}, "--max"},
      {{"events", "--all", "--max", "3"}, "excludes"},
      {{"--json"}, "name a command"},
  };
  for (const auto& [arguments, answer] : slips) {
    CapturedTerminal screen;
    CAPTURE(answer);
    CHECK(run(screen, arguments) == 2);
    CHECK(screen.out.str().empty());
    CAPTURE(screen.err.str());
    CHECK(screen.err.str().find(answer) != std::string::npos);
    CHECK(screen.err.str().find("--help`") != std::string::npos);
  }
}

TEST_CASE("the manual page in docs is what the commands say", "[cli][tree]") {
  std::ifstream file{test::source_path("docs/man/signalbox.1")};
  std::stringstream stored;
  stored << file.rdbuf();
  // Otherwise: build/dev/gateway/signalbox man > docs/man/signalbox.1
  CHECK(stored.str() == man_page(CommandLine{}));
}

TEST_CASE("the manual page has every command and flag, and no line that roff takes for its own",
          "[cli][tree]") {
  const CommandLine line;
  const std::string page = man_page(line);
  for (const CommandText& text : command_texts()) {
    const bool hidden = text.group.empty();
    CHECK((page.find("\n.SS " + std::string{text.name} + "\n") == std::string::npos) == hidden);
  }
  for (const std::string& text : lines_of(page)) {
    CAPTURE(text);
    CHECK_FALSE(text.starts_with('\''));
    if (!text.starts_with('.')) continue;
    const std::string request = text.substr(0, text.find(' '));
    const std::vector<std::string> known{".\\\"", ".TH", ".SH", ".SS", ".PP", ".TP",
                                         ".B",    ".I",  ".RS", ".RE", ".nf", ".fi"};
    CHECK(std::find(known.begin(), known.end(), request) != known.end());
  }
}

TEST_CASE("a word for a shell means itself there", "[cli][terminal]") {
  CHECK(shell_quoted("github:acme/api#42") == "github:acme/api#42");
  CHECK(shell_quoted("a b") == "'a b'");
  CHECK(shell_quoted("it's; rm -rf ~") == R"('it'\''s; rm -rf ~')");
  CHECK(shell_quoted("$(x)") == "'$(x)'");
  CHECK(shell_quoted("") == "''");
  CHECK(shell_quoted("#x") == "'#x'");
}

}  // namespace
}  // namespace signalbox
