#include "gateway/http/transport.hpp"

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>
#include <climits>

namespace signalbox {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

Transport::Io plain_outcome(const error_code& failed, Transport::Io wait) {
  if (!failed) return Transport::Io::done;
  const bool again = failed == asio::error::would_block || failed == asio::error::try_again ||
                     failed == asio::error::interrupted;
  return again ? wait : Transport::Io::ended;
}

// Each message of a handshake that was received; `count` is the transport's.
void count_key_update(int sent, int, int type, const void* bytes, std::size_t size, SSL* ssl,
                      void* count) {
  if (sent != 0 || type != SSL3_RT_HANDSHAKE || size == 0) return;
  if (*static_cast<const unsigned char*>(bytes) != SSL3_MT_KEY_UPDATE) return;
  // As if the other end had closed: OpenSSL reads no further.
  if (++*static_cast<std::size_t*>(count) > key_updates_max) {
    SSL_set_shutdown(ssl, SSL_RECEIVED_SHUTDOWN);
  }
}

// Reads OpenSSL's words for it, which quote nothing of the certificate.
std::optional<Error> fault_of_certificate(const SSL& ssl, unsigned long why) {
  if (ERR_GET_LIB(why) != ERR_LIB_SSL) return std::nullopt;
  if (ERR_GET_REASON(why) == SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE) {
    return Error{Reason::certificate_missing, {}};
  }
  if (ERR_GET_REASON(why) != SSL_R_CERTIFICATE_VERIFY_FAILED) return std::nullopt;
  const long fault = SSL_get_verify_result(&ssl);
  return Error{Reason::certificate_invalid, fault == X509_V_ERR_HOSTNAME_MISMATCH
                                                ? "has none of the names of client_names"
                                                : X509_verify_cert_error_string(fault)};
}

}  // namespace

void Transport::Free::operator()(ssl_st* ssl) const noexcept { SSL_free(ssl); }

Transport::Transport(Socket socket, ssl_ctx_st* tls_context) : socket_{std::move(socket)} {
  error_code failed;
  socket_.non_blocking(true, failed);
  socket_.set_option(asio::ip::tcp::no_delay{true}, failed);
  if (tls_context == nullptr) return;
  tls_.reset(SSL_new(tls_context));
  handshaking_ = true;
  if (!tls_ || SSL_set_fd(tls_.get(), static_cast<int>(socket_.native_handle())) != 1) {
    tls_.reset();  // the handshake fails: never plain where TLS was asked for
    return;
  }
  SSL_set_msg_callback(tls_.get(), count_key_update);
  SSL_set_msg_callback_arg(tls_.get(), &key_updates_);
  SSL_set_accept_state(tls_.get());
}

Transport::Io Transport::handshake() {
  if (!tls_) return Io::ended;
  ERR_clear_error();
  const int result = SSL_do_handshake(tls_.get());
  if (result == 1) {
    handshaking_ = false;
    return Io::done;
  }
  const unsigned long why = ERR_peek_error();
  const Io io = outcome(result);
  if (io == Io::ended) certificate_fault_ = fault_of_certificate(*tls_, why);
  if (io == Io::ended && ERR_GET_LIB(why) == ERR_LIB_SSL &&
      ERR_GET_REASON(why) == SSL_R_HTTP_REQUEST) {
    spoke_plain_http_ = true;
    tls_.reset();
  }
  return io;
}

// What OpenSSL wants next. After an error the connection is of no use (SSL_get_error(3)).
Transport::Io Transport::outcome(int result) {
  const int error = SSL_get_error(tls_.get(), result);
  ERR_clear_error();
  if (error == SSL_ERROR_WANT_READ) return Io::wait_read;
  if (error == SSL_ERROR_WANT_WRITE) return Io::wait_write;
  return Io::ended;
}

Transport::Io Transport::read_some(char* into, std::size_t size, std::size_t& count) {
  count = 0;
  if (!tls_) {
    error_code failed;
    count = socket_.read_some(asio::buffer(into, size), failed);
    return plain_outcome(failed, Io::wait_read);
  }
  ERR_clear_error();
  const int result =
      SSL_read(tls_.get(), into, static_cast<int>(std::min<std::size_t>(size, INT_MAX)));
  if (result <= 0) return outcome(result);
  count = static_cast<std::size_t>(result);
  return Io::done;
}

Transport::Io Transport::write_some(std::string_view bytes, std::size_t& count) {
  count = 0;
  if (bytes.empty()) return Io::done;
  if (!tls_) {
    error_code failed;
    count = socket_.write_some(asio::buffer(bytes.data(), bytes.size()), failed);
    return plain_outcome(failed, Io::wait_write);
  }
  ERR_clear_error();
  const int size = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
  const int result = SSL_write(tls_.get(), bytes.data(), size);
  if (result <= 0) return outcome(result);
  count = static_cast<std::size_t>(result);
  return Io::done;
}

bool Transport::has_pending() const noexcept { return tls_ && SSL_has_pending(tls_.get()) == 1; }

void Transport::finish_sending() {
  if (tls_ && !handshaking_) {
    ERR_clear_error();
    SSL_shutdown(tls_.get());  // one try: the other side closes all the same
  }
  error_code ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

std::string Transport::peer() const {
  error_code failed;
  const auto remote = socket_.remote_endpoint(failed);
  return failed ? std::string{} : remote.address().to_string();
}

}  // namespace signalbox
