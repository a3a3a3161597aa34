// schema: what editors check files by.
#include "gateway/cli/schema.hpp"
#include "gateway/cli/commands.hpp"

namespace signalbox {

ExitCode run_schema(Invocation& invocation, const SchemaOptions& options) {
  invocation.terminal.own_text(options.what == "config" ? config_schema : rules_schema);
  return ExitCode::good;
}

}  // namespace signalbox
