// schema: what editors check files by. The texts are docs/schema/*.json as they were when this
// binary was built: JSON Schema draft-07, which editors understand best.
// https://json-schema.org/draft-07/json-schema-validation
#include "gateway/cli/command/schema_texts.hpp"
#include "gateway/cli/contract/command.hpp"

namespace signalbox {
namespace {

struct SchemaOptions {
  std::string what = "rules";  // or config
};

ExitCode run_schema(Invocation& invocation, const SchemaOptions& options) {
  invocation.terminal.own_text(options.what == "config" ? config_schema : rules_schema);
  return ExitCode::good;
}

}  // namespace

namespace commands {

extern constinit const Command schema;
constinit const Command schema{
    .name = "schema",
    .group = group::gateway,
    .summary = "Print the JSON Schema of rule files or of the configuration",
    .details = "For editors: JSON Schema draft-07, as docs/schema/ has it. `check` knows more.",
    .examples = {{{"signalbox schema rules", "of rule files"},
                  {"signalbox schema config", "of signalbox.yaml"}}},
    .json = {{{.what = "a JSON Schema, with or without `--json`"}}},
    .arguments = {{{.name = "what",
                    .value = {"SCHEMA", Offer::words, "rules config"},
                    .help = "rules or config; default rules",
                    .into = into<&SchemaOptions::what>,
                    .only_words = true}}},
    .action = action<run_schema>,
};

}  // namespace commands
}  // namespace signalbox
