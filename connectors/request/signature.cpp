#include "connectors/request/signature.hpp"

#include <fmt/format.h>

#include "connectors/request/names.hpp"

namespace signalbox {

Result<Digest> mac_of_hex(std::string_view hex) {
  Digest mac;
  if (!from_hex(hex, mac)) {
    return Error{Reason::signature_malformed, "the signature is not 64 hexadecimal digits"};
  }
  return mac;
}

Result<std::string_view> claimed_signature(const Headers& headers, std::string_view name) {
  const auto value = headers.find(name);
  if (!value) return value.error();
  if (!*value) return Error{Reason::signature_missing, fmt::format("no {} header", name)};
  return **value;
}

Result<std::size_t> find_signer(SecretKeys keys, const Claim& claim) {
  if (claim.signatures.size() > signatures_max) {
    return Error{Reason::signature_malformed,
                 fmt::format("more than {} signatures", signatures_max)};
  }
  std::size_t signer = keys.size();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool made = keys[i]->made(claim);
    if (made && signer == keys.size()) signer = i;
  }
  if (signer == keys.size())
    return Error{Reason::signature_invalid, "no secret of the source made this signature"};
  return signer;
}

Result<SignatureMatch> match_body(SecretKeys keys, std::string_view body, const Digest& claimed) {
  const std::string_view mac{reinterpret_cast<const char*>(claimed.data()), claimed.size()};
  const Claim claim{.signatures = std::span{&mac, 1}, .parts = std::span{&body, 1}};
  const auto signer = find_signer(keys, claim);
  if (!signer) return signer.error();
  return SignatureMatch{*signer, claimed};
}

Result<std::string_view> plain_header(const Headers& headers, std::string_view name) {
  const auto value = headers.find(name);
  if (!value) return value.error();
  if (!*value) return Error{Reason::malformed_request, fmt::format("no {} header", name)};
  if (!is_plain_name(**value)) {
    return Error{
        Reason::malformed_request,
        fmt::format("{} must be 1 to {} characters of [A-Za-z0-9._-]", name, name_bytes_max)};
  }
  return **value;
}

}  // namespace signalbox
