#include "event/ids.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>
#include <stdexcept>
#include <utility>

namespace signalbox {
namespace {

constexpr std::string_view alphabet =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

struct FreeContext {
  void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};

__extension__ typedef unsigned __int128 Uint128;  // GCC and clang have it; ISO C++ does not

// One context a thread: creating one costs more than hashing an id.
EVP_MD_CTX* begin_sha256() {
  thread_local const std::unique_ptr<EVP_MD_CTX, FreeContext> context{EVP_MD_CTX_new()};
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  if (!context || EVP_DigestInit_ex2(context.get(), algorithm, nullptr) != 1) {
    throw std::runtime_error("OpenSSL has no SHA-256");
  }
  return context.get();
}

Digest finish(EVP_MD_CTX* context) {
  Digest digest;
  EVP_DigestFinal_ex(context, digest.data(), nullptr);
  return digest;
}

// Value of a hexadecimal digit, or a negative number; no branch on the character.
int hex_value(unsigned char c) noexcept {
  const int digit = c - '0';
  const int letter = (c | 0x20) - 'a';
  const int is_digit = static_cast<int>(digit >= 0) & static_cast<int>(digit < 10);
  const int is_letter = static_cast<int>(letter >= 0) & static_cast<int>(letter < 6);
  return is_digit * (digit + 1) + is_letter * (letter + 11) - 1;
}

// The prefix, and the first 96 bits of the digest in base 62.
std::string id_of(std::string_view prefix, const Digest& digest) {
  Uint128 value = 0;
  for (std::size_t i = 0; i < 12; ++i) value = (value << 8) | digest[i];
  std::string text(prefix.size() + 17, '0');
  prefix.copy(text.data(), prefix.size());
  // Eight digits at a time, since dividing 128 bits is a call and dividing 64 bits a
  // multiplication.
  constexpr std::uint64_t eight_digits = 218'340'105'584'896;  // 62^8
  for (std::size_t end = text.size(); end > prefix.size(); value /= eight_digits) {
    auto rest = static_cast<std::uint64_t>(value % eight_digits);
    const std::size_t begin = end > prefix.size() + 8 ? end - 8 : prefix.size();
    for (; end > begin; rest /= 62) text[--end] = alphabet[rest % 62];
  }
  return text;
}

}  // namespace

Digest sha256(std::string_view bytes) {
  EVP_MD_CTX* context = begin_sha256();
  EVP_DigestUpdate(context, bytes.data(), bytes.size());
  return finish(context);
}

Digest sha256_of_parts(std::initializer_list<std::string_view> parts) {
  return sha256_of_parts(std::span{parts.begin(), parts.size()});
}

Digest sha256_of_parts(std::span<const std::string_view> parts) {
  EVP_MD_CTX* context = begin_sha256();
  // Few calls of OpenSSL: for what ids are made of, one.
  std::array<char, 512> gathered;
  std::size_t count = 0;
  const auto add = [&](std::string_view bytes) {
    if (bytes.size() > gathered.size() - count) {
      EVP_DigestUpdate(context, gathered.data(), std::exchange(count, 0));
    }
    if (bytes.size() > gathered.size()) {
      EVP_DigestUpdate(context, bytes.data(), bytes.size());
    } else {
      count += bytes.copy(gathered.data() + count, bytes.size());
    }
  };
  for (std::string_view part : parts) {
    const std::uint64_t size = part.size();
    std::array<char, 8> prefix;
    for (unsigned i = 0; i < 8; ++i) prefix[i] = static_cast<char>(size >> (8 * i));
    add({prefix.data(), prefix.size()});
    add(part);
  }
  EVP_DigestUpdate(context, gathered.data(), count);
  return finish(context);
}

std::string to_hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 15];
  }
  return text;
}

bool from_hex(std::string_view text, std::span<std::uint8_t> out) noexcept {
  if (text.size() != out.size() * 2) return false;
  int wrong = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_value(static_cast<unsigned char>(text[2 * i]));
    const int low = hex_value(static_cast<unsigned char>(text[2 * i + 1]));
    wrong |= (high | low) < 0;
    out[i] = static_cast<std::uint8_t>((high << 4) | (low & 15));
  }
  return wrong == 0;
}

std::string base62(const Digest& digest) { return id_of("", digest); }

std::string event_id(std::string_view source, std::string_view delivery) {
  return id_of("e_", sha256_of_parts({"event", source, delivery}));
}

std::string work_id(std::string_view canonical_alias) {
  return id_of("w_", sha256_of_parts({"work", canonical_alias}));
}

std::string message_id(const MessageKey& key) {
  return id_of("m_", sha256_of_parts({"message", key.source, key.delivery, key.rule,
                                      std::to_string(key.send_index), key.recipient,
                                      std::to_string(key.generation)}));
}

std::string random_text(std::size_t count) {
  std::string text;
  text.reserve(count);
  std::array<unsigned char, 64> bytes;
  while (text.size() < count) {
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
      throw std::runtime_error("the system's random source failed");
    }
    for (unsigned char byte : bytes) {
      if (byte < 248 && text.size() < count) text += alphabet[byte % 62];  // 248 = 4 * 62: no bias
    }
  }
  return text;
}

}  // namespace signalbox
