// serve: the gateway itself. version: which one.
#include <fmt/format.h>

#include "gateway/cli/commands.hpp"
#include "gateway/serve.hpp"
#include "gateway/version.hpp"

namespace signalbox {

ExitCode run_serve(Session& session) {
  const auto installation = Installation::find(session.common, session.process);
  if (!installation) return fail(session, installation.error());
  if (installation->config_path().empty()) {
    return fail(session, {ExitCode::usage, "no configuration found",
                          "signalbox serve --config signalbox.yaml"});
  }
  auto loaded = load_config(installation->config_path(), installation->environment());
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    session.terminal.advice(to_string(diagnostic));
  }
  if (!loaded.config) return ExitCode::usage;
  return static_cast<ExitCode>(serve(std::move(loaded.config)));
}

ExitCode run_version(Session& session) {
  if (session.common.json) {
    session.terminal.json(fmt::format(R"({{"version":"{}"}})", version));
  } else {
    session.terminal.line(fmt::format("signalbox {}", version));
  }
  return ExitCode::good;
}

}  // namespace signalbox
