// The forms of a log line. Each is one line of valid UTF-8 without control characters or marks of
// direction, whatever the values hold; a value is cut at `log_value_bytes_max`. Pure.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "event/clock.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {

inline constexpr std::size_t log_value_bytes_max = 512;

struct LogRecord {
  Time time;
  Severity severity;
  std::string_view message;
  std::initializer_list<LogField> fields;
};

// `time=2026-11-22T10:00:00.000Z level=info msg=delivery source=github`
std::string logfmt_line(const LogRecord& record);

// `{"time":"…","level":"info","msg":"delivery","source":"github"}`
std::string json_line(const LogRecord& record);

// `10:00:00 delivery github.pull_request.opened accepted github:acme/api#42` in the machine's time
// zone: a level is named from warning on, values that people recognise stand without their keys,
// and minor fields are left out.
std::string text_line(const LogRecord& record, bool colour);

// The value as it stands in a line of logfmt: plain, or as a JSON string.
std::string logfmt_value(std::string_view value);

}  // namespace signalbox
