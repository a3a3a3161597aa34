// Structured log lines on standard error: `time=… level=… msg="…" key=value …` (logfmt). Written by
// a thread of their own through a bounded queue: a slow terminal drops lines, counted, and never
// holds a request up. Values are quoted and escaped where needed, so that a payload cannot forge a
// line. Never pass a secret, a token or a body.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>

#include "event/error.hpp"

namespace signalbox {

struct LogField {
  std::string_view key;
  std::string_view value;
};

// Before the first line; `level` is debug, info, warning or error. Lines below it are dropped.
void open_log(std::string_view level);
// Another level for lines from now on. Thread-safe.
void set_log_level(std::string_view level);
// Writes what is queued and ends the thread.
void close_log();

bool log_enabled(Severity severity) noexcept;
void log_line(Severity severity, std::string_view message,
              std::initializer_list<LogField> fields = {});

// Lines dropped because the queue was full.
std::uint64_t log_lines_dropped() noexcept;

// The value as it stands in a line.
std::string logfmt_value(std::string_view value);

}  // namespace signalbox
