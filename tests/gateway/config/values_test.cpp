// What a configuration that is right becomes.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>

#include "gateway/config/address.hpp"
#include "gateway/config/config.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::string_view small = "site: acme\nredis: embedded\n";

std::shared_ptr<const Config> load(const Scratch& scratch, std::string_view text,
                                   std::string_view environment = {}) {
  const auto variables =
      scratch.environment(std::string{test_environment} + std::string{environment});
  const auto loaded = load_config(scratch.write("signalbox.yaml", text), variables);
  for (const Diagnostic& diagnostic : loaded.diagnostics) UNSCOPED_INFO(to_string(diagnostic));
  return loaded.config;
}

TEST_CASE("data_dir counts from the file, wherever a command is started", "[config]") {
  Scratch scratch;
  const std::string text{small};
  CHECK(load(scratch, text)->data_dir == scratch.path("signalbox-data"));
  CHECK(load(scratch, text + "data_dir: ./store\n")->data_dir == scratch.path("store"));
  CHECK(load(scratch, text + "data_dir: a/../b\n")->data_dir == scratch.path("b"));
  CHECK(load(scratch, text, "SIGNALBOX__DATA_DIR=here\n")->data_dir == scratch.path("here"));
  CHECK(load(scratch, text + "data_dir: /var/lib/x\n")->data_dir == "/var/lib/x");
}

TEST_CASE("data at the place where it was relative to before is not left behind", "[config]") {
  namespace fs = std::filesystem;
  Scratch scratch;
  const std::string name = "data-of-before-" + std::to_string(::getpid());
  const std::string text = std::string{small} + "data_dir: " + name + "\n";
  const Environment environment = scratch.environment(test_environment);
  const std::string file = scratch.write("signalbox.yaml", text);
  fs::create_directories(fs::path{name} / "appendonlydir");
  const LoadedConfig moved = load_config(file, environment);
  fs::create_directories(scratch.path(name));
  const LoadedConfig there = load_config(file, environment);
  fs::remove_all(name);
  CHECK(moved.config == nullptr);
  REQUIRE(moved.diagnostics.size() == 1);
  CHECK(moved.diagnostics.front().code == "moved");
  CHECK(moved.diagnostics.front().line == 3);
  CHECK(there.config != nullptr);
}

TEST_CASE("what is not written has its default", "[config]") {
  Scratch scratch;
  const auto config = load(scratch, small);
  REQUIRE(config);
  CHECK(config->hooks.listen.host == "0.0.0.0");
  CHECK(config->hooks.listen.port == 8080);
  CHECK(config->api.listen.host == "127.0.0.1");
  CHECK(config->api.listen.port == 8081);
  CHECK(config->hooks.max_body == 25U * 1024 * 1024);
  CHECK(config->hooks.max_header == 32U * 1024);
  CHECK(config->hooks.max_connections == 10000);
  CHECK(config->hooks.header_timeout == seconds{10});
  CHECK(config->hooks.request_timeout == seconds{30});
  CHECK(config->hooks.idle_timeout == seconds{75});
  CHECK(config->hooks.connection_timeout == std::chrono::hours{1});
  CHECK(config->redis.embedded);
  CHECK(config->redis.prefix == "sb1");
  CHECK(config->threads >= 1);
  CHECK(config->visibility == minutes{5});
  CHECK(config->log_level == "info");
  CHECK(config->log_format == "auto");
  CHECK(std::filesystem::path{config->data_dir}.is_absolute());
}

TEST_CASE("only a gateway that shares its Redis waits for balancers, and not for long",
          "[config]") {
  struct Row {
    std::string_view text;
    Milliseconds delay;
  };
  for (const Row& row :
       {Row{"redis: embedded\n", seconds{0}},
        Row{"redis: {url: \"redis://127.0.0.1\"}\n", seconds{5}},
        Row{"redis: {url: \"redis://127.0.0.1\"}\ndrain_timeout: 4s\n", seconds{2}},
        Row{"redis: {url: \"redis://127.0.0.1\"}\ndrain: {delay: 0s}\n", seconds{0}},
        Row{"redis: embedded\ndrain: {delay: 10s}\n", seconds{10}}}) {
    CAPTURE(row.text);
    Scratch scratch;
    const auto config = load(scratch, "site: acme\n" + std::string{row.text});
    REQUIRE(config);
    CHECK(config->drain_delay == row.delay);
  }
}

