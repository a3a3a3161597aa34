#include "gateway/config/sections.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <thread>

#include "gateway/config/address.hpp"

namespace signalbox {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint64_t kib = 1024;
constexpr std::uint64_t mib = 1024 * kib;
constexpr std::uint32_t threads_max = 256;
constexpr std::size_t name_chars_max = 63;

constexpr std::array<std::string_view, 4> log_levels{"debug", "info", "warning", "error"};

// GitHub sends up to 25 MB.
const ListenerConfig hooks_default{{"0.0.0.0", 8080}, 25 * mib,    32 * kib,    10000,
                                   seconds{10},       seconds{30}, seconds{75}, hours{1}};
const ListenerConfig api_default{{"127.0.0.1", 8081}, 1 * mib,     32 * kib,    10000,
                                 seconds{10},         seconds{30}, seconds{75}, hours{1}};

template <class Value>
void read_size(YamlFile& file, const YAML::Node& node, std::string_view what, std::uint64_t least,
               std::uint64_t most, Value& into) {
  if (!node.IsDefined()) return;
  const auto value = file.bytes(node, what);
  if (!value) return;
  if (*value < least || *value > most) {
    file.error(node, "out-of-range",
               fmt::format("{} must be from {}KiB to {}KiB", what, least / kib, most / kib));
    return;
  }
  into = static_cast<Value>(*value);
}

template <class Value>
void read_count(YamlFile& file, const YAML::Node& node, std::string_view what, std::int64_t least,
                std::int64_t most, Value& into) {
  if (!node.IsDefined()) return;
  if (const auto value = file.integer(node, what, least, most)) into = static_cast<Value>(*value);
}

void read_hooks_only(YamlFile& file, YamlMapping& section, std::string_view name,
                     ListenerConfig& into) {
  const auto take = [&](std::string_view key) {
    const YAML::Node node = section.take(key);
    if (node.IsDefined() && name != "hooks") {
      file.error(node, "wrong-key", fmt::format("only 'hooks' has '{}'", key));
    }
    return node;
  };
  read_addresses(file, take("trusted_proxies"), "hooks.trusted_proxies", into.trusted_proxies);
  read_count(file, take("keep_refused"), "hooks.keep_refused", 0, keep_refused_max,
             into.keep_refused);
}

void read_listener(YamlFile& file, const YAML::Node& node, const std::string& name,
                   SecretReader& secrets, ListenerConfig& into) {
  YamlMapping section{file, node, name};
  const auto key = [&](std::string_view last) { return fmt::format("{}.{}", name, last); };
  if (const YAML::Node listen = section.take("listen"); listen.IsDefined()) {
    if (const auto text = file.text(listen, key("listen"))) {
      const auto address = parse_listen(*text);
      if (address) {
        into.listen = *address;
      } else {
        file.error(listen, "wrong-address",
                   fmt::format("{} {}", key("listen"), address.error().detail));
      }
    }
  }
  read_size(file, section.take("max_body"), key("max_body"), kib, 256 * mib, into.max_body);
  read_size(file, section.take("max_header"), key("max_header"), kib, mib, into.max_header);
  read_count(file, section.take("max_connections"), key("max_connections"), 1, 1'000'000,
             into.max_connections);
  read_within(file, section.take("header_timeout"), key("header_timeout"), Milliseconds{100},
              minutes{5}, into.header_timeout);
  read_within(file, section.take("request_timeout"), key("request_timeout"), Milliseconds{100},
              minutes{30}, into.request_timeout);
  read_within(file, section.take("idle_timeout"), key("idle_timeout"), Milliseconds{100}, hours{1},
              into.idle_timeout);
  read_within(file, section.take("connection_timeout"), key("connection_timeout"), seconds{1},
              hours{24}, into.connection_timeout);
  read_tls(file, section.take("tls"), key("tls"), secrets, into);
  read_hooks_only(file, section, name, into);
  section.finish();
  if (into.request_timeout < into.header_timeout) {
    file.error(node, "out-of-range",
               fmt::format("{} must not be shorter than {}: the headers are a part of the request",
                           key("request_timeout"), key("header_timeout")));
  }
}

void read_mailboxes(YamlFile& file, const YAML::Node& node, Config& config) {
  YamlMapping section{file, node, "mailboxes"};
  read_within(file, section.take("visibility"), "mailboxes.visibility", seconds{1}, hours{12},
              config.visibility);
  read_count(file, section.take("max_deliveries"), "mailboxes.max_deliveries", 1, 1000,
             config.max_deliveries);
  read_count(file, section.take("max_messages"), "mailboxes.max_messages", 1, 10'000'000,
             config.mailbox_max);
  section.finish();
}

void read_spool(YamlFile& file, const YAML::Node& node, Config& config) {
  YamlMapping section{file, node, "spool"};
  if (section.defined()) config.spool_max_bytes = 256 * mib;
  read_size(file, section.take("max_bytes"), "spool.max_bytes", mib, 1024 * 1024 * mib,
            config.spool_max_bytes);
  section.finish();
}

void read_log(YamlFile& file, const YAML::Node& node, Config& config) {
  YamlMapping section{file, node, "log"};
  const YAML::Node level = section.take("level");
  section.finish();
  if (!level.IsDefined()) return;
  const auto text = file.text(level, "log.level");
  if (!text) return;
  if (std::find(log_levels.begin(), log_levels.end(), *text) == log_levels.end()) {
    file.error(level, "unknown-level",
               fmt::format("log.level must be debug, info, warning or error{}",
                           did_you_mean(*text, log_levels)));
    return;
  }
  config.log_level = *text;
}

void read_site(YamlFile& file, const YAML::Node& node, Config& config) {
  if (!node.IsDefined()) return;
  const auto text = file.text(node, "site");
  if (text && !is_config_name(*text)) {
    file.error(node, "wrong-name", "site must match [a-z0-9][a-z0-9_-]*, at most 63 characters");
  }
  config.site = text.value_or("");
}

void read_data_dir(YamlFile& file, const YAML::Node& node, Config& config) {
  const auto text =
      node.IsDefined() ? file.text(node, "data_dir") : std::optional<std::string>{"signalbox-data"};
  if (!text || text->empty()) {
    if (text) file.error(node, "wrong-type", "data_dir must not be empty");
    return;
  }
  config.data_dir = std::filesystem::absolute(*text).lexically_normal().string();
}

void set_defaults(Config& config) {
  config.hooks = hooks_default;
  config.api = api_default;
  config.threads = std::clamp(std::thread::hardware_concurrency(), 1U, threads_max);
  config.visibility = minutes{5};
  config.max_deliveries = 5;
  config.mailbox_max = 100'000;
  config.keep_events = hours{24 * 14};
  config.max_events = 1'000'000;
  config.max_event_bytes = 1024 * mib;
  config.drain_timeout = seconds{25};
  config.log_level = "info";
}

bool is_any_address(const std::string& host) noexcept { return host == "0.0.0.0" || host == "::"; }

void check_listeners_differ(YamlFile& file, const YAML::Node& root, const Config& config) {
  const auto& hooks = config.hooks.listen;
  const auto& api = config.api.listen;
  if (hooks.port == 0 || hooks.port != api.port) return;
  if (hooks.host != api.host && !is_any_address(hooks.host) && !is_any_address(api.host)) return;
  file.error(root, "same-address",
             fmt::format("hooks.listen and api.listen both take port {} of {}; webhooks and agents "
                         "need listeners of their own",
                         hooks.port, is_any_address(hooks.host) ? api.host : hooks.host));
}

std::vector<RulePattern> read_rule_patterns(YamlFile& file, const YAML::Node& node) {
  std::vector<RulePattern> patterns;
  if (!node.IsDefined()) return patterns;
  if (!node.IsSequence()) {
    file.error(node, "wrong-type", "rules must be a list of files, as [rules/*.yaml]");
    return patterns;
  }
  for (const auto& element : node) {
    if (auto glob = file.text(element, "an entry of rules")) {
      patterns.push_back({std::move(*glob), element});
    }
  }
  return patterns;
}

}  // namespace

