// version: which signalbox this is.
#include <fmt/format.h>

#include <boost/json/object.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/telemetry/version.hpp"

namespace signalbox {
namespace {

ExitCode run_version(Invocation& invocation) {
  const boost::json::object made{{"version", std::string{version}}};
  tell(invocation, made, [](Invocation& shown_by, const boost::json::value&) {
    shown_by.terminal.line(fmt::format("signalbox {}", version));
  });
  return ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command version;
constinit const Command version{
    .name = "version",
    .group = group::program,
    .summary = "Print the version",
    .examples = {{{"signalbox version", ""}}},
    .json = {{{.what = R"(`{"version":"…"}`)"}}},
    .action = action<run_version>,
};

}  // namespace commands
}  // namespace signalbox
