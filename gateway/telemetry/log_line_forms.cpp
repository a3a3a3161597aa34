#include "gateway/telemetry/log_line_forms.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <ctime>

#include "event/json_escape.hpp"
#include "event/printable.hpp"

namespace signalbox {
namespace {

constexpr std::string_view value_cut_mark = "…";

std::string_view word_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::debug:
      return "debug";
    case Severity::info:
      return "info";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"._-:/#@+*[](),"}.find(c) != std::string_view::npos;
}

// A long value says that it was cut.
std::string bounded(std::string_view value) {
  if (value.size() <= log_value_bytes_max) return std::string{value};
  return std::string{within_bytes(value, log_value_bytes_max - value_cut_mark.size())}.append(
      value_cut_mark);
}

std::string quoted_value(std::string_view value) {
  std::string json;
  append_json_string(json, bounded(value));
  return printable_json(json);
}

std::string clock_of(Time time) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(time);
  std::tm local{};
  ::localtime_r(&seconds, &local);
  return fmt::format("{:02}:{:02}:{:02}", local.tm_hour, local.tm_min, local.tm_sec);
}

std::string styled(std::string_view text, std::string_view code, bool colour) {
  return colour ? fmt::format("\x1b[{}m{}\x1b[0m", code, text) : std::string{text};
}

// People know what it is when they see the value.
bool speaks_for_itself(std::string_view key) noexcept {
  return key == "type" || key == "event" || key == "work" || key == "reason" || key == "detail";
}

std::string_view colour_of(std::string_view status) noexcept {
  if (status == "accepted") return "32";
  return status == "refused" || status == "failed" ? "31" : "33";
}

}  // namespace

std::string logfmt_value(std::string_view value) {
  if (!value.empty() && value.size() <= log_value_bytes_max &&
      std::all_of(value.begin(), value.end(), is_plain)) {
    return std::string{value};
  }
  return quoted_value(value);
}

std::string logfmt_line(const LogRecord& record) {
  std::string line;
  line.reserve(256);
  line += "time=" + format_time(record.time) + " level=";
  line += word_of(record.severity);
  line += " msg=" + logfmt_value(record.message);
  for (const LogField& field : record.fields) {
    if (field.value.empty()) continue;
    line += ' ';
    line += field.key;
    line += '=';
    line += logfmt_value(field.value);
  }
  return line;
}

std::string json_line(const LogRecord& record) {
  std::string line = fmt::format(R"({{"time":"{}","level":"{}","msg":{})", format_time(record.time),
                                 word_of(record.severity), quoted_value(record.message));
  for (const LogField& field : record.fields) {
    if (field.value.empty()) continue;
    line += fmt::format(",{}:{}", quoted_value(field.key), quoted_value(field.value));
  }
  return line + "}";
}

std::string text_line(const LogRecord& record, bool colour) {
  std::string line = styled(clock_of(record.time), "2", colour) + ' ';
  if (record.severity == Severity::error) line += styled("ERROR ", "1;31", colour);
  if (record.severity == Severity::warning) line += styled("WARN ", "1;33", colour);
  line += styled(printable(bounded(record.message)), record.severity == Severity::debug ? "2" : "1",
                 colour);
  for (const LogField& field : record.fields) {
    if (field.minor || field.value.empty()) continue;
    const std::string value = printable(bounded(field.value));
    line += ' ';
    if (field.key == "status") {
      line += styled(value, colour_of(value), colour);
    } else if (speaks_for_itself(field.key)) {
      line += value;
    } else {
      line += styled(fmt::format("{}=", field.key), "2", colour) + value;
    }
  }
  return line;
}

}  // namespace signalbox
