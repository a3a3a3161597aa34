// The configuration of one installation: one YAML file (signalbox.yaml), every key also as an
// environment variable (`redis.url` is SIGNALBOX__REDIS__URL). Read once, validated whole,
// published immutable; a request uses the configuration that it started with.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"
#include "coordination/commit.hpp"
#include "event/clock.hpp"
#include "event/ids.hpp"
#include "gateway/config/address_list.hpp"
#include "gateway/config/host_list.hpp"
#include "gateway/config/rate.hpp"
#include "gateway/config/tls_context.hpp"
#include "rules/rule_set.hpp"
#include "rules/source/diagnostic.hpp"

namespace signalbox {

struct ListenAddress {
  std::string host;        // numeric address
  std::uint16_t port = 0;  // 0: any free one; the one taken is printed

  bool operator==(const ListenAddress&) const = default;
};

inline constexpr std::uint32_t keep_refused_max = 10'000;

enum class Listener : std::uint8_t { hooks, api };  // the public one and the private one

// Limits of a listener. Every one is a key of its section in the file.
struct ListenerConfig {
  ListenAddress listen;
  std::uint64_t max_body = 0;    // bytes
  std::uint32_t max_header = 0;  // bytes of request line and headers
  std::uint32_t max_connections = 0;
  std::uint32_t max_connections_per_address = 0;  // of a trusted proxy there may be more
  // Bytes that requests may hold which are not answered yet: all together, of which half is kept
  // for addresses that verified requests came from, and those of one address.
  std::uint64_t max_buffered = 0;
  std::uint64_t max_buffered_per_address = 0;
  // Of one address: requests without a valid signature or token, and those with one.
  Rate unverified_rate{};
  Rate verified_rate{};
  Milliseconds header_timeout{};      // from the first byte of a request to the end of its headers
  Milliseconds request_timeout{};     // from the first byte of a request to the end of its body
  Milliseconds idle_timeout{};        // between requests
  Milliseconds connection_timeout{};  // the last answer after it closes the connection
  std::shared_ptr<ssl_ctx_st> tls_context{};  // null: plain HTTP; made only where secrets are read
  std::optional<TlsFiles> tls{};
  // Who may say on whose behalf, by X-Forwarded-For, or by the PROXY protocol where it is asked
  // for.
  AddressList trusted_proxies{};
  bool proxy_protocol = false;  // trusted proxies begin each connection with it
  AddressList allow_ips{};      // clients that are served; empty: any
  // Refused deliveries, for operators who ask why, 0 to `keep_refused_max`; hooks only.
  std::uint32_t keep_refused = 0;
  std::shared_ptr<const HostList> hosts{};  // null: called by any name; api only
};

// A secret or token, read from where the configuration points. Its value is never printed.
struct Secret {
  std::string value;
  std::string origin;  // "env GITHUB_WEBHOOK_SECRET" or "file old-secret.txt": safe to print
  std::vector<std::string>
      scope{};  // of a source's secret (connectors/request/scope.hpp); empty: anything

  bool operator==(const Secret&) const = default;
};

// What a bearer token may be used for. `read`: calls that change nothing, dry runs among them.
enum class TokenScope : std::uint8_t { write, read };

// A bearer token of somebody who takes part, or what is known of it.
struct Token {
  std::string value;              // empty where the configuration has only its digest
  std::string origin;             // "env REVIEWER_TOKEN", "sha256 9f86d081…": safe to print
  Digest digest{};                // SHA-256; where there is a value, that counts
  std::optional<Time> expires{};  // refused from then on
  TokenScope scope = TokenScope::write;
};

// SHA-256 of the token, by which it is found.
Digest digest_of(const Token& token);

struct SourceConfig {
  std::string name;
  const Connector* connector = nullptr;
  std::vector<Secret> secrets;        // at least one; none empty
  Milliseconds deduplicate_id{};      // 0: off
  Milliseconds deduplicate_digest{};  // 0: off
  Milliseconds answer_deadline{};
  AddressList allow_ips;  // empty: any
  BodyTerms body;
  Rate rate{};  // of its verified deliveries
  // The issue keys that its events may refer to: its own lists, else those of all sources together.
  std::shared_ptr<const TrackerKeys> trackers;
  std::string space = "main";  // `namespace:`
};

struct AgentConfig {
  std::string name;
  std::vector<Token> tokens;
  std::vector<std::string> topics;
  std::vector<MessageKind> may_send;  // beside progress help answer handoff note
  Rate rate{};                        // of its calls
  std::string space = "main";         // `namespace:`
};

struct OperatorConfig {
  std::string name;
  std::vector<Token> tokens;
};

// A token, and whose it is.
struct TokenOwner {
  std::string_view role;  // agent, operator, monitoring
  std::string_view name;  // of monitoring the same
  const Token& token;
};
std::string to_string(const TokenOwner& owner);  // "operator ops (env OPS_TOKEN)"

struct RedisConfig {
  bool embedded = false;
  std::string socket;  // unix socket path of a Redis that is already there
  std::string host;    // or TCP
  std::uint16_t port = 6379;
  std::string username;  // empty: the default user
  std::optional<Secret> password;
  std::uint32_t database = 0;
  bool tls = false;
  // Absolute paths of PEM files; empty: none, and for the CA those that the system trusts.
  std::string tls_ca;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_server_name;  // empty: the host
  std::string prefix = "sb1";

