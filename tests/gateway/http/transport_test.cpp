// TLS from both of its ends, in memory of one process: what a peer may make a transport do.
#include "gateway/http/transport.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <array>
#include <memory>
#include <stdexcept>
#include <string>

#include "gateway/config/tls_context.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

// A certificate of its own, valid for an hour.
std::shared_ptr<ssl_ctx_st> server_context(const Scratch& scratch) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
  const std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(), X509_free};
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3'600);
  X509_set_pubkey(certificate.get(), key.get());
  X509_sign(certificate.get(), key.get(), EVP_sha256());
  const TlsFiles files{scratch.write("tls.crt", ""), scratch.write("tls.key", "")};
  const std::unique_ptr<BIO, decltype(&BIO_free)> out{BIO_new_file(files.certificate.c_str(), "w"),
                                                      BIO_free};
  PEM_write_bio_X509(out.get(), certificate.get());
  const std::unique_ptr<BIO, decltype(&BIO_free)> key_out{BIO_new_file(files.key.c_str(), "w"),
                                                          BIO_free};
  PEM_write_bio_PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  BIO_flush(out.get());
  BIO_flush(key_out.get());
  auto context = make_tls_context(files);
  if (!context) throw std::runtime_error(context.error().detail);
  return *context;
}

class TlsPair {
 public:
  explicit TlsPair(ssl_ctx_st* context) {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends.data()) != 0)
      throw std::runtime_error("socketpair failed");
    client_end_ = ends[0];
    Socket socket{io_.get_executor(), boost::asio::ip::tcp::v4(), ends[1]};
    server = std::make_unique<Transport>(std::move(socket), context);
    client = SSL_new(client_context_.get());
    SSL_set_fd(client, client_end_);
    SSL_set_connect_state(client);
    for (int i = 0; i < 10; ++i) {
      SSL_do_handshake(client);
      if (server->needs_handshake()) server->handshake();
    }
  }
  ~TlsPair() {
    SSL_free(client);
    ::close(client_end_);
  }
  TlsPair(const TlsPair&) = delete;
  TlsPair& operator=(const TlsPair&) = delete;

  // New keys, so many times, and a byte behind them.
  void update_keys(std::size_t times) {
    for (std::size_t i = 0; i < times; ++i) {
      SSL_key_update(client, SSL_KEY_UPDATE_NOT_REQUESTED);
      SSL_do_handshake(client);
    }
    SSL_write(client, "x", 1);
  }

  Transport::Io read(std::size_t& count) {
    std::array<char, 16> bytes{};
    return server->read_some(bytes.data(), bytes.size(), count);
  }

 private:
  boost::asio::io_context io_;

 public:
  std::unique_ptr<Transport> server;
  SSL* client = nullptr;

 private:
  std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> client_context_{
      SSL_CTX_new(TLS_client_method()), SSL_CTX_free};
  int client_end_ = -1;
};

}  // namespace

TEST_CASE("a peer that asks for new keys without an end is given up", "[transport]") {
  const Scratch scratch;
  const auto context = server_context(scratch);
  for (const std::size_t times : {std::size_t{32}, std::size_t{33}}) {
    CAPTURE(times);
    TlsPair pair{context.get()};
    REQUIRE_FALSE(pair.server->needs_handshake());
    pair.update_keys(times);
    std::size_t count = 0;
    const Transport::Io io = pair.read(count);
    CHECK(io == (times == 32 ? Transport::Io::done : Transport::Io::ended));
    CHECK(count == (times == 32 ? 1 : 0));
  }
}

}  // namespace signalbox
