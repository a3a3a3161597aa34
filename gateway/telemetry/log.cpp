#include "gateway/telemetry/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>

#include "event/clock.hpp"
#include "event/json_escape.hpp"

namespace signalbox {
namespace {

constexpr std::size_t queued_lines_max = 16 * 1024;
constexpr std::size_t value_bytes_max = 512;

spdlog::level::level_enum level_of(Severity severity) noexcept {
  switch (severity) {
    case Severity::debug:
      return spdlog::level::debug;
    case Severity::info:
      return spdlog::level::info;
    case Severity::warning:
      return spdlog::level::warn;
    case Severity::error:
      break;
  }
  return spdlog::level::err;
}

bool is_plain(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view{"._-:/#@+*[](),"}.find(c) != std::string_view::npos;
}

}  // namespace

void open_log(std::string_view level) {
  spdlog::init_thread_pool(queued_lines_max, 1);
  auto logger = spdlog::create_async_nb<spdlog::sinks::stderr_sink_mt>("signalbox");
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::from_str(std::string{level}));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
}

void set_log_level(std::string_view level) {
  spdlog::default_logger_raw()->set_level(spdlog::level::from_str(std::string{level}));
}

void close_log() { spdlog::shutdown(); }

bool log_enabled(Severity severity) noexcept {
  const auto* logger = spdlog::default_logger_raw();
  return logger != nullptr && logger->should_log(level_of(severity));
}

void log_line(Severity severity, std::string_view message, std::initializer_list<LogField> fields) {
  if (!log_enabled(severity)) return;
  std::string line;
  line.reserve(256);
  line += "time=" + format_time(SystemClock{}.now()) + " level=";
  line += severity == Severity::warning ? "warning"
                                        : spdlog::level::to_string_view(level_of(severity)).data();
  line += " msg=" + logfmt_value(message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.key;
    line += '=';
    line += logfmt_value(field.value);
  }
  spdlog::default_logger_raw()->log(level_of(severity),
                                    spdlog::string_view_t{line.data(), line.size()});
}

std::uint64_t log_lines_dropped() noexcept {
  const auto pool = spdlog::thread_pool();
  return pool ? pool->overrun_counter() : 0;
}

std::string logfmt_value(std::string_view value) {
  value = value.substr(0, value_bytes_max);
  if (!value.empty() && std::all_of(value.begin(), value.end(), is_plain))
    return std::string{value};
  std::string quoted;
  append_json_string(quoted, value);
  return quoted;
}

}  // namespace signalbox
