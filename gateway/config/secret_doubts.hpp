// What is suspicious about a secret or a token that can be used all the same: for the start,
// `check` and `doctor`, which say it in one way. Pure; thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

// Nothing of the secret is in either.
struct SecretDoubt {
  std::string_view code;  // of a diagnostic: one of secret_doubt_codes
  std::string text;       // goes on behind the secret's name: "has fewer than 16 bytes: …"
};

// A byte order mark, quotes or blanks at the ends, which nobody meant to be part of it; what is
// short or repeats a few characters, and so can be guessed.
std::vector<SecretDoubt> doubts_of(std::string_view secret);

// Whether a diagnostic of this code is about what secrets are, where they stand, or who shares
// them.
bool is_about_secrets(std::string_view code) noexcept;

inline constexpr std::string_view secret_form_code = "secret-form";
inline constexpr std::string_view weak_secret_code = "weak-secret";
inline constexpr std::string_view short_secret_code = "short-secret";
inline constexpr std::string_view shared_secret_code = "shared-secret";

// Where the process runs as root, why it should not; empty else.
std::string_view root_warning() noexcept;

}  // namespace signalbox
