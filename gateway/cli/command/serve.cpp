// serve: the gateway itself. version: which one.
#include <fmt/format.h>

#include "gateway/cli/commands.hpp"
#include "gateway/serve.hpp"
#include "gateway/telemetry/version.hpp"

namespace signalbox {
namespace {

// The configuration with the environment file of now, which may have changed since the start.
LoadedConfig load_installation(const CommonOptions& options, const Environment& process,
                               const LoadOptions& how) {
  const auto found = Installation::find(options, process);
  if (!found) {
    LoadedConfig failed;
    failed.diagnostics.push_back(
        {options.config, 0, 0, Severity::error, "unreadable", found.error().text});
    return failed;
  }
  LoadedConfig loaded = load_config(found->config_path(), found->environment(), how);
  if (!found->env_file().empty()) loaded.inputs.files.push_back(found->env_file());
  return loaded;
}

}  // namespace

ExitCode run_serve(Invocation& invocation, const ServeOptions& options) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  if (installation->config_path().empty()) {
    return fail(invocation, {ExitCode::usage, "no configuration found",
                             "signalbox serve --config signalbox.yaml"});
  }
  const auto good = std::make_shared<std::shared_ptr<const Config>>();
  const auto load = [common = invocation.common, process = invocation.process,
                     lenient = options.lenient, good] {
    LoadOptions how;
    how.lenient = lenient;
    how.before = good->get();
    LoadedConfig loaded = load_installation(common, process, how);
    if (loaded.config) *good = loaded.config;
    return loaded;
  };
  LoadedConfig first = load();
  for (const Diagnostic& diagnostic : first.diagnostics) {
    invocation.terminal.advice(to_string(diagnostic));
  }
  if (!first.config) return ExitCode::usage;
  for (const SetAside& aside : first.config->set_aside) {
    invocation.terminal.advice(to_string(aside));
  }
  return static_cast<ExitCode>(serve(std::move(first), load));
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
