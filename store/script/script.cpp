#include <openssl/evp.h>

#include <array>
#include <stdexcept>

#include "event/ids.hpp"
#include "store/script/scripts.hpp"

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

std::string join(std::initializer_list<std::string_view> parts) {
  std::string whole;
  for (std::string_view part : parts) whole += part;
  return whole;
}

}  // namespace

Script::Script(std::string whole) : text{std::move(whole)}, sha1{sha1_hex(text)} {}

Scripts::Scripts(std::string_view time)
    : commit{join({time, lua::mailbox, lua::commit})},
      receive{join({time, lua::mailbox, lua::receive})},
      release{join({time, lua::mailbox, lua::release})},
      peek{join({time, lua::mailbox, lua::peek})},
      message{join({time, lua::mailbox, lua::message})},
      redrive{join({time, lua::mailbox, lua::redrive})},
      events{std::string{lua::events}},
      archive{join({time, lua::archive})},
      trim{join({time, lua::trim})} {}

}  // namespace signalbox
