// Which secrets a connector takes for keys is said where the configuration is read.
#include "gateway/config/secrets.hpp"

#include <catch2/catch.hpp>

#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

NewKey picky_key(std::string_view secret) {
  if (secret.starts_with("whsec_")) return hmac_sha256_key(secret.substr(6));
  return Error{Reason::invalid_argument, "it must begin with 'whsec_'"};
}

constexpr Connector picky{.name = "picky",
                          .delivery_header = "X-Delivery",
                          .answer_deadline = Milliseconds{1},
                          .deduplicate_id = Milliseconds{1},
                          .deduplicate_digest = Milliseconds{1},
                          .make_key = picky_key,
                          .check_signature = nullptr,
                          .parse = nullptr,
                          .sign = nullptr};

struct KeysRead {
  std::vector<Secret> keys;
  std::vector<std::string> said;
};

KeysRead read_two(const Connector* connector, bool needed) {
  const Scratch scratch;
  const Environment environment =
      scratch.environment("GOOD=whsec_a-secret-of-enough-bytes\nBAD=hunter2-hunter2-hunter2\n");
  std::vector<Diagnostic> diagnostics;
  YamlFile file{"signalbox.yaml", diagnostics};
  const YAML::Node root = file.parse("secrets:\n  - {env: GOOD}\n  - {env: BAD}\n");
  SecretReader reader{file, environment, scratch.path("."), needed};
  KeysRead found;
  found.keys = reader.read_keys(root["secrets"], "sources.pay.secrets", connector);
  for (const Diagnostic& each : diagnostics) found.said.push_back(to_string(each));
  return found;
}

TEST_CASE("a secret that is none for its connector is an error at its place", "[config]") {
  const KeysRead found = read_two(&picky, true);
  REQUIRE(found.keys.size() == 1);
  CHECK(found.keys.front().origin == "env GOOD");
  REQUIRE(found.said.size() == 1);
  CHECK(found.said.front() ==
        "signalbox.yaml:3:5: error: a secret of sources.pay.secrets (env BAD) is none for the "
        "connector 'picky': it must begin with 'whsec_' [secret-unusable]");
}

TEST_CASE("where secrets are not needed such a secret is a warning and left out", "[config]") {
  const KeysRead found = read_two(&picky, false);
  CHECK(found.keys.size() == 1);
  REQUIRE(found.said.size() == 1);
  CHECK(found.said.front().find(": warning: ") != std::string::npos);
}

TEST_CASE("a secret of a connector that is unknown or takes any bytes is taken", "[config]") {
  CHECK(read_two(nullptr, true).keys.size() == 2);
  CHECK(read_two(find_connector("github"), true).keys.size() == 2);
}

// How many secrets are read of a list, and whether anything was said.
struct SecretCount {
  std::size_t keys = 0;
  bool quiet = false;
};

SecretCount count_keys(const std::string& list, const std::string& environment) {
  const Scratch scratch;
  const Environment variables = scratch.environment(environment);
  std::vector<Diagnostic> diagnostics;
  YamlFile file{"signalbox.yaml", diagnostics};
  const YAML::Node root = file.parse("list: " + list + "\n");
  SecretReader reader{file, variables, scratch.path("."), true};
  const auto keys = reader.read_keys(root["list"], "x", find_connector("github"));
  return {keys.size(), diagnostics.empty()};
}

// Of which nothing is said that it repeats itself.
std::string varied(std::size_t size) {
  std::string text;
  while (text.size() < size)
    text += static_cast<char>('a' + (text.size() * 7 + text.size() / 26) % 26);
  return text;
}

SecretCount count_tokens(std::size_t characters) {
  const Scratch scratch;
  const Environment variables = scratch.environment("T=" + varied(characters) + "\n");
  std::vector<Diagnostic> diagnostics;
  YamlFile file{"signalbox.yaml", diagnostics};
  const YAML::Node root = file.parse("list: [{env: T}]\n");
  SecretReader reader{file, variables, scratch.path("."), true};
  return {reader.read_tokens(root["list"], "x").size(), diagnostics.empty()};
}

TEST_CASE("a source has 16 secrets at most, of 4096 bytes each, and a scope of 256 patterns",
          "[config]") {
  const auto many = [](std::size_t n) {
    std::string list;
    std::string environment;
    for (std::size_t i = 0; i < n; ++i) {
      list += (list.empty() ? "{env: S" : ", {env: S") + std::to_string(i) + "}";
      environment +=
          "S" + std::to_string(i) + "=a-secret-of-enough-bytes-" + std::to_string(i) + "\n";
    }
    return count_keys("[" + list + "]", environment);
  };
  CHECK(many(16).keys == 16);
  CHECK(many(16).quiet);
  CHECK_FALSE(many(17).quiet);

  const auto long_one = [](std::size_t n) {
    return count_keys("[{env: S}]", "S=" + varied(n) + "\n");
  };
  CHECK(long_one(4096).keys == 1);
  CHECK(long_one(4097).keys == 0);
  CHECK_FALSE(long_one(4097).quiet);
  CHECK(long_one(16).quiet);
  CHECK(long_one(15).keys == 1);
  CHECK_FALSE(long_one(15).quiet);  // it can be guessed

  const auto scoped = [](std::size_t n) {
    std::string scope;
    for (std::size_t i = 0; i < n; ++i) scope += (scope.empty() ? "a" : ", a") + std::to_string(i);
    return count_keys("[{env: S, scope: [" + scope + "]}]", "S=a-secret-of-enough-bytes\n");
  };
  CHECK(scoped(256).keys == 1);
  CHECK(scoped(257).keys == 0);
}

TEST_CASE("a token has 16 to 1024 characters", "[config]") {
  CHECK(count_tokens(15).keys == 0);
  CHECK(count_tokens(16).keys == 1);
  CHECK(count_tokens(1024).keys == 1);
  CHECK(count_tokens(1025).keys == 0);
  CHECK(count_tokens(1024).quiet);
}

}  // namespace
}  // namespace signalbox
