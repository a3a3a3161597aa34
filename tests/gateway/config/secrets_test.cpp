// Which secrets a connector takes for keys is said where the configuration is read.
#include "gateway/config/secrets.hpp"

#include <catch2/catch.hpp>

#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

NewKey make_key(std::string_view secret) {
  if (secret.starts_with("whsec_")) return hmac_sha256_key(secret.substr(6));
  return Error{Reason::invalid_argument, "it must begin with 'whsec_'"};
}

constexpr Connector picky{.name = "picky",
                          .delivery_header = "X-Delivery",
                          .answer_deadline = Milliseconds{1},
                          .deduplicate_id = Milliseconds{1},
                          .deduplicate_digest = Milliseconds{1},
                          .make_key = make_key,
                          .check_signature = nullptr,
                          .parse = nullptr,
                          .sign = nullptr};

struct Read {
  std::vector<Secret> keys;
  std::vector<std::string> said;
};

Read read(const Connector* connector, bool needed) {
  const Scratch scratch;
  const Environment environment =
      scratch.environment("GOOD=whsec_a-secret-of-enough-bytes\nBAD=hunter2-hunter2-hunter2\n");
  std::vector<Diagnostic> diagnostics;
  YamlFile file{"signalbox.yaml", diagnostics};
  const YAML::Node root = file.parse("secrets:\n  - {env: GOOD}\n  - {env: BAD}\n");
  SecretReader reader{file, environment, scratch.path("."), needed};
  Read found;
  found.keys = reader.read_keys(root["secrets"], "sources.pay.secrets", connector);
  for (const Diagnostic& each : diagnostics) found.said.push_back(to_string(each));
  return found;
}

TEST_CASE("a secret that is none for its connector is an error at its place", "[config]") {
  const Read found = read(&picky, true);
  REQUIRE(found.keys.size() == 1);
  CHECK(found.keys.front().origin == "env GOOD");
  REQUIRE(found.said.size() == 1);
  CHECK(found.said.front() ==
        "signalbox.yaml:3:5: error: a secret of sources.pay.secrets (env BAD) is none for the "
        "connector 'picky': it must begin with 'whsec_' [secret-unusable]");
}

TEST_CASE("where secrets are not needed such a secret is a warning and left out", "[config]") {
  const Read found = read(&picky, false);
  CHECK(found.keys.size() == 1);
  REQUIRE(found.said.size() == 1);
  CHECK(found.said.front().find(": warning: ") != std::string::npos);
}

TEST_CASE("a secret of a connector that is unknown or takes any bytes is taken", "[config]") {
  CHECK(read(nullptr, true).keys.size() == 2);
  CHECK(read(find_connector("github"), true).keys.size() == 2);
}

}  // namespace
}  // namespace signalbox
