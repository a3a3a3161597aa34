// serve: the gateway itself.
#include "gateway/serve.hpp"

#include <fmt/format.h>

#include "gateway/cli/client/settings.hpp"
#include "gateway/config/secret_doubts.hpp"

namespace signalbox {
namespace {

struct ServeOptions {
  bool lenient = false;  // a broken rule file is set aside, and keeps no other from its work
  bool allow_empty_store = false;
};

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

ExitCode run_serve(Invocation& invocation, const ServeOptions& options) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  if (installation->config_path().empty()) {
    return fail(invocation,
                usage_failure("no configuration found", "signalbox serve --config signalbox.yaml"));
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
  if (const auto root = root_warning(); !root.empty())
    invocation.terminal.advice(fmt::format("warning: the gateway {}", root));
  for (const SetAside& aside : first.config->set_aside) {
    invocation.terminal.advice(to_string(aside));
  }
  return static_cast<ExitCode>(serve(std::move(first), load, {options.allow_empty_store}));
}

}  // namespace

namespace commands {

extern constinit const Command serve;
constinit const Command serve{
    .name = "serve",
    .group = group::gateway,
    .summary = "Run the gateway",
    .details =
        "Runs in the foreground and logs to standard error. SIGHUP reads the configuration "
        "again, SIGTERM drains and ends.",
    .examples = {{{"signalbox serve --config signalbox.yaml --env-file env",
                   "with the secrets of a file"}}},
    .json = {{{.what = "nothing: it logs to standard error"}}},
    .options = {{{.name = "--lenient",
                  .help = "Go on without a broken rule file, or with its last good version",
                  .into = into<&ServeOptions::lenient>},
                 {.name = "--allow-empty-store",
                  .help = "Start although the store has lost what was acknowledged",
                  .into = into<&ServeOptions::allow_empty_store>}}},
    .action = action<run_serve>,
};

}  // namespace commands
}  // namespace signalbox
