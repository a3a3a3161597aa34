// The forms of a log line, and what strangers' texts cannot do to it.
#include "gateway/telemetry/log_line_forms.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include <array>
#include <cstdlib>
#include <ctime>

namespace signalbox {
namespace {

const Time moment = *parse_time("2026-11-22T10:00:00.000Z");

// To be used within the expression that makes it: the fields live no longer.
LogRecord record(std::initializer_list<LogField> fields, Severity severity = Severity::info) {
  return {moment, severity, "delivery", fields};
}

// Texts that a terminal, or who reads lines, would obey.
constexpr std::array<std::string_view, 8> treacherous{"a\nlevel=error msg=forged",
                                                      "\x1b[2J",
                                                      "\xc2\x9b"
                                                      "31m",
                                                      "\xe2\x80\xae"
                                                      "evil",
                                                      "\xe2\x80\xa8next",
                                                      "\xef\xbb\xbf",
                                                      "\x7f",
                                                      "\xff\xfe\x80"};

bool is_clean(std::string_view line) {
  for (const char c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return false;
  }
  for (const std::string_view mark : {"\xc2\x9b", "\xe2\x80\xae", "\xe2\x80\xa8", "\xef\xbb\xbf"}) {
    if (line.find(mark) != std::string_view::npos) return false;
  }
  boost::system::error_code failed;  // of JSON, which is UTF-8
  std::string quoted = "\"";
  for (const char c : line) quoted += c == '"' || c == '\\' ? std::string{'\\', c} : std::string{c};
  boost::json::parse(quoted + "\"", failed);
  return !failed;
}

}  // namespace

TEST_CASE("a line of logfmt has all fields but those without a value", "[log]") {
  const auto line =
      logfmt_line(record({{"source", "github"}, {"work", ""}, {"bytes", "7", minor}}));
  CHECK(line == "time=2026-11-22T10:00:00Z level=info msg=delivery source=github bytes=7");
}

TEST_CASE("a line of JSON is one object, whatever the values hold", "[log]") {
  const auto line =
      json_line(record({{"detail", "say \"hi\"\n"}, {"work", ""}}, Severity::warning));
  const auto parsed = boost::json::parse({line.data(), line.size()}).as_object();
  CHECK(parsed.size() == 4);
  CHECK(parsed.at("level") == "warning");
  CHECK(parsed.at("msg") == "delivery");
  CHECK(parsed.at("detail") == "say \"hi\"\n");
}

TEST_CASE("a line for people is short, and has colour where it is wanted", "[log]") {
  ::setenv("TZ", "UTC", 1);
  ::tzset();
  const auto line_of = [](bool coloured) {
    return text_line(record({{"source", "github"},
                             {"type", "github.push"},
                             {"status", "accepted"},
                             {"trace_id", "0af7", minor},
                             {"work", ""}}),
                     coloured);
  };
  CHECK(line_of(false) == "10:00:00 delivery source=github github.push accepted");
  CHECK(line_of(true).find("\x1b[32maccepted\x1b[0m") != std::string::npos);
  CHECK(text_line(record({{"detail", "no answer"}}, Severity::error), false) ==
        "10:00:00 ERROR delivery no answer");
  CHECK(text_line(record({}, Severity::warning), false) == "10:00:00 WARN delivery");
}

TEST_CASE("no text of a stranger steers a screen or makes a second line", "[log]") {
  for (const std::string_view text : treacherous) {
    CAPTURE(text);
    const std::initializer_list<LogField> fields{
        {"detail", text}, {"status", text}, {"caller", text}};
    const LogRecord made = record(fields);
    for (const std::string& line : {logfmt_line(made), json_line(made), text_line(made, false)}) {
      CHECK(is_clean(line));
    }
  }
}

TEST_CASE("a long value is cut between characters, and says so", "[log]") {
  std::string text;
  while (text.size() < 2 * log_value_bytes_max) text += "\xe2\x82\xac";  // three bytes
  for (const std::string& line :
       {logfmt_line(record({{"detail", text}})), json_line(record({{"detail", text}})),
        text_line(record({{"detail", text}}), false)}) {
    CHECK(is_clean(line));
    CHECK(line.size() < log_value_bytes_max + 100);
    CHECK(line.find("\xe2\x80\xa6") != std::string::npos);
  }
}

}  // namespace signalbox
