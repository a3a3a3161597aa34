// names, completion, man: what shells and manuals are made from.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>
#include <set>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/completion.hpp"
#include "gateway/cli/man_page.hpp"

namespace signalbox {
namespace {

Attempt<std::set<std::string>> names_of(const std::string& what, const Config& config) {
  std::set<std::string> names;
  if (what == "sources") {
    for (const SourceConfig& source : config.sources) names.insert(source.name);
    return names;
  }
  if (what != "agents" && what != "recipients") {
    return Failure{ExitCode::usage, "names are of agents, sources or recipients", {}};
  }
  for (const AgentConfig& agent : config.agents) {
    names.insert(agent.name);
    if (what == "agents") continue;
    for (const std::string& topic : agent.topics) names.insert("topic:" + topic);
  }
  return names;
}

}  // namespace

ExitCode run_names(Invocation& invocation, const NamesOptions& options) {
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return fail(invocation, installation.error());
  // Pressing Tab must not wait for rules to be compiled, nor need secrets.
  const auto config = installation->load({.need_secrets = false, .with_rules = false});
  if (!config) return fail(invocation, config.error());
  const auto names = names_of(options.what, **config);
  if (!names) return fail(invocation, names.error());
  if (invocation.common.json) {
    const boost::json::array list(names->begin(), names->end());
    invocation.terminal.json(boost::json::serialize(boost::json::object{{"names", list}}));
    return ExitCode::good;
  }
  for (const std::string& name : *names) invocation.terminal.line(printable(name));
  return ExitCode::good;
}

ExitCode run_completion(Invocation& invocation, const CompletionOptions& options) {
  if (options.shell != "bash") {
    return fail(
        invocation,
        {ExitCode::usage, fmt::format("no completion for '{}' (known: bash)", options.shell), {}});
  }
  const CommandLine line;
  invocation.terminal.own_text(bash_completion(line));
  return ExitCode::good;
}

ExitCode run_man(Invocation& invocation) {
  const CommandLine line;
  invocation.terminal.own_text(man_page(line));
  return ExitCode::good;
}

}  // namespace signalbox
