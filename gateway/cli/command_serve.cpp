// serve: the gateway itself. version: which one.
#include <fmt/format.h>

#include "gateway/cli/commands.hpp"
#include "gateway/serve.hpp"
#include "gateway/version.hpp"

namespace signalbox {

ExitCode run_serve(Invocation& invocation) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  if (installation->config_path().empty()) {
    return fail(invocation, {ExitCode::usage, "no configuration found",
                             "signalbox serve --config signalbox.yaml"});
  }
  auto loaded = load_config(installation->config_path(), installation->environment());
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    invocation.terminal.advice(to_string(diagnostic));
  }
  if (!loaded.config) return ExitCode::usage;
  return static_cast<ExitCode>(serve(std::move(loaded.config)));
}

ExitCode run_version(Invocation& invocation) {
  if (invocation.common.json) {
    invocation.terminal.json(fmt::format(R"({{"version":"{}"}})", version));
  } else {
    invocation.terminal.line(fmt::format("signalbox {}", version));
  }
  return ExitCode::good;
}

}  // namespace signalbox
