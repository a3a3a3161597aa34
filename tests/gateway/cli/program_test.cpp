// The rows of the commands, what is written from them, and what a slip of the finger is answered.
#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <sstream>

#include "gateway/cli/command_line.hpp"
#include "gateway/cli/pages.hpp"
#include "gateway/cli/run_cli.hpp"

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

TEST_CASE("every command is told whole, once, and beside its group", "[cli][program]") {
  std::set<std::string_view> names;
  std::vector<std::string_view> groups;
  for (const Command* command : all_commands()) {
    CAPTURE(command->name);
    CHECK(names.insert(command->name).second);
    CHECK(find_command(command->name) == command);
    CHECK_FALSE(command->summary.empty());
    CHECK(command->action.run != nullptr);
    if (groups.empty() || groups.back() != command->group) groups.push_back(command->group);
    if (command->group.empty()) continue;  // of completion's own
    CHECK_FALSE(command->examples.front().command.empty());
    CHECK_FALSE(command->json.front().what.empty());
  }
  CHECK(std::set(groups.begin(), groups.end()).size() == groups.size());
  CHECK(find_command("no-such-command") == nullptr);
}

bool has_row(const Command& command, std::string_view name) {
  const auto is_it = [&](const Option& row) { return row.name == name; };
  return std::ranges::any_of(options_of(command), is_it) ||
         std::ranges::any_of(arguments_of(command), is_it);
}

TEST_CASE("every row fills its own command's options, and is told whole", "[cli][program]") {
  for (const Command* command : all_commands()) {
    std::set<std::string_view> names;
    for (const auto& rows : {arguments_of(*command), options_of(*command)}) {
      for (const Option& row : rows) {
        CAPTURE(command->name, row.name);
        CHECK(names.insert(row.name).second);
        CHECK(row.into.owner == command->action.owner);
        CHECK_FALSE(help_of(row).empty());
        CHECK_FALSE(help_of(row).ends_with('.'));
        CHECK((row.takes_value() || !row.is_argument()));
        CHECK(row.only_words == (row.only_words && !row.value.words.empty()));
        for (const std::string& other : shell_words(row.excludes)) {
          CHECK((other.empty() || has_row(*command, other)));
        }
        CHECK((row.needs.empty() || has_row(*command, row.needs)));
      }
    }
  }
}

// A command line with all that the command cannot do without.
std::vector<std::string> shortest_line(const Command& command) {
  std::vector<std::string> words{std::string{command.name}};
  for (const Option& row : options_of(command)) {
    if (row.required) words.insert(words.end(), {std::string{row.name}, "x"});
  }
  for (const Option& row : arguments_of(command)) {
    if (row.required) words.emplace_back("x");
  }
  return words;
}

bool is_taken(const Command& command, const std::vector<std::string>& more) {
  auto words = shortest_line(command);
  words.insert(words.end(), more.begin(), more.end());
  const CommandLine line = parse_command_line(words);
  CHECK(line.command == &command);
  return line.wish == CommandLine::Wish::run;
}

TEST_CASE("every range takes both of its ends, refuses what is beyond, and says so",
          "[cli][program][limits]") {
  std::size_t ranges = 0;
  for (const Command* command : all_commands()) {
    for (const Option& row : options_of(*command)) {
      if (!row.range) continue;
      ++ranges;
      const auto with = [&](std::int64_t number) {
        return is_taken(*command, {std::string{row.name}, std::to_string(number)});
      };
      CAPTURE(command->name, row.name);
      CHECK(with(row.range->least));
      CHECK(with(row.range->most));
      CHECK_FALSE(with(std::int64_t{row.range->least} - 1));
      CHECK_FALSE(with(std::int64_t{row.range->most} + 1));
      const std::string said =
          std::to_string(row.range->least) + " to " + std::to_string(row.range->most);
      CHECK(row.help.find(said) != std::string_view::npos);
    }
  }
  CHECK(ranges == 7);
}

TEST_CASE("words that are the only ones are taken, and no others", "[cli][program][limits]") {
  std::size_t rows = 0;
  for (const Command* command : all_commands()) {
    for (const auto& list : {arguments_of(*command), options_of(*command)}) {
      for (const Option& row : list) {
        if (!row.only_words) continue;
        ++rows;
        const auto with = [&](const std::string& word) {
          return row.is_argument() ? is_taken(*command, {word})
                                   : is_taken(*command, {std::string{row.name}, word});
        };
        CAPTURE(command->name, row.name);
        for (const std::string& word : shell_words(row.value.words)) CHECK(with(word));
        CHECK_FALSE(with("no-such-word"));
        CHECK_FALSE(with(std::string{row.value.words}));
      }
    }
  }
  CHECK(rows == 2);
}

