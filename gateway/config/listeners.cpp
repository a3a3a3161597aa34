// `hooks` and `api`: the listeners, their limits and certificates.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/config/address.hpp"
#include "gateway/config/config_file.hpp"
#include "gateway/config/sections.hpp"

namespace signalbox {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// What both listeners have. An installation of a thousand repositories does not come near the
// rates: it has some dozen deliveries a second when all are busy.
ListenerConfig listener_default() {
  ListenerConfig config;
  config.max_header = 32 * kib;
  config.max_connections = 10'000;
  config.max_connections_per_address = 1'000;
  config.unverified_rate = each_second(20);
  config.verified_rate = each_second(2'000);
  config.header_timeout = seconds{10};
  config.request_timeout = seconds{30};
  config.idle_timeout = seconds{75};
  config.connection_timeout = hours{1};
  return config;
}

ListenerConfig hooks_default() {
  ListenerConfig config = listener_default();
  config.listen = {"0.0.0.0", 8080};
  config.max_body = 25 * mib;  // GitHub sends up to 25 MB
  config.max_buffered = 512 * mib;
  config.max_buffered_per_address = 128 * mib;
  return config;
}

ListenerConfig api_default() {
  ListenerConfig config = listener_default();
  config.listen = {"127.0.0.1", 8081};
  config.max_body = 1 * mib;
  config.max_buffered = 128 * mib;
  config.max_buffered_per_address = 32 * mib;
  return config;
}

constexpr std::chrono::days expires_soon{14};
constexpr std::size_t client_names_max = 1000;

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

// Which clients are asked for certificates, and what those are called.
void read_client_certificates(YamlFile& file, const YAML::Node& authorities,
                              const YAML::Node& names, const std::string& what,
                              SecretReader& secrets, TlsFiles& into) {
  if (authorities.IsDefined()) {
    into.client_ca = secrets.path(authorities, what + ".client_ca").value_or("");
  }
  if (!names.IsDefined()) return;
  into.client_names = file.texts(names, what + ".client_names");
  if (!authorities.IsDefined()) {
    file.error(
        names, "wrong-key",
        fmt::format("{0}.client_names needs {0}.client_ca: who else would vouch for them?", what));
  } else if (into.client_names.empty() || into.client_names.size() > client_names_max) {
    file.error(
        names, "wrong-type",
        fmt::format("{}.client_names must be a list of 1 to {} names", what, client_names_max));
  }
}

// Certificate and key are read and checked only where secrets are.
void read_listener_tls(YamlFile& file, const YAML::Node& node, const std::string& what,
                       SecretReader& secrets, ListenerConfig& into) {
  if (!node.IsDefined()) return;
  YamlMapping section{file, node, what};
  const YAML::Node certificate = section.need("certificate");
  const YAML::Node key = section.need("key");
  const YAML::Node client_ca = section.take("client_ca");
  const YAML::Node client_names = section.take("client_names");
  section.finish();
  if (!certificate.IsDefined() || !key.IsDefined()) return;
  const auto certificate_path = secrets.path(certificate, what + ".certificate");
  const auto key_path = secrets.path(key, what + ".key");
  if (!certificate_path || !key_path) return;
  into.tls = TlsFiles{*certificate_path, *key_path};
  read_client_certificates(file, client_ca, client_names, what, secrets, *into.tls);
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

void read_keep_refused(YamlFile& file, const YAML::Node& node, std::string_view name,
                       ListenerConfig& into) {
  if (node.IsDefined() && name != "hooks") {
    file.error(node, "wrong-key", "only 'hooks' has 'keep_refused'");
  }
  read_count(file, node, "hooks.keep_refused", 0, keep_refused_max, into.keep_refused);
}

// Who is there: proxies, and which clients are served.
void read_clients(YamlFile& file, YamlMapping& section, const std::string& name,
                  ListenerConfig& into) {
  const auto key = [&](std::string_view last) { return fmt::format("{}.{}", name, last); };
  read_addresses(file, section.take("trusted_proxies"), key("trusted_proxies"),
                 into.trusted_proxies);
  read_addresses(file, section.take("allow_ips"), key("allow_ips"), into.allow_ips);
  const YAML::Node protocol = section.take("proxy_protocol");
  if (!protocol.IsDefined()) return;
  into.proxy_protocol = file.boolean(protocol, key("proxy_protocol")).value_or(false);
  if (into.proxy_protocol && into.trusted_proxies.empty()) {
    file.error(protocol, "wrong-key",
               fmt::format("{} needs {}: nobody else is believed", key("proxy_protocol"),
                           key("trusted_proxies")));
  }
}

// How much of the listener there is, and how much of it one address may use. Where large bodies are
// taken, more is buffered without a word in the file.
void read_shares(YamlFile& file, YamlMapping& section, const std::string& name,
                 ListenerConfig& into) {
  const auto key = [&](std::string_view last) { return fmt::format("{}.{}", name, last); };
  read_count(file, section.take("max_connections"), key("max_connections"), 1, 1'000'000,
             into.max_connections);
  read_count(file, section.take("max_connections_per_address"), key("max_connections_per_address"),
             1, 1'000'000, into.max_connections_per_address);
  const YAML::Node buffered = section.take("max_buffered");
  const YAML::Node of_address = section.take("max_buffered_per_address");
  into.max_buffered = std::max(into.max_buffered, 4 * into.max_body);
  read_size(file, buffered, key("max_buffered"), mib, 1024 * 1024 * mib, into.max_buffered);
  into.max_buffered_per_address =
      std::min(std::max(into.max_buffered_per_address, 2 * into.max_body), into.max_buffered);
  read_size(file, of_address, key("max_buffered_per_address"), mib, 1024 * 1024 * mib,
            into.max_buffered_per_address);
  read_rate(file, section.take("unverified_rate"), key("unverified_rate"), into.unverified_rate);
  read_rate(file, section.take("verified_rate"), key("verified_rate"), into.verified_rate);
}

// Half of what may be buffered is kept for known addresses, and one body must fit into the rest.
void check_shares(YamlFile& file, const YAML::Node& node, const std::string& name,
                  const ListenerConfig& config) {
  if (config.max_buffered / 2 >= config.max_body &&
      config.max_buffered_per_address >= config.max_body) {
    return;
  }
  file.error(node, "out-of-range",
             fmt::format("{0}.max_buffered must be twice {0}.max_body at least, and "
                         "{0}.max_buffered_per_address as much as it: one body must fit",
                         name));
}

// Those that are written, and what the machine is called.
void read_hosts(YamlFile& file, const YAML::Node& node, std::string_view name,
                ListenerConfig& into) {
  if (name != "api") {
    if (node.IsDefined()) file.error(node, "wrong-key", "only 'api' has 'hosts'");
    return;
  }
  auto hosts = std::make_shared<HostList>();
  // A name that is none helps nobody and harms nobody.
  [[maybe_unused]] const auto added = hosts->add(own_host_name());
  if (node.IsDefined()) {
    const auto names = file.texts(node, "api.hosts");
    if (names.empty() || names.size() > hosts_max) {
      file.error(node, "wrong-name",
                 fmt::format("api.hosts must be a list of 1 to {} names", hosts_max));
    }
    for (const std::string& text : names) {
      const auto taken = hosts->add(text);
      if (taken) continue;
      file.error(node, "wrong-name",
                 fmt::format("'{}' in api.hosts: {}", text, taken.error().detail));
    }
  }
  into.hosts = std::move(hosts);
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
  read_shares(file, section, name, into);
  read_within(file, section.take("header_timeout"), key("header_timeout"), Milliseconds{100},
              minutes{5}, into.header_timeout);
  read_within(file, section.take("request_timeout"), key("request_timeout"), Milliseconds{100},
              minutes{30}, into.request_timeout);
  read_within(file, section.take("idle_timeout"), key("idle_timeout"), Milliseconds{100}, hours{1},
              into.idle_timeout);
  read_within(file, section.take("connection_timeout"), key("connection_timeout"), seconds{1},
              hours{24}, into.connection_timeout);
  read_listener_tls(file, section.take("tls"), key("tls"), secrets, into);
  read_clients(file, section, name, into);
  read_keep_refused(file, section.take("keep_refused"), name, into);
  read_hosts(file, section.take("hosts"), name, into);
  section.finish();
  check_shares(file, node, name, into);
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
  config.hooks = hooks_default();
  config.api = api_default();
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
