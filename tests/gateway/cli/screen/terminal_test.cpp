// What reaches a terminal, and how it is laid out.
#include <catch2/catch.hpp>
#include <clocale>
#include <sstream>

#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {
namespace {

struct Screen {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal;
  explicit Screen(bool colour = false, std::size_t width = 0) : terminal{out, err, colour, width} {}
};

TEST_CASE("text from a payload cannot move the cursor, colour, or reorder a terminal's text",
          "[cli][terminal]") {
  CHECK(printable("plain text, äöü, 漢字, 😀") == "plain text, äöü, 漢字, 😀");
  CHECK(printable("\x1b[31mred\x1b[0m") == "[31mred[0m");
  CHECK(printable("\x1b]0;title\x07") == "]0;title");
  CHECK(printable("a\r\nb\tc") == "a  b c");
  CHECK(printable("\x08\x7f") == "");
  CHECK(printable("csi \xc2\x9b"
                  "31m") == "csi 31m");  // C1 in UTF-8
  CHECK(printable("\xe2\x80\xae"
                  "evil\xe2\x80\xac") == "evil");              // U+202E, U+202C
  CHECK(printable("\xe2\x81\xa6x\xe2\x81\xa9") == "x");        // U+2066, U+2069
  CHECK(printable("\xf3\xa0\x81\x81\xf3\xa0\x81\x82") == "");  // tag characters
  CHECK(printable("\xef\xbb\xbf"
                  "bom") == "bom");
  CHECK(printable(std::string_view{"nul\0byte", 8}) == "nulbyte");
}

TEST_CASE("bytes that are no UTF-8 become replacement characters", "[cli][terminal]") {
  constexpr const char* r = "\xEF\xBF\xBD";
  CHECK(printable("\x9b"
                  "31m") == std::string{r} + "31m");  // a C1 byte outside of UTF-8
  CHECK(printable("\xff") == r);
  CHECK(printable("\xc0\xaf") == std::string{r} + r);  // overlong
  CHECK(printable("\xe0\x80\xaf") == std::string{r} + r + r);
  CHECK(printable("\xed\xa0\x80") == std::string{r} + r + r);  // surrogate
  CHECK(printable("\xf4\x90\x80\x80") == std::string{r} + r + r + r);
  CHECK(printable("cut \xe2\x82") == std::string{"cut "} + r + r);
}

TEST_CASE("JSON for a terminal is the same JSON with escapes", "[cli][terminal]") {
  CHECK(printable_json("{\"a\":\"ä\\n\"}") == "{\"a\":\"ä\\n\"}");
  CHECK(printable_json("{\"a\":\"\x7f\xc2\x9b\"}") == R"({"a":"\u007f\u009b"})");
  CHECK(printable_json("\"\xe2\x80\xae\"") == R"("\u202e")");
  CHECK(printable_json("\"\xf3\xa0\x81\x81\"") == R"("\udb40\udc41")");
  CHECK(printable_json("{\n\t}") == "{\n\t}");
}

TEST_CASE("text is cut with an ellipsis to the columns there are", "[cli][terminal]") {
  CHECK(fit("short", 5) == "short");
  CHECK(fit("longer text", 8) == "longer…");
  CHECK(fit("abc", 1) == "…");
  CHECK(fit("abc", 0) == "");
  CHECK(display_width("äöü") == 3);
}

TEST_CASE("a table is aligned; what may be cut gives way, then ids have lines of their own",
          "[cli][terminal]") {
  Screen wide;
  wide.terminal.table({"KIND", "SUMMARY", "ID"},
                      {{{"assign"}, {"Review it"}, {"m_1"}}, {{"note"}, {"ok"}, {"m_2"}}}, {1});
  CHECK(wide.out.str() ==
        "KIND    SUMMARY    ID\n"
        "assign  Review it  m_1\n"
        "note    ok         m_2\n");
  Screen narrow{false, 30};
  narrow.terminal.table({"KIND", "SUMMARY", "ID"},
                        {{{"assign"}, {"Review the retries of uploads"}, {"m_12345"}}}, {1});
  CHECK(narrow.out.str() ==
        "KIND    SUMMARY\n"
        "assign  Review the retries of…\n"
        "    m_12345\n");
}

TEST_CASE("colour is written only where it is wanted", "[cli][terminal]") {
  Screen plain;
  CHECK(plain.terminal.styled("x", Style::good) == "x");
  Screen coloured{true, 80};
  CHECK(coloured.terminal.styled("x", Style::good) == "\x1b[32mx\x1b[0m");
  CHECK(coloured.terminal.styled("\x1b[31mx", Style::good) == "\x1b[32m[31mx\x1b[0m");
  CHECK(coloured.terminal.styled("", Style::good) == "");
}

TEST_CASE("hints say next once, errors and advice go to standard error", "[cli][terminal]") {
  Screen screen;
  screen.terminal.hint("signalbox ack m_1.1");
  screen.terminal.hint("signalbox explain e_1");
  screen.terminal.error("it \x1b[31mbroke");
  screen.terminal.advice("try again");
  CHECK(screen.out.str() == "next: signalbox ack m_1.1\n      signalbox explain e_1\n");
  CHECK(screen.err.str() == "signalbox: it [31mbroke\ntry again\n");
}

TEST_CASE("text is broken at spaces, and words never", "[cli][terminal]") {
  CHECK(wrapped("one two three", {0, 2, 8}) == "one two\n  three");
  CHECK(wrapped("one two", {5, 5, 8}) == "one\n     two");
  CHECK(wrapped("averylongword two", {0, 0, 6}) == "averylongword\ntwo");
  CHECK(wrapped("one two", {0, 0, 0}) == "one two");
  CHECK(wrapped("", {0, 0, 10}).empty());
}

TEST_CASE("a table that is too wide gives way in its widest columns, never in its ids",
          "[cli][terminal]") {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err, false, 50};
  terminal.table({"OUTCOME", "TYPE", "SUBJECT", "ID"},
                 {{{"accepted"},
                   {"github.pull_request_review.submitted"},
                   {"github:acme/api#42"},
                   {"e_1cEI4ot2GmpiHFXjS"}}},
                 {2});
  std::istringstream lines{out.str()};
  std::string line;
  while (std::getline(lines, line)) CHECK(display_width(line) <= 50);
  CHECK(out.str().find("e_1cEI4ot2GmpiHFXjS\n") != std::string::npos);
  CHECK(out.str().find("accepted") != std::string::npos);
}

