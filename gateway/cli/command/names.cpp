// names: the names of the configuration, for completion.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "gateway/cli/client/gateway_call.hpp"

namespace signalbox {
namespace {

struct NamesOptions {
  std::string what;  // agents, sources, recipients
};

CommandResult<std::set<std::string>> names_of(const std::string& what, const Config& config) {
  std::set<std::string> names;
  if (what == "sources") {
    for (const SourceConfig& source : config.sources) names.insert(source.name);
    return names;
  }
  if (what != "agents" && what != "recipients") {
    return usage_failure(
        fmt::format("no names of '{}': names are of agents, sources or "
                    "recipients",
                    what));
  }
  for (const AgentConfig& agent : config.agents) {
    names.insert(agent.name);
    if (what == "agents") continue;
    for (const std::string& topic : agent.topics) names.insert("topic:" + topic);
  }
  return names;
}

ExitCode run_names(Invocation& invocation, const NamesOptions& options) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  // Pressing Tab must not wait for rules to be compiled, nor need secrets.
  const auto config = installation->load({.need_secrets = false, .with_rules = false});
  if (!config) return fail(invocation, config.error());
  const auto names = names_of(options.what, **config);
  if (!names) return fail(invocation, names.error());
  const boost::json::object made{{"names", boost::json::array(names->begin(), names->end())}};
  tell(invocation, made, [&](Invocation&, const boost::json::value&) {
    for (const std::string& name : *names) invocation.terminal.line(printable(name));
  });
  return ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command names;
constinit const Command names{
    .name = "names",
    .summary = "Names of the configuration, for completion",
    .arguments = {{{.name = "what",
                    .value = {"NAMES", Offer::words, "agents sources recipients"},
                    .help = "agents, sources or recipients",
                    .into = into<&NamesOptions::what>,
                    .required = true}}},
    .action = action<run_names>,
};

}  // namespace commands
}  // namespace signalbox
