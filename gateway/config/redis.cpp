#include "gateway/config/redis.hpp"

#include <fmt/format.h>

#include "gateway/config/address.hpp"
#include "gateway/config/config_file.hpp"
#include "gateway/config/sections.hpp"

namespace signalbox {
namespace {

void read_url(YamlFile& file, const YAML::Node& node, RedisConfig& into) {
  const auto text = file.text(node, "redis.url");
  if (!text) return;
  auto address = parse_redis_url(*text);
  if (!address) {
    file.error(node, "wrong-address", fmt::format("redis.url {}", address.error().detail));
    return;
  }
  into.socket = std::move(address->socket);
  into.host = std::move(address->host);
  into.port = address->port;
  into.tls = address->tls;
  into.username = std::move(address->username);
  into.database = address->database;
}

void read_socket(YamlFile& file, const YAML::Node& node, RedisConfig& into) {
  const auto path = file.text(node, "redis.socket");
  if (!path) return;
  if (path->size() > socket_path_max || !path->starts_with('/')) {
    file.error(
        node, "wrong-address",
        fmt::format("redis.socket must be an absolute path of at most {} bytes", socket_path_max));
    return;
  }
  into.socket = *path;
}

std::string read_pem_path(YamlFile& file, const YAML::Node& node, const std::string& what,
                          SecretReader& secrets) {
  if (!node.IsDefined()) return {};
  const auto path = secrets.path(node, what);
  if (!path) return {};
  if (const auto text = read_text_file(*path, config_file_bytes_max); !text) {
    file.error(node, "unreadable", fmt::format("{}: {}", what, text.error().detail));
  }
  return *path;
}

void read_tls(YamlFile& file, const YAML::Node& node, SecretReader& secrets, RedisConfig& into) {
  YamlMapping section{file, node, "redis.tls"};
  into.tls_ca = read_pem_path(file, section.take("ca"), "redis.tls.ca", secrets);
  const YAML::Node certificate = section.take("certificate");
  const YAML::Node key = section.take("key");
  into.tls_certificate = read_pem_path(file, certificate, "redis.tls.certificate", secrets);
  into.tls_key = read_pem_path(file, key, "redis.tls.key", secrets);
  const YAML::Node name = section.take("server_name");
  if (name.IsDefined())
    into.tls_server_name = file.text(name, "redis.tls.server_name").value_or("");
  section.finish();
  if (!section.defined()) return;
  if (!into.tls) file.error(node, "unused-key", "redis.tls needs a redis.url of rediss://");
  if (certificate.IsDefined() != key.IsDefined()) {
    file.error(node, "missing-key", "redis.tls needs both 'certificate' and 'key', or neither");
  }
}

}  // namespace

void read_redis(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config) {
  RedisConfig& into = config.redis;
  if (!node.IsDefined()) return;
  if (node.IsScalar()) {
    into.embedded = node.Scalar() == "embedded";
    if (!into.embedded) {
      file.error(node, "wrong-type",
                 "redis must be 'embedded', {url: \"redis://host:port\"} or {socket: /path}");
    }
    return;
  }
  YamlMapping section{file, node, "redis"};
  const YAML::Node url = section.take("url");
  const YAML::Node socket = section.take("socket");
  const YAML::Node prefix = section.take("prefix");
  if (url.IsDefined()) read_url(file, url, into);
  if (socket.IsDefined()) read_socket(file, socket, into);
  into.password = secrets.read_password(section.take("password"), "redis.password");
  read_tls(file, section.take("tls"), secrets, into);
  refuse_keys(file, section, {"sentinel", "cluster"});
  section.finish();
  if (section.defined() && url.IsDefined() == socket.IsDefined()) {
    file.error(node, "missing-key", "redis needs either 'url' or 'socket'");
  }
  if (!into.username.empty() && !into.password) {
    file.error(url, "missing-key", "redis.url names a user, so redis.password is needed");
  }
  if (!prefix.IsDefined()) return;
  const auto text = file.text(prefix, "redis.prefix");
  if (text && is_config_name(*text)) {
    into.prefix = *text;
  } else if (text) {
    file.error(prefix, "wrong-name", fmt::format("redis.prefix must match {}", config_name_form()));
  }
}

Result<RedisEndpoint> redis_endpoint_of(const RedisConfig& config) {
  RedisEndpoint endpoint{config.socket, config.host, config.port};
  endpoint.username = config.username;
  if (config.password) endpoint.password = config.password->value;
  endpoint.database = config.database;
  endpoint.server_name = config.tls_server_name;
  if (!config.tls) return endpoint;
  auto tls = make_redis_tls({config.tls_ca, config.tls_certificate, config.tls_key});
  if (!tls) return tls.error();
  endpoint.tls = std::move(*tls);
  return endpoint;
}

}  // namespace signalbox
