// doctor: is this installation sound, and if not, what is to be done? For whoever is called at
// night: every line says what was found, and what to do about it.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/doctor/report.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/phrases.hpp"

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

json::object to_json(const DoctorReport& report) {
  json::array checks;
  for (const DoctorLine& line : report.lines()) {
    checks.push_back(json::object{{"check", line.check},
                                  {"grade", json_text(to_string(line.grade))},
                                  {"found", line.found},
                                  {"advice", line.advice}});
  }
  return {{"grade", json_text(to_string(worst(report)))},
          {"bad", report.count(Grade::bad)},
          {"warnings", report.count(Grade::warning)},
          {"good", report.count(Grade::good)},
          {"checks", std::move(checks)}};
}

void show_report(Terminal& terminal, const DoctorReport& report) {
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
  tell(invocation, to_json(report),
       [&](Invocation&, const json::value&) { show_report(invocation.terminal, report); });
  return report.count(Grade::bad) > 0 ? ExitCode::refused : ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command doctor;
constinit const Command doctor{
    .name = "doctor",
    .group = group::gateway,
    .summary = "Examine this installation: what is wrong, and what to do about it",
    .details =
        "Configuration, secrets, files, certificates, disk, Redis, the running gateway, "
        "its clock, rules and mailboxes. Changes nothing. Exit status 1 when something is "
        "bad; warnings alone are 0.",
    .examples = {{{"signalbox doctor", "on the gateway's machine, as its user"},
                  {"signalbox doctor --json", "for a program: {\"grade\":…,\"checks\":[…]}"}}},
    .json = {{{.what = R"(`{"grade":"warning","bad":0,"warnings":1,"good":20,"checks":)"
                       R"([{"check","grade","found","advice"}]}`; `grade` is `good`, `warning` or )"
                       "`bad`; `check` is stable"}}},
    .action = action<run_doctor>,
};

}  // namespace commands
}  // namespace signalbox
