#include "gateway/config/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <array>
#include <ctime>
#include <string_view>

#include "gateway/config/config_file.hpp"

namespace signalbox {
namespace {

constexpr std::string_view alpn_http11 = "\x08http/1.1";
constexpr std::size_t pem_bytes_max = 1024 * 1024;
// A record and its header: what one read of the socket should be able to take.
constexpr std::size_t read_ahead_bytes = 16 * 1024 + 512;

// OpenSSL's own words for the first error of this thread; they never quote a file.
std::string why() {
  std::array<char, 256> text{};
  const unsigned long code = ERR_peek_error();
  ERR_error_string_n(code, text.data(), text.size());
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason != nullptr ? reason : text.data();
}

int select_alpn(SSL*, const unsigned char** chosen, unsigned char* chosen_size,
                const unsigned char* offered, unsigned int offered_size, void*) {
  unsigned char* match = nullptr;
  const auto* known = reinterpret_cast<const unsigned char*>(alpn_http11.data());
  const int result = SSL_select_next_proto(
      &match, chosen_size, known, static_cast<unsigned>(alpn_http11.size()), offered, offered_size);
  *chosen = match;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

// An encrypted key must fail, not ask on the terminal.
int no_passphrase(char*, int, int, void*) { return 0; }

void configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, read_ahead_bytes);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);  // tickets need none
  SSL_CTX_set_alpn_select_cb(context, select_alpn, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
}

}  // namespace

Result<std::shared_ptr<ssl_ctx_st>> make_tls_context(const TlsFiles& files) {
  for (const std::string& path : {files.certificate, files.key}) {
    const auto content = read_text_file(path, pem_bytes_max);
    if (!content) return content.error();
  }
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context) return Error{Reason::internal_error, why()};
  configure(context.get());
  if (SSL_CTX_use_certificate_chain_file(context.get(), files.certificate.c_str()) != 1) {
    return Error{Reason::invalid_argument,
                 fmt::format("{}: is no certificate chain in PEM: {}", files.certificate, why())};
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), files.key.c_str(), SSL_FILETYPE_PEM) != 1) {
    return Error{Reason::invalid_argument,
                 fmt::format("{}: is no private key in PEM that belongs to the certificate: {}",
                             files.key, why())};
  }
  if (SSL_CTX_check_private_key(context.get()) != 1) {
    return Error{Reason::invalid_argument,
                 fmt::format("{}: does not belong to {}", files.key, files.certificate)};
  }
  return context;
}

std::chrono::system_clock::time_point certificate_expiry(ssl_ctx_st& context) {
  const X509* certificate = SSL_CTX_get0_certificate(&context);
  std::tm parts{};
  if (certificate == nullptr || ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &parts) != 1) {
    return {};
  }
  return std::chrono::system_clock::from_time_t(::timegm(&parts));
}

}  // namespace signalbox
