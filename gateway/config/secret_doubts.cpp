#include "gateway/config/secret_doubts.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <set>

namespace signalbox {
namespace {

constexpr std::size_t bytes_good = 16;
constexpr std::size_t distinct_bytes_good = 8;
constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

bool is_quoted(std::string_view text) noexcept {
  return text.size() >= 2 && text.front() == text.back() &&
         (text.front() == '"' || text.front() == '\'');
}

}  // namespace

std::vector<SecretDoubt> doubts_of(std::string_view secret) {
  std::vector<SecretDoubt> doubts;
  if (secret.empty()) return doubts;
  if (std::ranges::all_of(secret, is_blank)) {
    doubts.push_back({weak_secret_code, "is nothing but blanks"});
    return doubts;
  }
  const auto form = [&](std::string text) {
    doubts.push_back(
        {secret_form_code,
         std::move(text) + ", which counts: take it out unless the sender has it too"});
  };
  if (secret.starts_with(byte_order_mark)) form("begins with a byte order mark");
  if (is_quoted(secret)) form("stands in quotes");
  if (is_blank(secret.front())) form("begins with a blank");
  if (is_blank(secret.back())) form("ends with a blank");
  if (secret.size() < bytes_good) {
    doubts.push_back(
        {short_secret_code, fmt::format("has fewer than {} bytes: it can be guessed", bytes_good)});
  } else if (std::set<char>(secret.begin(), secret.end()).size() < distinct_bytes_good) {
    doubts.push_back({weak_secret_code, "repeats a few characters: it can be guessed"});
  }
  return doubts;
}

bool is_about_secrets(std::string_view code) noexcept {
  return code == secret_form_code || code == weak_secret_code || code == short_secret_code ||
         code == shared_secret_code;
}

std::string_view root_warning() noexcept {
  return ::geteuid() == 0
             ? "runs as root: a fault in it then costs the whole machine; give it a user "
               "of its own"
             : "";
}

}  // namespace signalbox
