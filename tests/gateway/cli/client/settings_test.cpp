// Where a command finds the configuration, the server and its token.
#include <catch2/catch.hpp>

#include "gateway/cli/client/settings.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

constexpr std::string_view two_agents = R"(
site: acme
redis: embedded
hooks: {listen: "127.0.0.1:18080"}
api: {listen: "0.0.0.0:18081"}
agents:
  reviewer: {tokens: [{env: REVIEWER_TOKEN}]}
  coder: {tokens: [{env: CODER_TOKEN}]}
operators:
  - {name: ops, tokens: [{env: OPERATOR_TOKEN}]}
)";

CommandResult<Caller> caller_of(const CommonOptions& options, const Environment& environment,
                                Role role, const std::string& agent = {}) {
  const auto installation = Installation::find(options, environment);
  if (!installation) return installation.error();
  return find_caller(*installation, options, role, agent);
}

// An environment with nothing of this machine's user in it.
Environment user_of(const Scratch& scratch, std::string_view lines = {}) {
  return scratch.environment("XDG_CONFIG_HOME=" + scratch.path("config") + "\n" +
                             std::string{lines});
}

TEST_CASE("the profile leads to the configuration and its tokens", "[cli][settings]") {
  Scratch scratch;
  const auto config = scratch.write("signalbox.yaml", two_agents);
  const auto variables = scratch.write("env", test_environment);
  scratch.write("config/signalbox/profile.yaml",
                "config: '" + config + "'\nenv_file: '" + variables + "'\n");
  const auto caller = caller_of({}, user_of(scratch), Role::agent, "reviewer");
  REQUIRE(caller.has_value());
  CHECK(caller->url == "http://127.0.0.1:18081");
  CHECK(caller->token == "reviewer-token-0001");
  CHECK(caller->agent == "reviewer");
  CHECK_FALSE(caller->name_agent);
  const auto operator_caller = caller_of({}, user_of(scratch), Role::operator_);
  REQUIRE(operator_caller.has_value());
  CHECK(operator_caller->token == "operator-token-0003");
}

TEST_CASE("another configuration than the profile's does not get its environment file",
          "[cli][settings]") {
  Scratch scratch;
  const auto config = scratch.write("signalbox.yaml", two_agents);
  const auto other = scratch.write("other.yaml", two_agents);
  const auto variables = scratch.write("env", test_environment);
  scratch.write("config/signalbox/profile.yaml",
                "config: '" + config + "'\nenv_file: '" + variables + "'\n");
  CommonOptions options;
  options.config = other;
  const auto refused = caller_of(options, user_of(scratch), Role::agent, "reviewer");
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().text == "no token of agent reviewer can be read here");
  options.config = config;
  CHECK(caller_of(options, user_of(scratch), Role::agent, "reviewer").has_value());
  options.config = other;
  options.env_file = variables;
  CHECK(caller_of(options, user_of(scratch), Role::agent, "reviewer").has_value());
}

TEST_CASE("a wrong profile is reported with its place", "[cli][settings]") {
  Scratch scratch;
  scratch.write("config/signalbox/profile.yaml", "config: relative.yaml\n");
  const auto relative = Installation::find({}, user_of(scratch));
  REQUIRE_FALSE(relative.has_value());
  CHECK(relative.error().text == scratch.path("config/signalbox/profile.yaml") +
                                     ":1:9: error: config must be an absolute path [wrong-type]");
  scratch.write("config/signalbox/profile.yaml", "conf: /x\n");
  CHECK_FALSE(Installation::find({}, user_of(scratch)).has_value());
}

TEST_CASE("of a server and its token the one that is missing is named", "[cli][settings]") {
  Scratch scratch;
  const auto no_token =
      caller_of({}, user_of(scratch, "SIGNALBOX_URL=http://gateway:1\n"), Role::operator_);
  REQUIRE_FALSE(no_token.has_value());
  CHECK(no_token.error().text.find("no token for this server") != std::string::npos);
  CHECK(no_token.error().hint.find("SIGNALBOX_TOKEN") != std::string::npos);
  const auto no_url =
      caller_of({}, user_of(scratch, "SIGNALBOX_TOKEN=a-token-of-my-own\n"), Role::operator_);
  REQUIRE_FALSE(no_url.has_value());
  CHECK(no_url.error().text.find("no server for this token") != std::string::npos);
  const auto neither = caller_of({}, user_of(scratch), Role::operator_);
  REQUIRE_FALSE(neither.has_value());
  CHECK(neither.error().text == "no configuration found");
}

