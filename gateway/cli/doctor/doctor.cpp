// doctor: is this installation sound, and if not, what is to be done? For whoever is called at
// night: every line says what was found, and what to do about it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "gateway/cli/doctor/doctor.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

constexpr std::size_t text_width_max = 100;

Style style_of(Grade grade) noexcept {
  if (grade == Grade::good) return Style::good;
  return grade == Grade::warning ? Style::warn : Style::bad;
}

Grade worst(const DoctorReport& report) noexcept {
  if (report.count(Grade::bad) > 0) return Grade::bad;
  return report.count(Grade::warning) > 0 ? Grade::warning : Grade::good;
}

std::string to_json(const DoctorReport& report) {
  const auto text = [](std::string_view view) { return json::string{view.data(), view.size()}; };
  json::array checks;
  for (const DoctorLine& line : report.lines()) {
    checks.push_back(json::object{{"check", line.check},
                                  {"grade", text(to_string(line.grade))},
                                  {"found", line.found},
                                  {"advice", line.advice}});
  }
  return json::serialize(json::object{{"grade", text(to_string(worst(report)))},
                                      {"bad", report.count(Grade::bad)},
                                      {"warnings", report.count(Grade::warning)},
                                      {"good", report.count(Grade::good)},
                                      {"checks", std::move(checks)}});
}

void show(Terminal& terminal, const DoctorReport& report) {
  constexpr std::size_t grade_width = 9;
  std::size_t name_width = 0;
  for (const DoctorLine& line : report.lines()) {
    name_width = std::max(name_width, display_width(printable(line.check)));
  }
  const std::size_t indent = grade_width + name_width + 2;
  const std::size_t width =
      terminal.width() == 0 ? 0 : std::min(terminal.width(), text_width_max + indent);
  for (const DoctorLine& line : report.lines()) {
    const std::string grade{to_string(line.grade)};
    const std::string name = printable(line.check);
    std::string out = terminal.styled(grade, style_of(line.grade));
    out += std::string(grade_width - grade.size(), ' ') + terminal.styled(name, Style::bold);
    out += std::string(name_width - display_width(name) + 2, ' ');
    out += wrapped(printable(line.found), {indent, indent, width});
    terminal.line(out);
    if (line.advice.empty()) continue;
    const std::string advice = wrapped(printable(line.advice), {indent + 2, indent + 2, width});
    terminal.line(std::string(indent, ' ') + "→ " + advice);
  }
  terminal.line();
  terminal.line(terminal.styled(
      fmt::format("{} bad, {}, {} good", report.count(Grade::bad),
                  counted(report.count(Grade::warning), "warning"), report.count(Grade::good)),
      style_of(worst(report))));
}

}  // namespace

std::string_view to_string(Grade grade) noexcept {
  if (grade == Grade::good) return "good";
  return grade == Grade::warning ? "warning" : "bad";
}

void DoctorReport::good(std::string check, std::string found) {
  lines_.push_back({std::move(check), Grade::good, std::move(found), {}});
}

void DoctorReport::warning(std::string check, std::string found, std::string advice) {
  lines_.push_back({std::move(check), Grade::warning, std::move(found), std::move(advice)});
}

void DoctorReport::bad(std::string check, std::string found, std::string advice) {
  lines_.push_back({std::move(check), Grade::bad, std::move(found), std::move(advice)});
}

std::size_t DoctorReport::count(Grade grade) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(lines_.begin(), lines_.end(),
                    [grade](const DoctorLine& line) { return line.grade == grade; }));
}

void examine_clock(DoctorReport& report, const std::string& check, const std::string& whose,
                   Milliseconds ahead, Milliseconds precision) {
  constexpr Milliseconds tolerated{1'000};
  constexpr Milliseconds bad{60'000};
  const Milliseconds off{std::abs(ahead.count())};
  const std::string found =
      fmt::format("{} is {} {} of this machine's clock", whose, format_duration(off),
                  ahead.count() < 0 ? "behind" : "ahead");
  const std::string advice =
      "keep both machines' time by NTP (timedatectl status): signed times are refused when clocks "
      "disagree by minutes";
  if (off <= tolerated + precision) {
    report.good(check, fmt::format("{} agrees with this machine's clock", whose));
  } else if (off <= bad) {
    report.warning(check, found, advice);
  } else {
    report.bad(check, found, advice);
  }
}

std::string counted(std::size_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

std::string readable_bytes(std::uint64_t bytes) {
  constexpr std::array units{"bytes", "KiB", "MiB", "GiB", "TiB"};
  auto size = static_cast<double>(bytes);
  std::size_t unit = 0;
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  return unit == 0 ? fmt::format("{} bytes", bytes) : fmt::format("{:.1f} {}", size, units[unit]);
}

ExitCode run_doctor(Invocation& invocation) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  DoctorReport report;
  const auto config = examine_configuration(report, *installation);
  if (config) {
    examine_machine(report, *config);
    examine_redis(report, *config);
  }
  examine_gateway(report, invocation, *installation, config);
  if (invocation.common.json) {
    invocation.terminal.json(to_json(report));
  } else {
    show(invocation.terminal, report);
  }
  return report.count(Grade::bad) > 0 ? ExitCode::refused : ExitCode::good;
}

}  // namespace signalbox
