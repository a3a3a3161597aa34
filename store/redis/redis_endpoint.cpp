#include "store/redis/redis_endpoint.hpp"

#include <boost/asio/ssl/context.hpp>

namespace signalbox {
namespace {

namespace ssl = boost::asio::ssl;
using boost::system::error_code;

Error unusable(const std::string& file, const error_code& failed) {
  return Error{Reason::invalid_argument, file + ": " + failed.message()};
}

}  // namespace

std::string to_string(const RedisEndpoint& endpoint) {
  if (!endpoint.socket.empty()) return "unix:" + endpoint.socket;
  const bool is_v6 = endpoint.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + endpoint.host + "]" : endpoint.host;
  return (endpoint.tls ? "rediss://" : "") + host + ":" + std::to_string(endpoint.port);
}

Result<std::shared_ptr<ssl::context>> make_redis_tls(const RedisTlsFiles& files) {
  auto context = std::make_shared<ssl::context>(ssl::context::tls_client);
  error_code failed;
  context->set_options(ssl::context::default_workarounds | ssl::context::no_tlsv1 |
                           ssl::context::no_tlsv1_1 | ssl::context::no_compression,
                       failed);
  context->set_verify_mode(ssl::verify_peer, failed);
  if (files.ca.empty()) {
    context->set_default_verify_paths(failed);
    if (failed) return unusable("the system's certificates", failed);
  } else {
    context->load_verify_file(files.ca, failed);
    if (failed) return unusable(files.ca, failed);
  }
  if (!files.certificate.empty()) {
    context->use_certificate_chain_file(files.certificate, failed);
    if (failed) return unusable(files.certificate, failed);
  }
  if (!files.key.empty()) {
    context->use_private_key_file(files.key, ssl::context::pem, failed);
    if (failed) return unusable(files.key, failed);
  }
  return context;
}

}  // namespace signalbox
