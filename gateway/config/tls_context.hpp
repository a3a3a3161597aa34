// What a listener needs to speak TLS: certificate chain and private key, read from PEM files and
// checked against each other. Contexts are immutable once made and shared by all threads.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "event/error.hpp"

struct ssl_ctx_st;

namespace signalbox {

struct TlsFiles {
  std::string certificate;  // the server's own first, then the intermediate ones
  std::string key;          // not encrypted
};

// TLS 1.2 and up, HTTP/1.1 by ALPN, sessions resumed by tickets. not_found or invalid_argument with
// what is wrong with which file; never content of the key.
Result<std::shared_ptr<ssl_ctx_st>> make_tls_context(const TlsFiles& files);

// When the server's certificate stops being valid.
std::chrono::system_clock::time_point certificate_expiry(ssl_ctx_st& context);

}  // namespace signalbox
