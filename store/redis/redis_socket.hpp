// One connection's bytes, over TCP, a unix socket or TLS. Knows nothing of Redis. Used from one
// thread; must outlive what was started on it.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/basic_resolver.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>

#include <memory>
#include <span>
#include <string>
#include <tuple>

#include "event/clock.hpp"
#include "store/redis/redis_endpoint.hpp"
#include "store/task.hpp"

namespace signalbox {

class RedisSocket {
 public:
  using Executor = boost::asio::io_context::executor_type;
  using Transfer = Task<std::tuple<boost::system::error_code, std::size_t>>;

  RedisSocket(Executor executor, RedisEndpoint endpoint);

  const RedisEndpoint& endpoint() const noexcept { return endpoint_; }

  // Empty once open, with a verified peer where it is TLS; else why not, for people.
  Task<std::string> open();
  // Ends whatever is outstanding with an error.
  void close();

  Transfer read_some(std::span<char> into);
  Transfer write(std::string_view bytes);

  // The same with a handler of (error_code, size_t); the bytes must stay until it is called.
  template <class Handler>
  void write(const std::string& bytes, Handler handler) {
    if (!tls_) {
      boost::asio::async_write(socket_, boost::asio::buffer(bytes), std::move(handler));
      return;
    }
    // Operations on a stream refer to it until they end, which is after the socket was closed.
    auto with_stream = [kept = tls_, handler = std::move(handler)](boost::system::error_code failed,
                                                                   std::size_t size) mutable {
      handler(failed, size);
    };
    boost::asio::async_write(*tls_, boost::asio::buffer(bytes), std::move(with_stream));
  }

 private:
  using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, Executor>;
  using Resolver = boost::asio::ip::basic_resolver<boost::asio::ip::tcp, Executor>;
  using TlsStream = boost::asio::ssl::stream<Socket&>;

  Task<std::string> connect_unix();
  Task<std::string> connect_tcp();
  Task<std::string> shake_hands();
  std::string why(std::string_view what) const;

  RedisEndpoint endpoint_;
  Socket socket_;
  Resolver resolver_;
  std::shared_ptr<TlsStream> tls_;  // a new one for each connection
  bool closed_ = true;
};

}  // namespace signalbox
