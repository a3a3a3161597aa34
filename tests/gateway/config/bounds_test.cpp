// The bounds of the configuration, each from both sides: of values as bounds.txt has them, of lists
// and texts here.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <sstream>
#include <vector>

#include "gateway/config/address.hpp"
#include "gateway/config/config_file.hpp"
#include "tests/gateway/config/scratch.hpp"
#include "tests/source_tree.hpp"

namespace signalbox {
namespace {

constexpr std::string_view with_github =
    "site: acme\nredis: embedded\n"
    "sources: {github: {connector: github, secrets: [{env: GITHUB_WEBHOOK_SECRET}]}}\n";

struct Bounds {
  std::string key;
  std::string least;
  std::string below;
  std::string most;
  std::string above;
  std::vector<std::string> others;  // "hooks.request_timeout=30m"
};

std::vector<Bounds> read_bounds() {
  std::ifstream input{test::source_path("tests/gateway/config/bounds.txt")};
  std::vector<Bounds> all;
  for (std::string line; std::getline(input, line);) {
    if (line.empty() || line.starts_with('#')) continue;
    std::istringstream words{line};
    Bounds row;
    words >> row.key >> row.least >> row.below >> row.most >> row.above;
    for (std::string other; words >> other;) row.others.push_back(other);
    all.push_back(row);
  }
  return all;
}

// "hooks.max_body" and a value as a line of the environment.
std::string variable(std::string_view key, std::string_view value) {
  std::string name = "SIGNALBOX__";
  for (const char c : key) {
    name += c == '.' ? std::string{"__"} : std::string(1, static_cast<char>(std::toupper(c)));
  }
  return fmt::format("{}={}\n", name, value);
}

// What is said about a configuration, warnings aside; empty where it is taken.
std::string fault(const Scratch& scratch, std::string_view text, std::string_view variables = {}) {
  const auto environment =
      scratch.environment(std::string{test_environment} + std::string{variables});
  const auto loaded = load_config(scratch.write("signalbox.yaml", text), environment);
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (diagnostic.severity == Severity::error) return diagnostic.code + ": " + diagnostic.message;
  }
  return {};
}

// "[one, one, …]", each with its number in place of '#'.
std::string list_of(std::size_t count, std::string_view one) {
  std::string list = "[";
  for (std::size_t i = 0; i < count; ++i) {
    std::string each{one};
    if (const auto at = each.find('#'); at != std::string::npos)
      each.replace(at, 1, std::to_string(i));
    list.append(i > 0 ? ", " : "").append(each);
  }
  return list + "]";
}

}  // namespace

TEST_CASE("each value of bounds.txt is taken at its bounds and refused beyond them", "[config]") {
  const auto all = read_bounds();
  REQUIRE(all.size() > 25);
  const Scratch scratch;
  for (const Bounds& row : all) {
    std::string others;
    for (const std::string& other : row.others) {
      const std::size_t equals = other.find('=');
      others += variable(other.substr(0, equals), other.substr(equals + 1));
    }
    const auto said = [&](const std::string& value) {
      return fault(scratch, with_github, variable(row.key, value) + others);
    };
    CAPTURE(row.key);
    CHECK(said(row.least) == "");
    CHECK(said(row.most) == "");
    for (const std::string& value : {row.below, row.above}) {
      CAPTURE(value);
      CHECK(said(value).find(row.key + " must") != std::string::npos);
    }
  }
}

TEST_CASE("lists are as long as they may be, and no longer", "[config]") {
  struct Row {
    std::string_view claim;
    std::string text;  // {} stands for the list
    std::string_view one;
    std::size_t most;
    std::string_view code;
  };
  const std::string source = "site: acme\nredis: embedded\nsources: {github: {connector: github, ";
  const std::vector<Row> rows{
      {"secrets of a source", source + "secrets: {}}}\n", "{env: S#}", 16, "wrong-type"},
      {"patterns of a scope", source + "secrets: [{env: S0, scope: {}}]}}\n", "acme/r#", 256,
       "wrong-scope"},
      {"addresses", source + "secrets: [{env: S0}], allow_ips: {}}}\n", "10.0.0.1", 1000,
       "wrong-address"},
  };
  std::string secrets;
  for (int i = 0; i < 17; ++i) secrets += fmt::format("S{0}=a-secret-of-some-length-{0}\n", i);
  const Scratch scratch;
  for (const Row& row : rows) {
    CAPTURE(row.claim);
    const auto said = [&](std::size_t count) {
      std::string text = row.text;
      text.replace(text.find("{}"), 2, list_of(count, row.one));
      return fault(scratch, text, secrets);
    };
    CHECK(said(1) == "");
    CHECK(said(row.most) == "");
    CHECK(said(row.most + 1).starts_with(row.code));
    CHECK(said(0).starts_with(row.code));
  }
}

