#include "gateway/config/redis_setting.hpp"

namespace signalbox {

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
