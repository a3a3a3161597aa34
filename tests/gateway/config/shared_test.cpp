// What parties and teams share: trackers' keys between sources, rule files between their owners.
#include <catch2/catch.hpp>

#include "gateway/config/config.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

LoadedConfig load(const Scratch& scratch, std::string_view text, const LoadOptions& options = {}) {
  const auto variables = scratch.environment(test_environment);
  auto loaded = load_config(scratch.write("signalbox.yaml", text), variables, options);
  for (const Diagnostic& diagnostic : loaded.diagnostics) UNSCOPED_INFO(to_string(diagnostic));
  return loaded;
}

}  // namespace

TEST_CASE("a key that two trackers name is shared once", "[config]") {
  const Scratch scratch;
  const auto loaded = load(scratch, R"(
site: acme
redis: embedded
sources:
  one: {connector: linear, secrets: [{env: GITHUB_WEBHOOK_SECRET}], teams: [ENG, OPS]}
  two: {connector: linear, secrets: [{env: GITHUB_WEBHOOK_SECRET}], teams: [OPS, WEB]}
  code: {connector: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}]}
)");
  REQUIRE(loaded.config);
  const SourceConfig* code = loaded.config->find_source("code");
  REQUIRE(code != nullptr);
  CHECK(code->trackers->teams == std::vector<std::string>{"ENG", "OPS", "WEB"});
}

TEST_CASE("whose rule file was set aside is read from the broken text itself", "[config]") {
  const Scratch scratch;
  scratch.write("rules.yaml", "owner: payments\nrules:\n  - {name: pay, event: [github.push]}\n");
  LoadOptions options;
  options.lenient = true;
  const auto loaded = load(scratch, "site: acme\nredis: embedded\nrules: [rules.yaml]\n", options);
  REQUIRE(loaded.config);
  REQUIRE(loaded.config->set_aside.size() == 1);
  CHECK(loaded.config->set_aside[0].owner == "payments");
  CHECK_FALSE(loaded.config->set_aside[0].earlier);
}

}  // namespace signalbox