TEST_CASE("a thousand agents are taken, one more is not", "[config]") {
  const Scratch scratch;
  const auto said = [&](int count) {
    std::string text = "site: acme\nredis: embedded\nagents:\n";
    std::string tokens;
    for (int i = 0; i < count; ++i) {
      text += fmt::format("  a{0}: {{tokens: [{{env: T{0}}}]}}\n", i);
      tokens += fmt::format("T{0}=token-of-an-agent-{0}\n", i);
    }
    return fault(scratch, text, tokens);
  };
  CHECK(said(1000) == "");
  CHECK(said(1001).starts_with("wrong-type"));
}

TEST_CASE("texts are as long as they may be, and no longer", "[config]") {
  struct Row {
    std::string_view claim;
    std::string before;
    std::string after;
    char filling;
    std::size_t least;
    std::size_t most;
  };
  const std::vector<Row> rows{
      {"the site", "site: ", "\nredis: embedded\n", 's', 1, 63},
      {"the prefix of keys", "site: a\nredis: {url: \"redis://h\", prefix: ", "}\n", 'p', 1, 63},
      {"a namespace",
       "site: a\nredis: embedded\nagents: {a: {tokens: [{env: CODER_TOKEN}], namespace: ", "}}\n",
       'n', 1, 63},
      {"a socket's path", "site: a\nredis: {socket: /", "}\n", 'x', 1, 106},
      {"a key of issues",
       "site: a\nredis: embedded\nsources: {l: {connector: linear, secrets: "
       "[{env: GITHUB_WEBHOOK_SECRET}], teams: [",
       "]}}\n", 'K', 1, 32},
  };
  const Scratch scratch;
  for (const Row& row : rows) {
    CAPTURE(row.claim);
    const auto said = [&](std::size_t length) {
      return fault(scratch, row.before + std::string(length, row.filling) + row.after);
    };
    CHECK(said(row.least) == "");
    CHECK(said(row.most) == "");
    CHECK(said(row.most + 1) != "");
  }
}

TEST_CASE("tokens have 16 to 1024 characters, secrets up to 4096 bytes", "[config]") {
  const Scratch scratch;
  const std::string agent = "site: a\nredis: embedded\nagents: {a: {tokens: [{env: X}]}}\n";
  const auto token = [&](std::size_t length) {
    return fault(scratch, agent, "X=" + std::string(length, 't') + "\n");
  };
  CHECK(token(15).starts_with("token-length"));
  CHECK(token(16) == "");
  CHECK(token(1024) == "");
  CHECK(token(1025).starts_with("token-length"));
  const auto secret = [&](std::size_t length) {
    scratch.write("secret", std::string(length, 's') + "\n");
    return fault(scratch,
                 "site: a\nredis: embedded\n"
                 "sources: {s: {connector: github, secrets: [{file: secret}]}}\n");
  };
  CHECK(secret(4096) == "");
  CHECK(secret(4097).starts_with("secret-unusable"));
}

TEST_CASE("a file of the configuration has at most a mebibyte", "[config]") {
  const Scratch scratch;
  const std::string start = "site: a\nredis: embedded\n#";
  const auto said = [&](std::size_t bytes) {
    return fault(scratch, start + std::string(bytes - start.size(), 'x'));
  };
  CHECK(said(1024 * 1024) == "");
  CHECK(said(1024 * 1024 + 1).starts_with("unreadable"));
}

TEST_CASE("a thousand files of rules are taken, one more is not", "[config]") {
  const Scratch scratch;
  const std::string text = "site: a\nredis: embedded\nrules: [rules/*.yaml]\n";
  for (int i = 0; i < 1000; ++i) scratch.write(fmt::format("rules/{}.yaml", i), "rules: []\n");
  CHECK(fault(scratch, text) == "");
  scratch.write("rules/one-more.yaml", "rules: []\n");
  CHECK(fault(scratch, text).starts_with("too-many-files"));
}

TEST_CASE("a database of Redis is 0 to 65535", "[config]") {
  CHECK(parse_redis_url("redis://h/65535").has_value());
  CHECK_FALSE(parse_redis_url("redis://h/65536").has_value());
  CHECK(parse_redis_url("unix:///s?db=65535").has_value());
  CHECK_FALSE(parse_redis_url("unix:///s?db=65536").has_value());
  const auto socket = [](std::size_t bytes) {
    return parse_redis_url("unix:///" + std::string(bytes - 1, 's')).has_value();
  };
  CHECK(socket(107));
  CHECK_FALSE(socket(108));
}

TEST_CASE("of X-Forwarded-For thirty-two hops are believed", "[config]") {
  AddressList proxies;
  REQUIRE(proxies.add("10.0.0.0/8").has_value());
  const auto client = [&](int trusted) {
    std::string hops = "192.0.2.9";
    for (int i = 1; i < trusted; ++i) hops += ", 10.0.0.1";
    const std::vector<Headers::Field> fields{{"X-Forwarded-For", hops}};
    const auto found = client_address("10.0.0.2", Headers{fields}, proxies);
    return found ? to_string(*found) : std::string{};
  };
  CHECK(client(32) == "192.0.2.9");
  CHECK(client(33) == "10.0.0.1");
}

}  // namespace signalbox
