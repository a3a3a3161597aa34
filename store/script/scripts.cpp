#include "store/script/scripts.hpp"

#include <openssl/evp.h>

#include <stdexcept>
#include <utility>

#include "event/ids.hpp"

namespace signalbox {
namespace {

// What EVALSHA names a script by; nothing depends on SHA-1 being strong here.
std::string sha1_hex(std::string_view text) {
  std::array<std::uint8_t, 20> digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-1, by which Redis names scripts");
  }
  return to_hex(digest);
}

}  // namespace

Script::Script(std::string whole) : text{std::move(whole)}, sha1{sha1_hex(text)} {}

Scripts::Scripts(std::string_view time) {
  scripts_.reserve(lua::sources.size());
  for (const lua::ScriptSource& source : lua::sources) {
    std::string whole;
    for (std::string_view part : source.parts) whole += part == lua::time ? time : part;
    scripts_.emplace_back(std::move(whole));
  }
}

}  // namespace signalbox
