// `hooks` and `api`: the listeners, their limits and certificates.
#include <fmt/format.h>

#include "gateway/config/address.hpp"
#include "gateway/config/config_file.hpp"
#include "gateway/config/sections.hpp"

namespace signalbox {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// GitHub sends up to 25 MB.
const ListenerConfig hooks_default{{"0.0.0.0", 8080}, 25 * mib,    32 * kib,    10000,
                                   seconds{10},       seconds{30}, seconds{75}, hours{1}};
const ListenerConfig api_default{{"127.0.0.1", 8081}, 1 * mib,     32 * kib,    10000,
                                 seconds{10},         seconds{30}, seconds{75}, hours{1}};

constexpr std::chrono::days expires_soon{14};

void check_expiry(YamlFile& file, const YAML::Node& node, const std::string& path,
                  ssl_ctx_st& context) {
  const auto left = certificate_expiry(context) - std::chrono::system_clock::now();
  if (left <= std::chrono::seconds{0}) {
    file.warning(node, "certificate-expired", fmt::format("{} is no longer valid", path));
  } else if (left < expires_soon) {
    const auto days = std::chrono::duration_cast<std::chrono::days>(left).count();
    file.warning(node, "certificate-expires", fmt::format("{} expires in {} days", path, days));
  }
}

// Certificate and key are read and checked only where secrets are.
void read_listener_tls(YamlFile& file, const YAML::Node& node, const std::string& what,
                       SecretReader& secrets, ListenerConfig& into) {
  if (!node.IsDefined()) return;
  YamlMapping section{file, node, what};
  const YAML::Node certificate = section.need("certificate");
  const YAML::Node key = section.need("key");
  section.finish();
  if (!certificate.IsDefined() || !key.IsDefined()) return;
  const auto certificate_path = secrets.path(certificate, what + ".certificate");
  const auto key_path = secrets.path(key, what + ".key");
  if (!certificate_path || !key_path) return;
  into.tls = TlsFiles{*certificate_path, *key_path};
  if (!secrets.needed()) return;
  const auto context = make_tls_context(*into.tls);
  if (!context) {
    file.error(node, "tls-unusable", context.error().detail);
    return;
  }
  if (is_world_readable(*key_path)) {
    file.warning(key, "secret-file-open",
                 fmt::format("{} can be read by every user of this machine", *key_path));
  }
  check_expiry(file, certificate, *certificate_path, **context);
  into.tls_context = *context;
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
  std::uint64_t max_header = into.max_header;
  read_size(file, section.take("max_header"), key("max_header"), kib, mib, max_header);
  into.max_header = static_cast<std::uint32_t>(max_header);
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
  read_listener_tls(file, section.take("tls"), key("tls"), secrets, into);
  read_hooks_only(file, section, name, into);
  section.finish();
  if (into.request_timeout < into.header_timeout) {
    file.error(node, "out-of-range",
               fmt::format("{} must not be shorter than {}: the headers are a part of the request",
                           key("request_timeout"), key("header_timeout")));
  }
}

bool is_any_address(const std::string& host) noexcept { return host == "0.0.0.0" || host == "::"; }

}  // namespace

void read_listeners(YamlFile& file, const YAML::Node& hooks, const YAML::Node& api,
                    SecretReader& secrets, Config& config) {
  config.hooks = hooks_default;
  config.api = api_default;
  read_listener(file, hooks, "hooks", secrets, config.hooks);
  read_listener(file, api, "api", secrets, config.api);
  const std::string& host = config.api.listen.host;
  const bool local = host.starts_with("127.") || host == "::1";
  if (!local && !config.api.tls) {
    file.warning(
        api, "open-listener",
        fmt::format("api.listen is {}, which other machines reach, without api.tls: tokens "
                    "and messages go over the network in plain text",
                    host));
  }
}

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

}  // namespace signalbox
