// What a listener needs to speak TLS: certificate chain and private key, read from PEM files and
// checked against each other, and which clients it asks for certificates of their own. Contexts are
// immutable once made and shared by all threads.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "event/error.hpp"

struct ssl_ctx_st;
struct x509_st;

namespace signalbox {

struct TlsFiles {
  std::string certificate;  // the server's own first, then the intermediate ones
  std::string key;          // not encrypted
  std::string client_ca{};  // authorities; empty: clients need no certificate
  // Of client certificates, beside their authority; empty: any name.
  std::vector<std::string> client_names{};
};

// TLS 1.2 and up, ephemeral keys only, HTTP/1.1 by ALPN; no connection is resumed, so that each
// has keys, and shows a certificate, of its own. not_found or invalid_argument with what is wrong
// with which file; never content of the key.
Result<std::shared_ptr<ssl_ctx_st>> make_tls_context(const TlsFiles& files);

// When the server's certificate stops being valid.
std::chrono::system_clock::time_point certificate_expiry(ssl_ctx_st& context);

// Whether a certificate has one of the names: a DNS name, an address of mail or a URI of its
// subjectAltName, or the common name of its subject; exactly, but for the case of DNS names.
bool has_name(const x509_st& certificate, const std::vector<std::string>& names);

}  // namespace signalbox
