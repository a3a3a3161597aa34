#include "store/redis/redis_socket.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/x509v3.h>
#include <sys/un.h>

#include <utility>

namespace signalbox {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto awaited = asio::as_tuple(asio::use_awaitable_t<RedisSocket::Executor>{});

// A peer that is gone without a word is noticed: idle connections after 25 seconds, and those with
// unacknowledged bytes after 10.
constexpr int keepalive_idle_s = 10;
constexpr int keepalive_interval_s = 5;
constexpr int keepalive_probes = 3;
constexpr unsigned user_timeout_ms = 10'000;

template <class Value>
void set_tcp_option(int socket, int name, Value value) {
  ::setsockopt(socket, IPPROTO_TCP, name, &value, sizeof value);  // without it things only last
}

void tune_tcp(int socket) {
  const int on = 1;
  ::setsockopt(socket, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  set_tcp_option(socket, TCP_NODELAY, 1);
  set_tcp_option(socket, TCP_KEEPIDLE, keepalive_idle_s);
  set_tcp_option(socket, TCP_KEEPINTVL, keepalive_interval_s);
  set_tcp_option(socket, TCP_KEEPCNT, keepalive_probes);
  set_tcp_option(socket, TCP_USER_TIMEOUT, user_timeout_ms);
}

bool is_address(const std::string& host) {
  error_code failed;
  asio::ip::make_address(host, failed);
  return !failed;
}

// Makes the handshake fail unless the certificate is for this name or address, and names it to a
// server that has several certificates (RFC 6066, which allows no addresses).
bool expect_peer(SSL* session, const std::string& name) {
  if (is_address(name)) {
    return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session), name.c_str()) == 1;
  }
  SSL_set_hostflags(session, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(session, name.c_str()) == 1 &&
         SSL_set_tlsext_host_name(session, name.c_str()) == 1;
}

}  // namespace

RedisSocket::RedisSocket(Executor executor, RedisEndpoint endpoint)
    : endpoint_{std::move(endpoint)}, socket_{executor}, resolver_{executor} {}

std::string RedisSocket::why(std::string_view what) const {
  return to_string(endpoint_) + ": " + std::string{what};
}

Task<std::string> RedisSocket::open() {
  close();
  closed_ = false;
  tls_.reset();
  std::string failure;
  if (endpoint_.socket.empty()) {
    failure = co_await connect_tcp();
  } else {
    failure = co_await connect_unix();
  }
  if (failure.empty() && endpoint_.tls) failure = co_await shake_hands();
  co_return failure;
}

void RedisSocket::close() {
  closed_ = true;
  resolver_.cancel();
  error_code ignored;
  socket_.close(ignored);
}

RedisSocket::Transfer RedisSocket::read_some(std::span<char> into) {
  const auto buffer = asio::buffer(into.data(), into.size());
  if (tls_) return tls_->async_read_some(buffer, awaited);
  return socket_.async_read_some(buffer, awaited);
}

RedisSocket::Transfer RedisSocket::write(std::string_view bytes) {
  const auto buffer = asio::buffer(bytes.data(), bytes.size());
  if (tls_) return asio::async_write(*tls_, buffer, awaited);
  return asio::async_write(socket_, buffer, awaited);
}

Task<std::string> RedisSocket::connect_unix() {
  if (endpoint_.socket.size() >= sizeof(sockaddr_un::sun_path)) {
    co_return "the path of the Redis socket is longer than a unix socket's may be";
  }
  const asio::generic::stream_protocol::endpoint to{
      asio::local::stream_protocol::endpoint{endpoint_.socket}};
  const auto [failed] = co_await socket_.async_connect(to, awaited);
  co_return failed ? why(failed.message()) : std::string{};
}

Task<std::string> RedisSocket::connect_tcp() {
  const std::string port = std::to_string(endpoint_.port);
  const auto [unresolved, found] = co_await resolver_.async_resolve(endpoint_.host, port, awaited);
  if (unresolved) co_return why(unresolved.message());
  error_code last_failure = asio::error::host_not_found;
  for (const auto& entry : found) {
    if (closed_) break;
    error_code ignored;
    socket_.close(ignored);
    const asio::generic::stream_protocol::endpoint to{entry.endpoint()};
    const auto [failed] = co_await socket_.async_connect(to, awaited);
    last_failure = failed;
    if (failed) continue;
    tune_tcp(socket_.native_handle());
    co_return std::string{};
  }
  co_return why(last_failure.message());
}

Task<std::string> RedisSocket::shake_hands() {
  tls_ = std::make_shared<TlsStream>(socket_, *endpoint_.tls);
  const std::string& name = endpoint_.server_name.empty() ? endpoint_.host : endpoint_.server_name;
  if (!expect_peer(tls_->native_handle(), name)) co_return why("TLS: no valid server name");
  const auto [failed] = co_await tls_->async_handshake(asio::ssl::stream_base::client, awaited);
  if (!failed) co_return std::string{};
  const long verified = SSL_get_verify_result(tls_->native_handle());
  co_return why("TLS: " + (verified == X509_V_OK ? failed.message()
                                                 : std::string{"the certificate was refused: "} +
                                                       X509_verify_cert_error_string(verified)));
}

}  // namespace signalbox