TEST_CASE("at 80 columns works, types and ids of events are whole", "[cli][terminal]") {
  Screen screen{false, 80};
  screen.terminal.table({"AGE", "OUTCOME", "TYPE", "SUBJECT", "SENT TO", "ID"},
                        {{{"5m"},
                          {"accepted"},
                          {"github.pull_request.opened"},
                          {"github:acme/billing-api#42"},
                          {"reviewer, coder"},
                          {"e_1cEI4ot2GmpiHFXjS"}}},
                        {4, 1});
  for (const char* whole : {"github.pull_request.opened", "github:acme/billing-api#42",
                            "\n    e_1cEI4ot2GmpiHFXjS\n"}) {
    INFO(screen.out.str());
    CHECK(screen.out.str().find(whole) != std::string::npos);
  }
}

TEST_CASE("characters of two columns are counted as such", "[cli][terminal]") {
  std::setlocale(LC_CTYPE, "C.UTF-8");
  Screen screen{false, 24};
  screen.terminal.table({"A", "SUMMARY"}, {{{"漢字"}, {"漢字漢字漢字漢字漢字漢字"}}}, {1});
  std::istringstream lines{screen.out.str()};
  std::string line;
  while (std::getline(lines, line)) CHECK(display_width(line) <= 24);
  CHECK(display_width("漢字") == 4);
}

TEST_CASE("a word for a shell means itself there", "[cli][terminal]") {
  CHECK(shell_quoted("github:acme/api#42") == "github:acme/api#42");
  CHECK(shell_quoted("a b") == "'a b'");
  CHECK(shell_quoted("it's; rm -rf ~") == R"('it'\''s; rm -rf ~')");
  CHECK(shell_quoted("$(x)") == "'$(x)'");
  CHECK(shell_quoted("") == "''");
  CHECK(shell_quoted("#x") == "'#x'");
}

TEST_CASE("a line that just fits is left alone, and one column less breaks it",
          "[cli][terminal][limits]") {
  CHECK(wrapped("one two", {0, 0, 7}) == "one two");
  CHECK(wrapped("one two", {0, 0, 6}) == "one\ntwo");
  CHECK(fit("abcd", 4) == "abcd");
  CHECK(fit("abcd", 3) == "ab…");
  const auto at = [](std::size_t width) {
    Screen screen{false, width};
    screen.terminal.table({"A", "SUMMARY", "ID"}, {{{"a"}, {"Review the retries"}, {"m_1"}}}, {1});
    return screen.out.str();
  };
  CHECK(at(26) == at(0));
  CHECK(at(25).find("a  Review the retri…  m_1\n") != std::string::npos);
}

TEST_CASE("no column is cut below eight columns, however narrow the terminal is",
          "[cli][terminal][limits]") {
  Screen screen{false, 10};
  screen.terminal.table({"A", "B", "ID"}, {{{"abcdefghij"}, {"abcdefghijklmnop"}, {"m_123"}}}, {1});
  CHECK(screen.out.str().ends_with("abcdefg…  abcdefg…\n    m_123\n"));
}

TEST_CASE("a field of more than 400 columns is cut on a terminal only", "[cli][terminal][limits]") {
  const auto lines_at = [](std::size_t width, std::size_t length) {
    Screen screen{false, width};
    screen.terminal.field("name", std::string(length, 'x'));
    return screen.out.str();
  };
  CHECK(lines_at(80, 400).find("…") == std::string::npos);
  CHECK(lines_at(80, 401).find("…") != std::string::npos);
  CHECK(lines_at(0, 401).find("…") == std::string::npos);
}

}  // namespace
}  // namespace signalbox
