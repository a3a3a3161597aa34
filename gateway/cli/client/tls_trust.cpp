#include "gateway/cli/client/tls_trust.hpp"

#include <fmt/format.h>

#include <boost/asio/ssl/context.hpp>

namespace signalbox {
namespace {

namespace ssl = boost::asio::ssl;

std::optional<Failure> show_certificate(ssl::context& context, const TlsTrust& trust) {
  if (trust.certificate.empty() && trust.key.empty()) return std::nullopt;
  boost::system::error_code failed;
  context.use_certificate_chain_file(trust.certificate, failed);
  if (failed) {
    return usage_failure(
        fmt::format("{}: holds no certificate to show: {}", trust.certificate, failed.message()),
        "SIGNALBOX_CLIENT_CERTIFICATE and SIGNALBOX_CLIENT_KEY are PEM files");
  }
  context.use_private_key_file(trust.key, ssl::context::pem, failed);
  if (!failed) return std::nullopt;
  return usage_failure(fmt::format("{}: is no private key of {}: {}", trust.key, trust.certificate,
                                   failed.message()),
                       "SIGNALBOX_CLIENT_CERTIFICATE and SIGNALBOX_CLIENT_KEY are PEM files");
}

}  // namespace

std::optional<Failure> trust_in(ssl::context& context, const TlsTrust& trust) {
  context.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  context.set_verify_mode(ssl::verify_peer);
  if (auto failure = show_certificate(context, trust)) return failure;
  boost::system::error_code failed;
  if (trust.file.empty()) {
    context.set_default_verify_paths(failed);
    return std::nullopt;
  }
  context.load_verify_file(trust.file, failed);
  if (failed) {
    return usage_failure(
        fmt::format("{}: holds no certificate to trust: {}", trust.file, failed.message()));
  }
  // The file may hold the server's own certificate instead of who issued it.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  return std::nullopt;
}

}  // namespace signalbox