  bool operator==(const RedisConfig&) const = default;
};

// A rule file that is broken and, as the rules are loaded leniently, keeps no other from its work.
struct SetAside {
  std::string file;
  std::string owner;     // may be empty
  std::string why;       // its first error
  bool earlier = false;  // its last good version is in use instead; else none of its rules
};

// "rules/pay.yaml (owner: Payments) is set aside, its last good version is in use"
std::string to_string(const SetAside& aside);

struct Config {
  std::string file;  // as given
  std::string site;
  std::uint32_t threads = 0;  // I/O threads; at least 1
  ListenerConfig hooks;
  ListenerConfig api;
  RedisConfig redis;
  std::string data_dir;  // absolute
  std::vector<SourceConfig> sources;
  std::vector<AgentConfig> agents;
  std::vector<OperatorConfig> operators;
  std::vector<Token> monitoring_tokens;  // empty: metrics are for anybody who reaches the listener
  std::vector<std::string> rule_files;   // resolved from the globs, sorted
  std::vector<RuleFile> rule_texts;      // what the rules were loaded from
  std::vector<SetAside> set_aside;
  std::shared_ptr<const RuleSet> rules;

  Milliseconds visibility{};            // mailboxes.visibility: of a receive that names none
  std::uint32_t max_deliveries = 0;     // mailboxes.max_deliveries
  std::uint64_t mailbox_max = 0;        // mailboxes.max_messages
  std::uint64_t mailbox_bytes_max = 0;  // mailboxes.max_bytes
  Milliseconds keep_events{};           // events.keep: records and bodies
  std::uint64_t max_events = 0;         // events.max_events: of one namespace
  std::uint64_t max_event_bytes = 0;    // events.max_bytes: of one namespace, as stored
  std::uint64_t spool_max_bytes = 0;    // spool.max_bytes; 0: there is no spool
  Milliseconds drain_timeout{};         // from SIGTERM to exit
  // drain.delay: of it, until the listeners close; readiness says so first.
  Milliseconds drain_delay{};
  std::string log_level;                // debug, info, warning, error
  std::string audit_file;               // audit.file, absolute; empty: records go into the log
  std::uint64_t audit_max_bytes = 0;    // audit.max_bytes
  std::string log_format;               // auto, text, logfmt, json

  MailboxRoom mailbox_room() const noexcept { return {mailbox_max, mailbox_bytes_max}; }
  const SourceConfig* find_source(std::string_view name) const noexcept;
  const AgentConfig* find_agent(std::string_view name) const noexcept;
};

// The namespaces that sources and agents belong to, each once; at least the main one.
std::vector<std::string> spaces_of(const Config& config);

// Every token of the configuration, in its order. Views and references into it.
std::vector<TokenOwner> tokens_of(const Config& config);

// The agents and topics that rules may write to.
Recipients recipients_of(const Config& config);

// Where values come from besides the file: the process environment, then the lines `NAME=value` of
// an environment file, which never override it.
class Environment {
 public:
  static Environment of_process();
  // Adds what is not set yet. An error when the file cannot be read or a line is no assignment.
  Result<bool> add_file(const std::string& path);
  const std::string* find(const std::string& name) const noexcept;
  const std::map<std::string, std::string>& all() const noexcept { return values_; }

 private:
  std::map<std::string, std::string> values_;
};

// What was read: whoever watches these sees each change of the configuration.
struct ConfigInputs {
  std::vector<std::string> files;     // the file itself, secrets, certificates
  std::vector<std::string> patterns;  // of rule files, as glob(7) takes them

  bool operator==(const ConfigInputs&) const = default;
};

struct LoadedConfig {
  std::shared_ptr<const Config> config;  // null when any diagnostic is an error
  std::vector<Diagnostic> diagnostics;
  ConfigInputs inputs;  // as far as they are known, after an error too
};

// Files that a pattern stands for now, sorted.
std::vector<std::string> expand_pattern(const std::string& pattern);

struct LoadOptions {
  // False for commands that only look at rules and names: a secret that cannot be read is then a
  // warning, and missing from its list.
  bool need_secrets = true;
  // False for commands that need addresses and tokens only: `rule_files` stays empty and `rules`
  // null.
  bool with_rules = true;
  // A broken rule file is set aside; what is wrong stays in the diagnostics.
  bool lenient = false;
  // Has the last good version of a file that is broken now; may be null.
  const Config* before = nullptr;
};

// Fills `rules` and what belongs to them from `rule_files`. False when they cannot be used.
bool load_rules(Config& config, const LoadOptions& options, std::vector<Diagnostic>& diagnostics);

// Reads the file, lays the SIGNALBOX__ variables over it (overrides.hpp), validates all of
// it and loads the rules. All paths in the file, and in variables that stand for its keys, are
// relative to the file. Never throws on bad input.
LoadedConfig load_config(const std::string& path, const Environment& environment,
                         const LoadOptions& options = {});

}  // namespace signalbox
