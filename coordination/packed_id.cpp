#include "coordination/packed_id.hpp"

namespace signalbox {
namespace {

constexpr std::size_t digits = 17;

__extension__ typedef unsigned __int128 Uint128;  // GCC and clang have it; ISO C++ does not

int digit_value(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  if (c >= 'a' && c <= 'z') return c - 'a' + 36;
  return -1;
}

bool is_letter(char c) noexcept { return digit_value(c) >= 10; }

}  // namespace

std::optional<Fingerprint> pack_id(std::string_view id) noexcept {
  if (id.size() != digits + 2 || !is_letter(id[0]) || id[1] != '_') return std::nullopt;
  Uint128 value = 0;
  for (char c : id.substr(2)) {
    const int digit = digit_value(c);
    if (digit < 0) return std::nullopt;
    value = value * 62 + static_cast<unsigned>(digit);
  }
  if (value >> 96 != 0) return std::nullopt;
  Fingerprint packed;
  for (std::size_t i = packed.size(); i-- > 0; value >>= 8)
    packed[i] = static_cast<char>(value & 0xFF);
  return packed;
}

}  // namespace signalbox
