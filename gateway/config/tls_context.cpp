#include "gateway/config/tls_context.hpp"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <ctime>

#include "event/event.hpp"
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

// Forward secrecy and authenticated encryption only (RFC 9325, section 4.2); what TLS 1.3 has is
// like this anyway.
constexpr const char* tls12_ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* groups = "X25519:P-256:P-384";

// No tickets: one key would open all connections that were resumed by it for as long as the context
// lives, and a client whose certificate has ended would go on without showing it. A full handshake
// is half a millisecond, and who calls often keeps the connection.
bool configure(SSL_CTX* context) {
  SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_num_tickets(context, 0);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);
  SSL_CTX_set_default_read_buffer_len(context, read_ahead_bytes);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, select_alpn, nullptr);
  SSL_CTX_set_default_passwd_cb(context, no_passphrase);
  return SSL_CTX_set_cipher_list(context, tls12_ciphers) == 1 &&
         SSL_CTX_set1_groups_list(context, groups) == 1;
}

using Names = std::vector<std::string>;

void free_names(void*, void* names, CRYPTO_EX_DATA*, int, long, void*) {
  delete static_cast<Names*>(names);
}

// Where a context keeps the names that client certificates may have.
int names_index() {
  static const int index = SSL_CTX_get_ex_new_index(0, nullptr, nullptr, nullptr, free_names);
  return index;
}

// Of each certificate of a client's chain; what OpenSSL found wrong stays so.
int verify_client(int good, X509_STORE_CTX* chain) {
  if (good != 1 || X509_STORE_CTX_get_error_depth(chain) != 0) return good;
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(chain, SSL_get_ex_data_X509_STORE_CTX_idx()));
  const auto* names =
      static_cast<const Names*>(SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), names_index()));
  if (names == nullptr || has_name(*X509_STORE_CTX_get_current_cert(chain), *names)) return 1;
  X509_STORE_CTX_set_error(chain, X509_V_ERR_HOSTNAME_MISMATCH);
  return 0;
}

// Clients must show a certificate that comes from one of the authorities.
Result<bool> ask_clients(SSL_CTX* context, const TlsFiles& files) {
  STACK_OF(X509_NAME)* authorities = SSL_load_client_CA_file(files.client_ca.c_str());
  if (authorities == nullptr ||
      SSL_CTX_load_verify_locations(context, files.client_ca.c_str(), nullptr) != 1) {
    sk_X509_NAME_pop_free(authorities, X509_NAME_free);
    return Error{
        Reason::invalid_argument,
        fmt::format("{}: has no certificate of an authority in PEM: {}", files.client_ca, why())};
  }
  SSL_CTX_set_client_CA_list(context, authorities);  // takes them over
  if (!files.client_names.empty()) {
    auto names = std::make_unique<Names>(files.client_names);
    if (SSL_CTX_set_ex_data(context, names_index(), names.get()) != 1) {
      return Error{Reason::internal_error, why()};
    }
    static_cast<void>(names.release());
  }
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, verify_client);
  return true;
}

std::string_view text_of(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<std::size_t>(ASN1_STRING_length(text))};
}

bool is_among(std::string_view name, const Names& names, bool caseless) {
  return std::any_of(names.begin(), names.end(), [&](const std::string& allowed) {
    return caseless ? iequals(name, allowed) : name == allowed;
  });
}

bool has_alternative_name(const X509& certificate, const Names& names) {
  const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> alternatives{
      static_cast<GENERAL_NAMES*>(
          X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)),
      GENERAL_NAMES_free};
  for (int i = 0; i < sk_GENERAL_NAME_num(alternatives.get()); ++i) {
    const GENERAL_NAME* one = sk_GENERAL_NAME_value(alternatives.get(), i);
    const bool plain = one->type == GEN_DNS || one->type == GEN_URI || one->type == GEN_EMAIL;
    if (plain && is_among(text_of(one->d.ia5), names, one->type == GEN_DNS)) return true;
  }
  return false;
}

}  // namespace

bool has_name(const X509& certificate, const std::vector<std::string>& names) {
  if (has_alternative_name(certificate, names)) return true;
  const X509_NAME* subject = X509_get_subject_name(&certificate);
  int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return false;
  return is_among(text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at))), names,
                  false);
}

Result<std::shared_ptr<ssl_ctx_st>> make_tls_context(const TlsFiles& files) {
  for (const std::string& path : {files.certificate, files.key, files.client_ca}) {
    if (path.empty()) continue;
    const auto content = read_text_file(path, pem_bytes_max);
    if (!content) return content.error();
  }
  ERR_clear_error();
  std::shared_ptr<SSL_CTX> context{SSL_CTX_new(TLS_server_method()), SSL_CTX_free};
  if (!context) return Error{Reason::internal_error, why()};
  if (!configure(context.get())) return Error{Reason::internal_error, why()};
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
  if (!files.client_ca.empty()) {
    const auto asked = ask_clients(context.get(), files);
    if (!asked) return asked.error();
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
