#include "connectors/request/names.hpp"

#include <algorithm>

#include "event/ascii.hpp"

namespace signalbox {
namespace {

constexpr std::size_t url_host_bytes_max = 253;
constexpr std::size_t issue_key_bytes_max = 64;

bool is_letter_or_digit(char c) noexcept {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_utf8_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

bool is_plain_name(std::string_view text, std::string_view also, std::size_t bytes_max) noexcept {
  if (text.empty() || text.size() > bytes_max) return false;
  for (const char c : text) {
    if (is_letter_or_digit(c) || c == '.' || c == '_' || c == '-') continue;
    if (also.find(c) == std::string_view::npos) return false;
  }
  return true;
}

std::string snake_case(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (out.size() == name_bytes_max) break;
    if (is_utf8_continuation(c)) continue;  // one '_' a character, not one a byte
    if (!is_letter_or_digit(c)) {
      out += '_';
    } else {
      out += ascii_lower(c);
    }
  }
  return out;
}

std::uint16_t name_tag(std::string_view name) noexcept {
  // FNV-1a, folded.
  std::uint32_t hash = 2'166'136'261;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16'777'619;
  const auto tag = static_cast<std::uint16_t>(hash >> 16 ^ hash);
  return tag == 0 ? 1 : tag;
}

std::string host_of(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  constexpr std::string_view plain_scheme = "http://";  // a server of their own, without TLS
  if (url.starts_with(scheme)) {
    url.remove_prefix(scheme.size());
  } else if (url.starts_with(plain_scheme)) {
    url.remove_prefix(plain_scheme.size());
  } else {
    return {};
  }
  const std::string_view host = url.substr(0, url.find('/'));
  return is_plain_name(host, ":", url_host_bytes_max) ? ascii_lower(host) : std::string{};
}

bool is_issue_key(std::string_view text) noexcept {
  if (text.size() > issue_key_bytes_max) return false;
  const std::size_t dash = text.rfind('-');
  if (dash == std::string_view::npos) return false;
  const std::string_view project = text.substr(0, dash);
  const std::string_view number = text.substr(dash + 1);
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  return is_plain_name(project) && !is_digit(project.front()) && project.front() != '_' &&
         project.find_first_of(".-") == std::string_view::npos && !number.empty() &&
         std::ranges::all_of(number, is_digit);
}

}  // namespace signalbox
