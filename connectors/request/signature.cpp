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

Result<SignatureMatch> match_body(std::span<HmacSha256> keys, std::string_view body,
                                  const Digest& claimed) {
  std::size_t match = keys.size();
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const bool equal = equal_in_constant_time(keys[i](body), claimed);
    if (equal && match == keys.size()) match = i;
  }
  if (match == keys.size())
    return Error{Reason::signature_invalid, "no secret of the source made this signature"};
  return SignatureMatch{match, claimed};
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