std::vector<std::string> typed(const Command& command, std::string_view name) {
  std::vector<std::string> words;
  for (const auto& rows : {arguments_of(command), options_of(command)}) {
    for (const Option& row : rows) {
      if (row.name != name) continue;
      if (!row.is_argument()) words.emplace_back(name);
      if (row.takes_value()) {
        words.emplace_back(row.only_words ? shell_words(row.value.words).front() : "1");
      }
    }
  }
  return words;
}

TEST_CASE("what excludes another, or needs it, is parsed so", "[cli][program]") {
  std::size_t pairs = 0;
  for (const Command* command : all_commands()) {
    for (const Option& row : options_of(*command)) {
      if (row.required) continue;  // stands there already
      const auto beside = [&](std::string_view other) {
        auto words = typed(*command, row.name);
        const auto more = typed(*command, other);
        words.insert(words.end(), more.begin(), more.end());
        return is_taken(*command, words);
      };
      CAPTURE(command->name, row.name);
      for (const std::string& other : shell_words(row.excludes)) {
        if (other.empty()) continue;
        ++pairs;
        CHECK(is_taken(*command, typed(*command, other)));
        CHECK_FALSE(beside(other));
      }
      CHECK(is_taken(*command, typed(*command, row.name)) == row.needs.empty());
      if (!row.needs.empty()) CHECK(beside(row.needs));
    }
  }
  CHECK(pairs == 9);
}

TEST_CASE("every example of the help is a command line that is understood", "[cli][program]") {
  for (const Command* command : all_commands()) {
    for (const Example& example : command->examples) {
      if (example.command.empty()) continue;
      CAPTURE(example.command);
      auto words = shell_words(example.command);
      REQUIRE(words.front() == "signalbox");
      words.erase(words.begin());
      const CommandLine line = parse_command_line(words);
      CHECK(line.mistake.empty());
      CHECK(line.wish == CommandLine::Wish::run);
      CHECK(line.command == command);
    }
  }
}

TEST_CASE("help fits the terminal, and names every option", "[cli][program]") {
  for (const std::size_t width : {80U, 100U}) {
    const CapturedTerminal screen{width};
    std::string all = help_of_program(screen.terminal);
    for (const Command* command : all_commands()) {
      const std::string help = help_of_command(*command, screen.terminal);
      for (const Option& row : options_of(*command)) {
        CHECK(help.find("  " + label_of(row)) != std::string::npos);
      }
      all += help;
    }
    for (const std::string& text : lines_of(all)) {
      CAPTURE(text);
      CHECK(display_width(text) <= width);
    }
  }
}

std::string help_at(std::size_t width) { return help_of_program(CapturedTerminal{width}.terminal); }

TEST_CASE("help is between 40 and 100 columns wide", "[cli][program][limits]") {
  CHECK(help_at(39) == help_at(40));
  CHECK(help_at(40) != help_at(41));
  CHECK(help_at(99) != help_at(100));
  CHECK(help_at(100) == help_at(101));
  CHECK(help_at(0) == help_at(100));
}

constexpr Command wide_names{
    .name = "wide",
    .summary = "Names of options up to 28 columns have their help beside them",
    .options = {{{.name = "--twenty-eight-columns-wide-", .help = "beside"},
                 {.name = "--twenty-nine-columns-wide-as", .help = "below"}}},
};

TEST_CASE("a name of more than 28 columns has a line of its own", "[cli][program][limits]") {
  const std::string help = help_of_command(wide_names, CapturedTerminal{80}.terminal);
  CHECK(help.find("\n  --twenty-eight-columns-wide-  beside\n") != std::string::npos);
  CHECK(help.find("\n  --twenty-nine-columns-wide-as\n" + std::string(32, ' ') + "below\n") !=
        std::string::npos);
}

TEST_CASE("--help is of the command that it stands behind", "[cli][program]") {
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

TEST_CASE("a slip of the finger exits 2 and is told what was meant", "[cli][program]") {
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

TEST_CASE("the manual page has every command and flag, and no line that roff takes for its own",
          "[cli][program]") {
  const std::string page = man_page();
  for (const Command* command : all_commands()) {
    const bool hidden = command->group.empty();
    const std::string heading = "\n.SS " + std::string{command->name} + "\n";
    CHECK((page.find(heading) == std::string::npos) == hidden);
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

}  // namespace
}  // namespace signalbox
