// Limits of the configuration: of its keys, each on both sides, and of what its files may hold.
#include <fmt/format.h>

#include "gateway/config/address.hpp"
#include "gateway/config/secrets.hpp"
#include "gateway/config/tls_context.hpp"
#include "tests/gateway/config/scratch.hpp"
#include "tests/limits/table.hpp"

namespace signalbox::test {
namespace {

// What is said of a configuration that has these lines too.
std::string loaded(const std::string& lines, const std::string& variables = "",
                   const std::string& first = "site: acme\nredis: embedded\n") {
  const Scratch scratch;
  const auto environment = scratch.environment(std::string{test_environment} + variables);
  const auto result = load_config(scratch.write("signalbox.yaml", first + lines), environment);
  std::string said;
  for (const Diagnostic& diagnostic : result.diagnostics) said += diagnostic.message + "\n";
  return said;
}

// A key in its section, as "hooks.max_body", with a value of a unit.
std::string with_key(std::string_view key, std::int64_t number, std::string_view unit) {
  const std::size_t dot = key.find('.');
  if (dot == std::string_view::npos) return loaded(fmt::format("{}: {}{}", key, number, unit));
  return loaded(
      fmt::format("{}: {{{}: {}{}}}", key.substr(0, dot), key.substr(dot + 1), number, unit));
}
// Without the text of a key there is no probe without captures.
template <std::size_t n>
struct Text {
  constexpr Text(const char (&text)[n]) { std::copy_n(text, n, value); }
  char value[n];
};
template <Text key, Text unit>
std::string key_of(std::int64_t number) {
  return with_key(key.value, number, unit.value);
}

// No request is longer than its headers may take.
template <Text listener>
std::string header_timeout(std::int64_t ms) {
  return loaded(
      fmt::format("{}: {{header_timeout: {}ms, request_timeout: 30m}}", listener.value, ms));
}
template <Text listener>
std::string request_timeout(std::int64_t ms) {
  return loaded(
      fmt::format("{}: {{header_timeout: 100ms, request_timeout: {}ms}}", listener.value, ms));
}

std::string source(const std::string& more) {
  return loaded(
      fmt::format("sources: {{github: {{connector: github, secrets: [{{env: "
                  "GITHUB_WEBHOOK_SECRET}}], {}}}}}",
                  more));
}
std::string answer_deadline(std::int64_t ms) {
  return source(fmt::format("answer_deadline: {}ms", ms));
}
std::string host_names(std::int64_t count) {
  return loaded("api: {hosts: [" + repeated(count, "gw.example.com", ", ") + "]}");
}
std::string drain_delay(std::int64_t ms) {
  return loaded(fmt::format("drain_timeout: 10m\ndrain: {{delay: {}ms}}\n", ms));
}
std::string id_window(std::int64_t ms) {
  return source(fmt::format("deduplicate: {{id: {}ms}}", ms));
}
std::string digest_window(std::int64_t ms) {
  return source(fmt::format("deduplicate: {{digest: {}ms}}", ms));
}
std::string allowed_addresses(std::int64_t count) {
  return source("allow_ips: [" + repeated(count, "10.0.0.1", ", ") + ']');
}
std::string team_chars(std::int64_t count) {
  return loaded(fmt::format(
      "sources: {{linear: {{connector: linear, secrets: [{{env: GITHUB_WEBHOOK_SECRET}}], teams: "
      "[{}]}}}}",
      repeated(count, "X")));
}
std::string scope_patterns(std::int64_t count) {
  return loaded(fmt::format(
      "sources: {{github: {{connector: github, secrets: [{{env: GITHUB_WEBHOOK_SECRET, scope: "
      "[{}]}}]}}}}",
      repeated(count, "acme", ", ")));
}
std::string secrets(std::int64_t count) {
  std::string variables;
  std::string list;
  for (std::int64_t i = 0; i < count; ++i) {
    variables += fmt::format("SECRET_{}=a-webhook-secret-with-number-{}\n", i, i);
    list += fmt::format("{}{{env: SECRET_{}}}", i == 0 ? "" : ", ", i);
  }
  return loaded("sources: {github: {connector: github, secrets: [" + list + "]}}", variables);
}
// Text of which nothing is said that it repeats itself.
std::string varied(std::int64_t size) {
  std::string text;
  while (std::ssize(text) < size)
    text += static_cast<char>('a' + (text.size() * 7 + text.size() / 26) % 26);
  return text;
}
std::string secret_bytes(std::int64_t bytes) {
  return loaded("sources: {github: {connector: github, secrets: [{env: LONG}]}}",
                "LONG=" + varied(bytes) + "\n");
}
std::string token_chars(std::int64_t count) {
  return loaded("agents: {reviewer: {tokens: [{env: LONG}]}}", "LONG=" + varied(count) + "\n");
}
// The certificates are not read.
std::string client_names(std::int64_t count) {
  const Scratch scratch;
  const std::string text = fmt::format(
      "site: acme\nredis: embedded\nhooks: {{tls: {{certificate: a, key: b, client_ca: c, "
      "client_names: [{}]}}}}\n",
      repeated(count, "ci.example", ", "));
  const auto result = load_config(scratch.write("signalbox.yaml", text), scratch.environment(""),
                                  {.need_secrets = false});
  return result.diagnostics.empty() ? "" : result.diagnostics.front().message;
}
std::string site_chars(std::int64_t count) {
  return loaded("", "", fmt::format("site: {}\nredis: embedded\n", letters(count)));
}

std::string agents(std::int64_t count) {
  std::string variables;
  std::string list;
  for (std::int64_t i = 0; i < count; ++i) {
    variables += fmt::format("TOKEN_{}=the-token-of-agent-{}\n", i, i);
    list += fmt::format("  agent-{}: {{tokens: [{{env: TOKEN_{}}}]}}\n", i, i);
  }
  return loaded("agents:\n" + list, variables);
}
std::string operators(std::int64_t count) {
  std::string variables;
  std::string list;
  for (std::int64_t i = 0; i < count; ++i) {
    variables += fmt::format("TOKEN_{}=the-token-of-operator-{}\n", i, i);
    list += fmt::format("  - {{name: ops-{}, tokens: [{{env: TOKEN_{}}}]}}\n", i, i);
  }
  return loaded("operators:\n" + list, variables);
}

std::string rule_files(std::int64_t count) {
  const Scratch scratch;
  for (std::int64_t i = 0; i < count; ++i) {
    scratch.write(fmt::format("rules/{}.yaml", i), "rules: []\n");
  }
  const auto result = load_config(
      scratch.write("signalbox.yaml", "site: acme\nredis: embedded\nrules: [rules/*]\n"),
      scratch.environment(test_environment));
  std::string said;
  for (const Diagnostic& diagnostic : result.diagnostics) said += diagnostic.message + "\n";
  return said;
}
std::string config_bytes(std::int64_t bytes) {
  const std::string text = "site: acme\nredis: embedded\n#";
  return loaded(letters(bytes - static_cast<std::int64_t>(text.size())), "", text);
}
std::string environment_bytes(std::int64_t bytes) {
  const Scratch scratch;
  Environment environment;
  const auto added = environment.add_file(scratch.write("environment", "A=" + letters(bytes - 2)));
  return added ? "" : added.error().detail;
}
// It is no certificate, and is read to its end all the same.
std::string pem_bytes(std::int64_t bytes) {
  const Scratch scratch;
  const std::string path = scratch.write("tls.pem", letters(bytes));
  const auto made = make_tls_context({path, path});
  return made || made.error().detail.find("larger than") == std::string::npos ? ""
                                                                              : made.error().detail;
}
std::string redis_socket(std::int64_t bytes) {
  const auto parsed = parse_redis_url("unix:///" + letters(bytes - 1));
  return parsed ? "" : parsed.error().detail;
}
std::string redis_socket_key(std::int64_t bytes) {
  return loaded("", "", fmt::format("site: acme\nredis: {{socket: /{}}}\n", letters(bytes - 1)));
}
std::string redis_database(std::int64_t number) {
  const auto parsed = parse_redis_url(fmt::format("redis://127.0.0.1/{}", number));
  return parsed ? "" : parsed.error().detail;
}

// A hop of the untrusted client, and of trusted proxies as many as are read.
std::string forwarded_hops(std::int64_t count) {
  AddressList trusted;
  static_cast<void>(trusted.add("10.0.0.0/8"));
  const std::string value = "192.0.2.1" + repeated(count - 1, ", 10.0.0.1");
  const Headers::Field fields[]{{"X-Forwarded-For", value}};
  const auto client = client_address("10.0.0.1", Headers{fields}, trusted);
  return cut_unless(client && to_string(*client) == "192.0.2.1");
}

constexpr std::int64_t day = 86'400'000;
constexpr std::int64_t tib_in_kib = 1'073'741'824;
constexpr Limit rows[]{
    {"gateway/config/config.cpp:rule_files_max", 1000, 1001, rule_files, "at most 1000"},
    {"gateway/config/config.hpp:keep_refused_max", 10'000, 10'001, key_of<"hooks.keep_refused", "">,
     "from 0 to 10000"},
    {"gateway/config/config_file.hpp:config_file_bytes_max", 1'048'576, 1'048'577, config_bytes,
     "larger than 1048576 bytes"},
    {"gateway/config/environment.cpp:environment_file_bytes_max", 262'144, 262'145,
     environment_bytes, "larger than 262144 bytes"},
    {"gateway/config/address.hpp:socket_path_max", 107, 108, redis_socket, "107"},
    {"gateway/config/address.hpp:socket_path_max", 107, 108, redis_socket_key, "107"},
    {"gateway/config/address.hpp:redis_database_max", 65'535, 65'536, redis_database,
     "from 0 to 65535"},
    {"gateway/config/address_list.hpp:addresses_max", 1000, 1001, allowed_addresses,
     "1 to 1000 addresses"},
    {"gateway/config/address_list.hpp:forwarded_hops_max", 32, 33, forwarded_hops, "cut"},
    {"gateway/config/listeners.cpp:client_names_max", 1000, 1001, client_names, "1 to 1000 names"},
    {"gateway/config/host_list.hpp:hosts_max", 100, 101, host_names, "1 to 100 names"},
    {"gateway/config/parties.cpp:issue_key_chars_max", 32, 33, team_chars, "at most 32 characters"},
    {"gateway/config/parties.cpp:parties_max", 1000, 1001, agents, "at most 1000 names"},
    {"gateway/config/parties.cpp:parties_max", 1000, 1001, operators, "at most 1000"},
    {"gateway/config/secrets.hpp:secrets_max", 16, 17, secrets, "1 to 16"},
    {"gateway/config/secrets.hpp:secret_bytes_max", 4096, 4097, secret_bytes,
     "longer than 4096 bytes"},
    {"gateway/config/secrets.hpp:token_chars_min", 16, 15, token_chars, "16 to 1024"},
    {"gateway/config/secrets.hpp:token_chars_max", 1024, 1025, token_chars, "16 to 1024"},
    {"connectors/request/scope.hpp:scope_patterns_max", 256, 257, scope_patterns,
     "1 to 256 patterns"},
    {"gateway/config/sections.cpp:threads_max", 256, 257, key_of<"threads", "">, "from 1 to 256"},
    {"gateway/config/sections.cpp:name_chars_max", 63, 64, site_chars, "at most 63 characters"},
    {"gateway/config/tls_context.cpp:pem_bytes_max", 1'048'576, 1'048'577, pem_bytes,
     "larger than 1048576 bytes"},
    // Keys whose bounds have no names.
    {"signalbox.yaml:threads", 1, 0, key_of<"threads", "">, "from 1 to 256"},
    {"signalbox.yaml:hooks.keep_refused", 0, -1, key_of<"hooks.keep_refused", "">,
     "from 0 to 10000"},
    {"signalbox.yaml:hooks.max_body", 1024, 1023, key_of<"hooks.max_body", "B">, "from 1KiB"},
    {"signalbox.yaml:hooks.max_body", 268'435'456, 268'435'457, key_of<"hooks.max_body", "B">,
     "to 262144KiB"},
    {"signalbox.yaml:api.max_body", 1024, 1023, key_of<"api.max_body", "B">, "from 1KiB"},
    {"signalbox.yaml:api.max_body", 268'435'456, 268'435'457, key_of<"api.max_body", "B">,
     "to 262144KiB"},
    {"signalbox.yaml:hooks.max_header", 1024, 1023, key_of<"hooks.max_header", "B">, "from 1KiB"},
    {"signalbox.yaml:hooks.max_header", 1'048'576, 1'048'577, key_of<"hooks.max_header", "B">,
     "to 1024KiB"},
    {"signalbox.yaml:hooks.max_connections", 1, 0, key_of<"hooks.max_connections", "">,
     "from 1 to 1000000"},
    {"signalbox.yaml:hooks.max_connections", 1'000'000, 1'000'001,
     key_of<"hooks.max_connections", "">, "from 1 to 1000000"},
    {"signalbox.yaml:hooks.header_timeout", 100, 99, header_timeout<"hooks">, "from 100ms to 5m"},
    {"signalbox.yaml:hooks.header_timeout", 300'000, 300'001, header_timeout<"hooks">,
     "from 100ms to 5m"},
    {"signalbox.yaml:api.request_timeout", 100, 99, request_timeout<"api">, "from 100ms to 30m"},
    {"signalbox.yaml:api.request_timeout", 1'800'000, 1'800'001, request_timeout<"api">,
     "from 100ms to 30m"},
    {"signalbox.yaml:hooks.idle_timeout", 100, 99, key_of<"hooks.idle_timeout", "ms">,
     "from 100ms to 1h"},
    {"signalbox.yaml:hooks.idle_timeout", 3'600'000, 3'600'001, key_of<"hooks.idle_timeout", "ms">,
     "from 100ms to 1h"},
    {"signalbox.yaml:hooks.connection_timeout", 1000, 999, key_of<"hooks.connection_timeout", "ms">,
     "from 1s to "},
    {"signalbox.yaml:hooks.connection_timeout", day, day + 1,
     key_of<"hooks.connection_timeout", "ms">, "from 1s to "},
    {"signalbox.yaml:answer_deadline", 100, 99, answer_deadline, "from 100ms to "},
    {"signalbox.yaml:answer_deadline", 60'000, 60'001, answer_deadline, "from 100ms to "},
    {"signalbox.yaml:deduplicate.id", 1000, 999, id_window, "from 1s to 30d"},
    {"signalbox.yaml:deduplicate.id", 30 * day, 30 * day + 1, id_window, "from 1s to 30d"},
    {"signalbox.yaml:deduplicate.digest", 1000, 999, digest_window, "from 1s to 30d"},
    {"signalbox.yaml:deduplicate.digest", 30 * day, 30 * day + 1, digest_window, "from 1s to 30d"},
    {"signalbox.yaml:mailboxes.visibility", 1000, 999, key_of<"mailboxes.visibility", "ms">,
     "from 1s to 12h"},
    {"signalbox.yaml:mailboxes.visibility", 43'200'000, 43'200'001,
     key_of<"mailboxes.visibility", "ms">, "from 1s to 12h"},
    {"signalbox.yaml:mailboxes.max_deliveries", 1, 0, key_of<"mailboxes.max_deliveries", "">,
     "from 1 to 1000"},
    {"signalbox.yaml:mailboxes.max_deliveries", 1000, 1001, key_of<"mailboxes.max_deliveries", "">,
     "from 1 to 1000"},
    {"signalbox.yaml:mailboxes.max_messages", 1, 0, key_of<"mailboxes.max_messages", "">,
     "from 1 to 10000000"},
    {"signalbox.yaml:mailboxes.max_messages", 10'000'000, 10'000'001,
     key_of<"mailboxes.max_messages", "">, "from 1 to 10000000"},
    {"signalbox.yaml:mailboxes.max_bytes", 1024, 1023, key_of<"mailboxes.max_bytes", "KiB">,
     "from 1024KiB"},
    {"signalbox.yaml:mailboxes.max_bytes", tib_in_kib, tib_in_kib + 1,
     key_of<"mailboxes.max_bytes", "KiB">, "to 1073741824KiB"},
    {"signalbox.yaml:events.keep", 60'000, 59'999, key_of<"events.keep", "ms">, "from 1m to 365d"},
    {"signalbox.yaml:events.keep", 365 * day, 365 * day + 1, key_of<"events.keep", "ms">,
     "from 1m to 365d"},
    {"signalbox.yaml:events.max_events", 100, 99, key_of<"events.max_events", "">,
     "from 100 to 1000000000"},
    {"signalbox.yaml:events.max_events", 1'000'000'000, 1'000'000'001,
     key_of<"events.max_events", "">, "from 100 to 1000000000"},
    {"signalbox.yaml:events.max_bytes", 1024, 1023, key_of<"events.max_bytes", "KiB">,
     "from 1024KiB"},
    {"signalbox.yaml:events.max_bytes", tib_in_kib, tib_in_kib + 1,
     key_of<"events.max_bytes", "KiB">, "to 1073741824KiB"},
    {"signalbox.yaml:spool.max_bytes", 1024, 1023, key_of<"spool.max_bytes", "KiB">,
     "from 1024KiB"},
    {"signalbox.yaml:spool.max_bytes", tib_in_kib, tib_in_kib + 1, key_of<"spool.max_bytes", "KiB">,
     "to 1073741824KiB"},
    {"signalbox.yaml:drain_timeout", 600'000, 600'001, key_of<"drain_timeout", "ms">,
     "from 0s to 10m"},
    {"signalbox.yaml:drain.delay", 300'000, 300'001, drain_delay, "from 0s to 5m"},
};

}  // namespace

std::span<const Limit> config_limits() { return rows; }

}  // namespace signalbox::test
