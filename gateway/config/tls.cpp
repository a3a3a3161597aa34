// Certificates of the listeners.
#include <fmt/format.h>

#include "gateway/config/config_file.hpp"
#include "gateway/config/sections.hpp"

namespace signalbox {
namespace {

constexpr std::chrono::days expires_soon{14};

void check_expiry(YamlFile& file, const YAML::Node& node, const std::string& path,
                  ssl_ctx_st& context) {
  const auto left = certificate_expiry(context) - std::chrono::system_clock::now();
  if (left <= std::chrono::seconds{0}) {
    file.warning(node, "certificate-expired", fmt::format("{} is no longer valid", path));
  } else if (left < expires_soon) {
    const auto days = std::chrono::duration_cast<std::chrono::days>(left).count();
    file.warning(node, "certificate-expires", fmt::format("{} expires in {} days", path, days));
  }
}

}  // namespace

void read_tls(YamlFile& file, const YAML::Node& node, const std::string& what,
              SecretReader& secrets, ListenerConfig& into) {
  if (!node.IsDefined()) return;
  YamlMapping section{file, node, what};
  const YAML::Node certificate = section.need("certificate");
  const YAML::Node key = section.need("key");
  section.finish();
  if (!certificate.IsDefined() || !key.IsDefined()) return;
  const auto certificate_path = secrets.path(certificate, what + ".certificate");
  const auto key_path = secrets.path(key, what + ".key");
  if (!certificate_path || !key_path) return;
  into.tls = TlsFiles{*certificate_path, *key_path};
  if (!secrets.needed()) return;
  const auto context = make_tls_context(*into.tls);
  if (!context) {
    file.error(node, "tls-unusable", context.error().detail);
    return;
  }
  if (is_world_readable(*key_path)) {
    file.warning(key, "secret-file-open",
                 fmt::format("{} can be read by every user of this machine", *key_path));
  }
  check_expiry(file, certificate, *certificate_path, **context);
  into.tls_context = *context;
}

}  // namespace signalbox