TEST_CASE("a full configuration arrives in its fields", "[config]") {
  Scratch scratch;
  const auto config = load(scratch, R"(
site: acme
threads: 3
hooks: {listen: "[::]:9000", max_body: 1MiB, max_connections: 7}
api: {listen: "127.0.0.1:0", idle_timeout: 5s}
redis: {url: "redis://redis.internal:6380/", prefix: sb2}
data_dir: /var/lib/signalbox
sources:
  github:
    connector: github
    secrets: [{env: GITHUB_WEBHOOK_SECRET}]
    deduplicate: {id: 24h, digest: off}
    answer_deadline: 4s
agents:
  reviewer: {tokens: [{env: REVIEWER_TOKEN}], topics: [pull-requests, all]}
  coder: {tokens: [{env: CODER_TOKEN}], topics: [all], may_send: [assign]}
operators:
  - {name: ops, tokens: [{env: OPERATOR_TOKEN}]}
mailboxes: {visibility: 90s, max_deliveries: 3, max_messages: 10, max_bytes: 2MiB}
events: {keep: 2d}
drain_timeout: 3s
drain: {delay: 1s}
log: {level: debug, format: json}
)");
  REQUIRE(config);
  CHECK(config->threads == 3);
  CHECK(config->hooks.listen.host == "::");
  CHECK(config->hooks.listen.port == 9000);
  CHECK(config->hooks.max_body == 1024U * 1024);
  CHECK(config->hooks.max_connections == 7);
  CHECK(config->api.idle_timeout == seconds{5});
  CHECK_FALSE(config->redis.embedded);
  CHECK(config->redis.host == "redis.internal");
  CHECK(config->redis.port == 6380);
  CHECK(config->redis.prefix == "sb2");
  CHECK(config->data_dir == "/var/lib/signalbox");
  const SourceConfig* source = config->find_source("github");
  REQUIRE(source);
  CHECK(source->secrets.front().value == "a-webhook-secret-of-32-characters");
  CHECK(source->secrets.front().origin == "env GITHUB_WEBHOOK_SECRET");
  CHECK(source->deduplicate_id == hours{24});
  CHECK(source->deduplicate_digest == Milliseconds{0});
  CHECK(source->answer_deadline == seconds{4});
  const AgentConfig* coder = config->find_agent("coder");
  REQUIRE(coder);
  CHECK(coder->may_send == std::vector{MessageKind::assign});
  CHECK(recipients_of(*config).topics.at("all") == std::vector<std::string>{"reviewer", "coder"});
  CHECK(config->operators.front().name == "ops");
  CHECK(config->max_deliveries == 3);
  CHECK(config->mailbox_max == 10);
  CHECK(config->mailbox_bytes_max == 2U * 1024 * 1024);
  CHECK(config->mailbox_room().messages == 10);
  CHECK(config->mailbox_room().bytes == config->mailbox_bytes_max);
  CHECK(config->keep_events == hours{48});
  CHECK(config->drain_timeout == seconds{3});
  CHECK(config->drain_delay == seconds{1});
  CHECK(config->find_source("none") == nullptr);
}

TEST_CASE("a variable wins over the file, in every place", "[config]") {
  Scratch scratch;
  const auto config = load(scratch, R"(
site: acme
hooks: {listen: "127.0.0.1:1", max_body: 1MiB}
redis: embedded
agents:
  code-reviewer: {tokens: [{env: REVIEWER_TOKEN}]}
operators:
  - {name: ops, tokens: [{env: OPERATOR_TOKEN}]}
)",
                           "SIGNALBOX__HOOKS__LISTEN=[::1]:9\n"
                           "SIGNALBOX__REDIS__URL=redis://127.0.0.1:7777\n"
                           "SIGNALBOX__DATA_DIR=/data: with # signs\n"
                           "SIGNALBOX__AGENTS__CODE_REVIEWER__TOPICS=[a, b]\n"
                           "SIGNALBOX__OPERATORS__0__NAME=root\n"
                           "SIGNALBOX__OPERATORS__1={name: night, tokens: [{env: CODER_TOKEN}]}\n"
                           "SIGNALBOX__LOG__LEVEL=\n");
  REQUIRE(config);
  CHECK(config->hooks.listen.host == "::1");
  CHECK(config->hooks.max_body == 1024U * 1024);
  CHECK_FALSE(config->redis.embedded);
  CHECK(config->redis.port == 7777);
  CHECK(config->data_dir == "/data: with # signs");
  CHECK(config->find_agent("code-reviewer")->topics == std::vector<std::string>{"a", "b"});
  REQUIRE(config->operators.size() == 2);  // behind the last of a list is one more
  CHECK(config->operators[0].name == "root");
  CHECK(config->operators[1].name == "night");
  CHECK(config->log_level == "info");
}

TEST_CASE("variables alone can be the whole configuration", "[config]") {
  Scratch scratch;
  const auto config = load(scratch, "",
                           "SIGNALBOX__SITE=acme\nSIGNALBOX__REDIS=embedded\n"
                           "SIGNALBOX__SOURCES__GITHUB__CONNECTOR=github\n"
                           "SIGNALBOX__SOURCES__GITHUB__SECRETS=[{env: GITHUB_WEBHOOK_SECRET}]\n");
  REQUIRE(config);
  CHECK(config->sources.size() == 1);
}

