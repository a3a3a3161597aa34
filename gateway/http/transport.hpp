// The bytes of one accepted connection, plain or through TLS: neither call blocks, and each says
// what to wait for on the socket, so that a session is the same for both. TLS is OpenSSL on the
// socket's descriptor; between records it holds no buffers (SSL_MODE_RELEASE_BUFFERS in
// tls_context.cpp), so an idle connection stays small. Not thread-safe.
#pragma once

#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "event/error.hpp"

struct ssl_ctx_st;
struct ssl_st;

namespace signalbox {

using Socket =
    boost::asio::basic_stream_socket<boost::asio::ip::tcp, boost::asio::io_context::executor_type>;

// New keys that a peer may ask for in the life of a connection. OpenSSL makes them as fast as they
// come, within one call, and standard peers ask after terabytes (RFC 8446, section 5.5).
inline constexpr std::size_t key_updates_max = 32;

class Transport {
 public:
  // What became of a call: done, or done once the socket is readable or writable and the call was
  // made again, or the connection ended.
  enum class Io : std::uint8_t { done, wait_read, wait_write, ended };

  // A null context: plain. The socket becomes non-blocking.
  Transport(Socket socket, ssl_ctx_st* tls_context);
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  bool needs_handshake() const noexcept { return handshaking_; }
  // Until done. After `ended`, spoke_plain_http() says whether a client has sent HTTP without TLS;
  // the transport is plain from then on, so that it can be told.
  Io handshake();
  bool spoke_plain_http() const noexcept { return spoke_plain_http_; }
  // After `ended`: what was wrong with the client's certificate; nothing where that was not why.
  const std::optional<Error>& certificate_fault() const noexcept { return certificate_fault_; }

  // done: at least one byte was received or sent, as `count` says.
  Io read_some(char* into, std::size_t size, std::size_t& count);
  Io write_some(std::string_view bytes, std::size_t& count);
  // Whether read_some() can succeed without the socket being readable.
  bool has_pending() const noexcept;

  // No more bytes will be written; the other side may still send.
  void finish_sending();

  std::string peer() const;  // the other end's address; empty once it is unknown
  Socket& socket() noexcept { return socket_; }

 private:
  struct Free {
    void operator()(ssl_st* ssl) const noexcept;
  };
  Io outcome(int result);

  Socket socket_;
  std::unique_ptr<ssl_st, Free> tls_;
  std::size_t key_updates_ = 0;  // that the other end asked for, in TLS 1.3
  bool handshaking_ = false;
  bool spoke_plain_http_ = false;
  std::optional<Error> certificate_fault_;
};

}  // namespace signalbox