TEST_CASE("SIGNALBOX_URL and SIGNALBOX_TOKEN are enough without a configuration",
          "[cli][settings]") {
  Scratch scratch;
  const auto environment =
      user_of(scratch, "SIGNALBOX_URL=http://gateway:1\nSIGNALBOX_TOKEN=a-token-of-my-own\n");
  CommonOptions options;
  options.config = scratch.path("is-not-even-there.yaml");
  const auto caller = caller_of(options, environment, Role::agent);
  REQUIRE(caller.has_value());
  CHECK(caller->url == "http://gateway:1");
  CHECK(caller->token == "a-token-of-my-own");
  CHECK_FALSE(caller->name_agent);
  const auto named = caller_of(options, environment, Role::agent, "coder");
  REQUIRE(named.has_value());
  CHECK(named->name_agent);
}

TEST_CASE("flags win over variables", "[cli][settings]") {
  Scratch scratch;
  const auto environment =
      user_of(scratch, "SIGNALBOX_URL=http://gateway:1\nSIGNALBOX_TOKEN=a-token-of-my-own\n");
  CommonOptions options;
  options.url = "http://other:2";
  options.token_file = scratch.write("token", "a-token-from-a-file\n");
  const auto caller = caller_of(options, environment, Role::agent);
  REQUIRE(caller.has_value());
  CHECK(caller->url == "http://other:2");
  CHECK(caller->token == "a-token-from-a-file");
}

TEST_CASE("whose mailbox is meant must be said when there are several", "[cli][settings]") {
  Scratch scratch;
  CommonOptions options;
  options.config = scratch.write("signalbox.yaml", two_agents);
  const auto environment = user_of(scratch, test_environment);
  const auto unclear = caller_of(options, environment, Role::agent);
  REQUIRE_FALSE(unclear.has_value());
  CHECK(unclear.error().code == ExitCode::usage);
  CHECK(unclear.error().text == "whose mailbox? name one with --agent: reviewer, coder");
  const auto wrong = caller_of(options, environment, Role::agent, "codr");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().text == "no agent 'codr' in " + options.config +
                                  "; did you mean 'coder'? (known: reviewer, coder)");
  options.config = scratch.write("one.yaml",
                                 "site: acme\nredis: embedded\n"
                                 "agents: {only: {tokens: [{env: CODER_TOKEN}]}}\n");
  const auto only = caller_of(options, environment, Role::agent);
  REQUIRE(only.has_value());
  CHECK(only->agent == "only");
}

TEST_CASE("a configuration cannot send a token to another machine", "[cli][settings]") {
  Scratch scratch;
  CommonOptions options;
  // TEST-NET-1 of RFC 5737: nobody's address.
  options.config = scratch.write("signalbox.yaml",
                                 "site: acme\nredis: embedded\napi: {listen: '192.0.2.1:80'}\n"
                                 "agents: {only: {tokens: [{env: CODER_TOKEN}]}}\n");
  const auto caller = caller_of(options, user_of(scratch, test_environment), Role::agent);
  REQUIRE_FALSE(caller.has_value());
  CHECK(caller.error().text == "api.listen 192.0.2.1 is no address of this machine");
  const auto own_token = caller_of(
      options,
      user_of(scratch, "CODER_TOKEN=coder-token-00000002\nSIGNALBOX_TOKEN=a-token-of-my-own\n"),
      Role::agent);
  CHECK_FALSE(own_token.has_value());
}

TEST_CASE("a port that is only known at run time has to be named", "[cli][settings]") {
  Scratch scratch;
  CommonOptions options;
  options.config = scratch.write("signalbox.yaml",
                                 "site: acme\nredis: embedded\napi: {listen: '127.0.0.1:0'}\n"
                                 "agents: {only: {tokens: [{env: CODER_TOKEN}]}}\n");
  const auto caller = caller_of(options, user_of(scratch, test_environment), Role::agent);
  REQUIRE_FALSE(caller.has_value());
  CHECK(caller.error().text == "api.listen has port 0, so the server's port is not known here");
}

TEST_CASE("a token's file is read up to 4096 bytes, a profile up to 64 KiB",
          "[cli][settings][limits]") {
  Scratch scratch;
  CommonOptions options;
  options.url = "http://other:2";
  const auto with_token_of = [&](std::size_t bytes) {
    options.token_file = scratch.write("token", std::string(bytes, 'x'));
    return caller_of(options, user_of(scratch), Role::agent).has_value();
  };
  CHECK(with_token_of(4'096));
  CHECK_FALSE(with_token_of(4'097));
  const auto with_profile_of = [&](std::size_t bytes) {
    const std::string line = "config: /x.yaml\n#";
    scratch.write("config/signalbox/profile.yaml", line + std::string(bytes - line.size(), '-'));
    return read_profile(user_of(scratch)).has_value();
  };
  CHECK(with_profile_of(std::size_t{64} * 1024));
  CHECK_FALSE(with_profile_of(std::size_t{64} * 1024 + 1));
}

}  // namespace
}  // namespace signalbox