TEST_CASE("a variable for one of two aliased sections leaves the other alone", "[config]") {
  Scratch scratch;
  const auto config = load(scratch, R"(
site: acme
redis: embedded
hooks: &limits {max_body: 1MiB}
api: *limits
)",
                           "SIGNALBOX__API__MAX_BODY=2MiB\n");
  REQUIRE(config);
  CHECK(config->hooks.max_body == 1024U * 1024);
  CHECK(config->api.max_body == 2U * 1024 * 1024);
}

TEST_CASE("a secret from a file loses the newline at its end, and nothing else", "[config]") {
  Scratch scratch;
  scratch.write("old-secret.txt", " a secret with blanks around \n");
  const auto config = load(scratch, std::string{small} +
                                        "sources: {github: {connector: github, secrets: "
                                        "[{file: old-secret.txt}]}}\n");
  REQUIRE(config);
  CHECK(config->sources.front().secrets.front().value == " a secret with blanks around ");
  CHECK(config->sources.front().secrets.front().origin == "file old-secret.txt");
}

TEST_CASE("a secret file that everybody may read is a warning, an unusable one an error",
          "[config]") {
  Scratch scratch;
  const std::string open = scratch.write("open", "a secret of more than 16 bytes");
  std::filesystem::permissions(open, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  scratch.write("empty", "\n");
  scratch.write("lines", "one line of a secret\nanother line of it\n");
  scratch.write("nul", std::string{"a secret\0with more", 18});
  const auto codes = [&](const std::string& name) {
    const auto loaded = load_config(
        scratch.write("signalbox.yaml",
                      std::string{small} +
                          "sources: {github: {connector: github, secrets: [{file: " + name +
                          "}]}}\n"),
        Environment{});
    std::string all;
    for (const Diagnostic& d : loaded.diagnostics) all += d.code + (loaded.config ? " " : "! ");
    return all;
  };
  CHECK(codes("open") == "secret-file-open ");
  CHECK(codes("empty") == "secret-unusable! ");
  CHECK(codes("lines") == "secret-unusable! ");
  CHECK(codes("nul") == "secret-unusable! ");
  CHECK(codes("missing") == "secret-missing! ");
  CHECK(codes(".") == "secret-missing! ");
  CHECK(codes("/dev/zero") == "secret-missing! ");
}

TEST_CASE("a command that needs no secrets gets warnings for those that are missing", "[config]") {
  Scratch scratch;
  const auto path = scratch.write(
      "signalbox.yaml", std::string{small} + "agents: {reviewer: {tokens: [{env: NOT_SET}]}}\n");
  const auto loaded = load_config(path, Environment{}, {.need_secrets = false});
  REQUIRE(loaded.config);
  CHECK(loaded.config->agents.front().tokens.empty());
  REQUIRE(loaded.diagnostics.size() == 1);
  CHECK(loaded.diagnostics.front().severity == Severity::warning);
}

TEST_CASE("a configuration that is not there is reported with its path", "[config]") {
  const auto loaded = load_config("/no/such/signalbox.yaml", Environment{});
  REQUIRE_FALSE(loaded.config);
  CHECK(to_string(loaded.diagnostics.front()) ==
        "/no/such/signalbox.yaml: error: No such file or directory [unreadable]");
}

TEST_CASE("an environment file never overrides the process, and says which line is wrong",
          "[config]") {
  Scratch scratch;
  Environment environment = scratch.environment("A=process\n");
  const auto path = scratch.write(
      "more", "# comment\n\nexport=no keyword\nA=file\nB='quoted value'\n  C = spaced \n");
  REQUIRE(environment.add_file(path).has_value());
  CHECK(*environment.find("A") == "process");
  CHECK(*environment.find("B") == "quoted value");
  CHECK(*environment.find("C") == "spaced");
  CHECK(environment.find("D") == nullptr);
  const auto twice = environment.add_file(scratch.write("twice", "T=1\nT=2\n"));
  REQUIRE_FALSE(twice.has_value());
  CHECK(twice.error().detail == scratch.path("twice") + ":2: T is set twice");
  const auto wrong = environment.add_file(scratch.write("wrong", "hunter2\n"));
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().detail == scratch.path("wrong") + ":1: not an assignment NAME=value");
}

TEST_CASE("a listener for all addresses is reached over loopback", "[config]") {
  CHECK(local_url({"0.0.0.0", 8080}) == "http://127.0.0.1:8080");
  CHECK(local_url({"::", 8080}) == "http://[::1]:8080");
  CHECK(local_url({"10.1.2.3", 80}) == "http://10.1.2.3:80");
  CHECK(local_url({"::", 8443}, true) == "https://[::1]:8443");
}

}  // namespace
}  // namespace signalbox
