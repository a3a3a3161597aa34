// Structured log lines on standard error, one an event, in one of three forms (log_line_forms.hpp).
// Written by a thread of their own through a bounded queue: a slow terminal drops lines, counted,
// and never holds a request up. Values are escaped and cut, so that a payload can neither forge a
// line nor steer a screen. Never pass a secret, a token, a body or the values of a query.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string_view>

#include "event/error.hpp"

namespace signalbox {

struct LogField {
  std::string_view key;
  std::string_view value;  // a field without one is left out
  // Left out for people on a terminal, who look for what happened; machines get all fields.
  bool minor = false;
};
inline constexpr bool minor = true;

enum class LogFormat : std::uint8_t {
  text,    // short, for people
  logfmt,  // `time=… level=… msg=… key=value …`
  json,    // one object a line
};

// What `log.format` means for this process: `auto` is text on a terminal and logfmt elsewhere.
// Requires one of auto, text, logfmt, json.
LogFormat log_format_named(std::string_view name);

// Before the first line; `level` is debug, info, warning or error. Lines below it are dropped.
void open_log(std::string_view level, LogFormat format);
// Another level or form for lines from now on. Thread-safe.
void set_log_level(std::string_view level);
void set_log_format(LogFormat format);
// Writes what is queued and ends the thread.
void close_log();

bool log_enabled(Severity severity) noexcept;
void log_line(Severity severity, std::string_view message,
              std::initializer_list<LogField> fields = {});

// Lines dropped because the queue was full.
std::uint64_t log_lines_dropped() noexcept;

}  // namespace signalbox
