#include "gateway/telemetry/log.hpp"

#include <spdlog/async.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <atomic>
#include <cassert>
#include <cstdlib>
#include <memory>

#include "event/clock.hpp"
#include "gateway/telemetry/log_line_forms.hpp"

namespace signalbox {
namespace {

constexpr std::size_t queued_lines_max = 16 * 1024;

std::atomic<LogFormat> format_in_use{LogFormat::logfmt};

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

bool on_terminal() noexcept { return ::isatty(STDERR_FILENO) == 1; }

// https://no-color.org
bool colour_wanted() noexcept {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* kind = std::getenv("TERM");
  return on_terminal() && (no_colour == nullptr || *no_colour == '\0') && kind != nullptr &&
         std::string_view{kind} != "dumb";
}

}  // namespace

LogFormat log_format_named(std::string_view name) {
  if (name == "text") return LogFormat::text;
  if (name == "json") return LogFormat::json;
  assert(name == "logfmt" || name == "auto");
  return name == "auto" && on_terminal() ? LogFormat::text : LogFormat::logfmt;
}

void open_log(std::string_view level, LogFormat format) {
  spdlog::init_thread_pool(queued_lines_max, 1);
  auto logger = spdlog::create_async_nb<spdlog::sinks::stderr_sink_mt>("signalbox");
  logger->set_pattern("%v");
  logger->set_level(spdlog::level::from_str(std::string{level}));
  logger->flush_on(spdlog::level::warn);
  spdlog::set_default_logger(std::move(logger));
  set_log_format(format);
}

void set_log_level(std::string_view level) {
  spdlog::default_logger_raw()->set_level(spdlog::level::from_str(std::string{level}));
}

void set_log_format(LogFormat format) { format_in_use.store(format, std::memory_order_relaxed); }

void close_log() { spdlog::shutdown(); }

bool log_enabled(Severity severity) noexcept {
  const auto* logger = spdlog::default_logger_raw();
  return logger != nullptr && logger->should_log(level_of(severity));
}

void log_line(Severity severity, std::string_view message, std::initializer_list<LogField> fields) {
  if (!log_enabled(severity)) return;
  static const bool colour = colour_wanted();
  const LogRecord record{SystemClock{}.now(), severity, message, fields};
  std::string line;
  switch (format_in_use.load(std::memory_order_relaxed)) {
    case LogFormat::text:
      line = text_line(record, colour);
      break;
    case LogFormat::json:
      line = json_line(record);
      break;
    case LogFormat::logfmt:
      line = logfmt_line(record);
      break;
  }
  spdlog::default_logger_raw()->log(level_of(severity),
                                    spdlog::string_view_t{line.data(), line.size()});
}

std::uint64_t log_lines_dropped() noexcept {
  const auto pool = spdlog::thread_pool();
  return pool ? pool->overrun_counter() : 0;
}

}  // namespace signalbox
