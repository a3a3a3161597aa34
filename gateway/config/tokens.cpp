// Bearer tokens in the configuration: where each is, or only its digest, and on what terms it is
// taken.
#include <fmt/format.h>

#include <algorithm>

#include "gateway/config/secret_doubts.hpp"
#include "gateway/config/secrets.hpp"

namespace signalbox {
namespace {

constexpr std::size_t shown_digits = 8;  // of a digest

// RFC 6750, section 2.1: b64token.
bool is_token_text(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
  });
}

std::optional<unsigned> hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A' + 10);
  return std::nullopt;
}

std::optional<Digest> parse_digest(std::string_view text) noexcept {
  Digest digest{};
  if (text.size() != 2 * digest.size()) return std::nullopt;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto digit = hex_digit(text[i]);
    if (!digit) return std::nullopt;
    digest[i / 2] = static_cast<std::uint8_t>(digest[i / 2] << 4U | *digit);
  }
  return digest;
}

// A time, or a day, which stands for its beginning in UTC.
std::optional<Time> parse_expiry(const std::string& text) {
  if (const auto time = parse_time(text)) return time;
  return parse_time(text + "T00:00:00Z");
}

}  // namespace

Digest digest_of(const Token& token) {
  return token.value.empty() ? token.digest : sha256(token.value);
}

std::vector<TokenOwner> tokens_of(const Config& config) {
  std::vector<TokenOwner> all;
  for (const AgentConfig& agent : config.agents) {
    for (const Token& token : agent.tokens) all.push_back({"agent", agent.name, token});
  }
  for (const OperatorConfig& person : config.operators) {
    for (const Token& token : person.tokens) all.push_back({"operator", person.name, token});
  }
  for (const Token& token : config.monitoring_tokens) {
    all.push_back({"monitoring", "monitoring", token});
  }
  return all;
}

std::string to_string(const TokenOwner& owner) {
  if (owner.role == owner.name) return fmt::format("{} ({})", owner.role, owner.token.origin);
  return fmt::format("{} {} ({})", owner.role, owner.name, owner.token.origin);
}

bool SecretReader::is_token(const std::string& value, const YAML::Node& node,
                            const std::string& what) {
  if (value.size() < token_chars_min || value.size() > token_chars_max) {
    unreadable(node, "token-length",
               fmt::format("a token of {} must have {} to {} characters", what, token_chars_min,
                           token_chars_max));
    return false;
  }
  if (!is_token_text(value)) {
    unreadable(node, "token-characters",
               fmt::format("a token of {} may hold letters, digits and -._~+/= only", what));
    return false;
  }
  return true;
}

// The text is not shown: it may be the token itself.
bool SecretReader::read_digest(const YAML::Node& node, const std::string& what, Token& token) {
  const auto text = file_.text(node, "sha256");
  const auto digest = text ? parse_digest(*text) : std::nullopt;
  if (!digest) {
    file_.error(node, "wrong-digest",
                fmt::format("a sha256 of {} must be 64 hexadecimal digits: printf %s \"$TOKEN\" | "
                            "sha256sum",
                            what));
    return false;
  }
  token.digest = *digest;
  token.origin = fmt::format("sha256 {}…", text->substr(0, shown_digits));
  return true;
}

bool SecretReader::read_terms(const Keys& keys, const std::string& what, Token& token) {
  bool good = true;
  if (const auto scope = keys.find("scope"); scope != keys.end()) {
    const bool plain = scope->second.IsScalar();
    const std::string text = plain ? scope->second.Scalar() : "";
    if (text == "read") token.scope = TokenScope::read;
    if (text != "read" && text != "write") {
      file_.error(scope->second, "wrong-scope",
                  fmt::format("the scope of a token of {} is read or write: what else an agent may "
                              "do is said by its other keys",
                              what));
      good = false;
    }
  }
  if (const auto expires = keys.find("expires"); expires != keys.end()) {
    const auto text = file_.text(expires->second, "expires");
    token.expires = text ? parse_expiry(*text) : std::nullopt;
    if (text && !token.expires) {
      file_.error(expires->second, "wrong-time",
                  fmt::format("expires of a token of {} must be a day or a time, as 2027-01-01 or "
                              "2027-01-01T08:00:00Z",
                              what));
    }
    good = good && token.expires;
  }
  return good;
}

void SecretReader::doubt_token(const Secret& token, const YAML::Node& node,
                               const std::string& what) {
  doubt(token, node, fmt::format("a token of {}", what));
  const auto key = keys_.find(token.value);
  if (key == keys_.end()) return;
  file_.warning(node, shared_secret_code,
                fmt::format("a token of {} ({}) is also a secret of {}: whoever may send webhooks "
                            "can act as its owner",
                            what, token.origin, key->second));
}

void SecretReader::check_expiry(const Token& token, const YAML::Node& node,
                                const std::string& what) {
  if (!token.expires) return;
  const auto left = *token.expires - SystemClock{}.now();
  if (left <= Milliseconds{0}) {
    file_.warning(node, "token-expired",
                  fmt::format("a token of {} ({}) is refused since {}: replace it, or remove it",
                              what, token.origin, format_time(*token.expires)));
  } else if (left < token_expires_soon) {
    file_.warning(
        node, "token-expires",
        fmt::format("a token of {} ({}) expires in {} days: add its successor", what, token.origin,
                    std::chrono::duration_cast<std::chrono::days>(left).count()));
  }
}

std::optional<Token> SecretReader::read_token(const YAML::Node& node, const std::string& what) {
  const auto keys = keys_of(node, what, {"env", "file", "sha256", "expires", "scope"});
  if (!keys) return std::nullopt;
  Token token;
  // Read even if the token is missing, so that all faults are told at once.
  bool good = read_terms(*keys, what, token);
  const auto digest = keys->find("sha256");
  const std::size_t places =
      keys->count("env") + keys->count("file") + (digest == keys->end() ? 0 : 1);
  if (places != 1) {
    file_.error(node, "missing-key",
                fmt::format("{} needs one of 'env', 'file' and 'sha256'", what));
    return std::nullopt;
  }
  if (digest == keys->end()) {
    auto secret = read_pointed(node, *keys, what);
    if (!secret || !is_token(secret->value, node, what)) return std::nullopt;
    doubt_token(*secret, node, what);
    token.value = std::move(secret->value);
    token.origin = std::move(secret->origin);
  } else {
    good = read_digest(digest->second, what, token) && good;
  }
  if (!good) return std::nullopt;
  check_expiry(token, node, what);
  return token;
}

std::vector<Token> SecretReader::read_tokens(const YAML::Node& list, const std::string& what) {
  std::vector<Token> tokens;
  if (!list.IsDefined()) return tokens;  // reported by who needs it
  if (!list.IsSequence() || list.size() == 0 || list.size() > secrets_max) {
    file_.error(list, "wrong-type",
                fmt::format("{} must be a list of 1 to {}, each {{env: NAME}}, {{file: path}} or "
                            "{{sha256: digest}}",
                            what, secrets_max));
    return tokens;
  }
  for (const auto& element : list) {
    auto token = read_token(element, what);
    if (!token) continue;
    const auto [other, fresh] = tokens_.emplace(digest_of(*token), what);
    if (fresh) {
      tokens.push_back(std::move(*token));
    } else {
      file_.error(
          element, "repeated-token",
          fmt::format("a token of {} is also one of {}: whose call is it?", what, other->second));
    }
  }
  return tokens;
}

}  // namespace signalbox