bool is_config_name(std::string_view text) noexcept {
  const auto plain = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  return !text.empty() && text.size() <= name_chars_max && plain(text.front()) &&
         std::all_of(text.begin(), text.end(),
                     [&](char c) { return plain(c) || c == '_' || c == '-'; });
}

void read_within(YamlFile& file, const YAML::Node& node, std::string_view what, Milliseconds least,
                 Milliseconds most, Milliseconds& into) {
  if (!node.IsDefined()) return;
  const auto value = file.duration(node, what);
  if (!value) return;
  if (*value < least || *value > most) {
    file.error(node, "out-of-range",
               fmt::format("{} must be from {} to {}", what, format_duration(least),
                           format_duration(most)));
    return;
  }
  into = *value;
}

void refuse_keys(YamlFile& file, YamlMapping& mapping,
                 std::initializer_list<std::string_view> keys) {
  for (const std::string_view key : keys) {
    if (const YAML::Node node = mapping.take(key); node.IsDefined()) {
      file.error(node, "not-supported", fmt::format("'{}' is not supported by this version", key));
    }
  }
}

std::vector<RulePattern> read_sections(YamlFile& file, const YAML::Node& root,
                                       SecretReader& secrets, Config& config) {
  set_defaults(config);
  YamlMapping top{file, root, "the configuration"};
  read_site(file, top.need("site"), config);
  read_count(file, top.take("threads"), "threads", 1, threads_max, config.threads);
  read_listener(file, top.take("hooks"), "hooks", secrets, config.hooks);
  read_listener(file, top.take("api"), "api", secrets, config.api);
  read_redis(file, top.need("redis"), secrets, config);
  read_data_dir(file, top.take("data_dir"), config);
  read_sources(file, top.take("sources"), secrets, config);
  read_agents(file, top.take("agents"), secrets, config);
  read_operators(file, top.take("operators"), secrets, config);
  auto patterns = read_rule_patterns(file, top.take("rules"));
  read_mailboxes(file, top.take("mailboxes"), config);
  YamlMapping events{file, top.take("events"), "events"};
  read_within(file, events.take("keep"), "events.keep", minutes{1}, hours{24 * 365},
              config.keep_events);
  read_count(file, events.take("max_events"), "events.max_events", 100, 1'000'000'000,
             config.max_events);
  read_size(file, events.take("max_bytes"), "events.max_bytes", mib, 1024 * 1024 * mib,
            config.max_event_bytes);
  events.finish();
  read_within(file, top.take("drain_timeout"), "drain_timeout", Milliseconds{0}, minutes{10},
              config.drain_timeout);
  read_spool(file, top.take("spool"), config);
  read_log(file, top.take("log"), config);
  top.finish();
  check_listeners_differ(file, root, config);
  return patterns;
}

}  // namespace signalbox
