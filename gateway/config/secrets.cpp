#include "gateway/config/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "connectors/request/scope.hpp"
#include "gateway/config/config_file.hpp"
#include "gateway/config/secret_doubts.hpp"

namespace signalbox {
namespace {

// RFC 6750, section 2.1: b64token.
bool is_token_text(std::string_view text) noexcept {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view{"-._~+/="}.find(c) != std::string_view::npos;
  });
}

bool has_control_character(std::string_view text) noexcept {
  return std::any_of(text.begin(), text.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  });
}

// The newline that editors and `echo` put behind the last line is no part of a secret.
void trim_newline(std::string& text) {
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
}

std::string_view fault_of(std::string_view value) noexcept {
  if (value.empty()) return "is empty";
  if (has_control_character(value)) return "holds control characters or several lines";
  if (value.size() > secret_bytes_max) return "is longer than 4096 bytes";
  return {};
}

}  // namespace

SecretReader::SecretReader(YamlFile& file, const Environment& environment,
                           std::filesystem::path directory, bool needed)
    : file_{file}, environment_{environment}, directory_{std::move(directory)}, needed_{needed} {}

void SecretReader::unreadable(const YAML::Node& at, std::string_view code, std::string message) {
  file_.report(at.Mark(), needed_ ? Severity::error : Severity::warning, code, std::move(message));
}

std::optional<Secret> SecretReader::read_env(const YAML::Node& node) {
  const auto name = file_.text(node, "env");
  if (!name) return std::nullopt;
  const std::string* value = environment_.find(*name);
  if (value == nullptr) {
    unreadable(node, "secret-missing", fmt::format("environment variable {} is not set", *name));
    return std::nullopt;
  }
  Secret secret{*value, fmt::format("env {}", *name)};
  trim_newline(secret.value);
  if (const auto fault = fault_of(secret.value); !fault.empty()) {
    unreadable(node, "secret-unusable", fmt::format("environment variable {} {}", *name, fault));
    return std::nullopt;
  }
  return secret;
}

std::optional<Secret> SecretReader::read_file(const YAML::Node& node) {
  const auto named = path(node, "file");
  if (!named) return std::nullopt;
  auto content = read_text_file(*named, secret_bytes_max + 2);
  if (!content) {
    unreadable(node, "secret-missing", content.error().detail);
    return std::nullopt;
  }
  const std::string& name = node.Scalar();
  if (is_world_readable(*named)) {
    file_.warning(node, "secret-file-open",
                  fmt::format("{} can be read by every user of this machine", name));
  }
  if (is_writable_by_others(*named)) {
    file_.warning(node, "secret-file-writable",
                  fmt::format("{} can be written by other users of this machine", name));
  }
  trim_newline(*content);
  if (const auto fault = fault_of(*content); !fault.empty()) {
    unreadable(node, "secret-unusable", fmt::format("file {} {}", name, fault));
    return std::nullopt;
  }
  return Secret{std::move(*content), fmt::format("file {}", name)};
}

std::optional<std::string> SecretReader::path(const YAML::Node& node, const std::string& what) {
  const auto name = file_.text(node, what);
  if (!name) return std::nullopt;
  files_.push_back((directory_ / *name).lexically_normal().string());
  return files_.back();
}

std::optional<Secret> SecretReader::read(const YAML::Node& node, const std::string& what) {
  if (!node.IsMap()) {
    file_.error(node, "secret-inline",
                fmt::format("{} must be {{env: NAME}} or {{file: path}}; a value does not belong "
                            "into this file",
                            what));
    return std::nullopt;
  }
  YAML::Node env{YAML::NodeType::Undefined};
  YAML::Node path{YAML::NodeType::Undefined};
  YAML::Node scope{YAML::NodeType::Undefined};
  for (const auto& entry : node) {
    const std::string& key = entry.first.Scalar();
    if (key == "env") {
      env.reset(entry.second);
    } else if (key == "file") {
      path.reset(entry.second);
    } else if (key == "scope") {
      scope.reset(entry.second);
    } else {  // not named: it may be the secret, as in `{hunter2}`
      file_.error(entry.first, "unknown-key",
                  fmt::format("{} knows the keys 'env', 'file' and 'scope' only", what));
      return std::nullopt;
    }
  }
  if (env.IsDefined() == path.IsDefined()) {
    file_.error(node, "missing-key", fmt::format("{} needs either 'env' or 'file'", what));
    return std::nullopt;
  }
  auto secret = env.IsDefined() ? read_env(env) : read_file(path);
  if (scope.IsDefined()) {
    // Read even if the secret is missing, so that both faults are told at once.
    auto patterns = read_scope(scope, what);
    if (patterns.empty()) return std::nullopt;  // reported; never a secret for anything
    if (secret) secret->scope = std::move(patterns);
  }
  return secret;
}

std::vector<std::string> SecretReader::read_scope(const YAML::Node& node, const std::string& what) {
  auto patterns = file_.texts(node, fmt::format("the scope of {}", what));
  if (patterns.empty() || patterns.size() > scope_patterns_max) {
    file_.error(node, "wrong-scope",
                fmt::format("a scope of {} must be a list of 1 to {} patterns, as [\"acme/*\"]",
                            what, scope_patterns_max));
    return {};
  }
  bool good = true;
  for (const std::string& pattern : patterns) {
    const auto fault = scope_fault(pattern);
    if (fault.empty()) continue;
    file_.error(node, "wrong-scope", fmt::format("a pattern in the scope of {} {}", what, fault));
    good = false;
  }
  return good ? patterns : std::vector<std::string>{};
}

std::vector<std::pair<Secret, YAML::Node>> SecretReader::read_list(const YAML::Node& list,
                                                                   const std::string& what) {
  std::vector<std::pair<Secret, YAML::Node>> secrets;
  if (!list.IsDefined()) return secrets;  // reported by who needs it
  if (!list.IsSequence() || list.size() == 0 || list.size() > secrets_max) {
    file_.error(list, "wrong-type",
                fmt::format("{} must be a list of 1 to {}, each {{env: NAME}} or {{file: path}}",
                            what, secrets_max));
    return secrets;
  }
  for (const auto& element : list) {
    if (auto secret = read(element, what)) secrets.emplace_back(std::move(*secret), element);
  }
  return secrets;
}

void SecretReader::add_key(std::vector<Secret>& keys, Secret secret, const YAML::Node& node,
                           const std::string& what) {
  const auto same = [&](const Secret& other) { return other.value == secret.value; };
  const auto known = std::find_if(keys.begin(), keys.end(), same);
  if (known == keys.end()) {
    keys.push_back(std::move(secret));
  } else if (known->scope.empty() || secret.scope.empty()) {
    file_.error(node, "repeated-secret", fmt::format("the same secret twice in {}", what));
  } else {
    known->scope.insert(known->scope.end(), secret.scope.begin(), secret.scope.end());
  }
}

bool SecretReader::is_key(const Secret& secret, const YAML::Node& node, const std::string& what,
                          const Connector* connector) {
  if (connector == nullptr) return true;
  const auto key = connector->make_key(secret.value);
  if (key) return true;
  unreadable(node, "secret-unusable",
             fmt::format("a secret of {} ({}) is none for the connector '{}': {}", what,
                         secret.origin, connector->name, key.error().detail));
  return false;
}

void SecretReader::doubt(const Secret& secret, const YAML::Node& node, const std::string& what) {
  for (const SecretDoubt& doubt : doubts_of(secret.value)) {
    file_.warning(node, doubt.code, fmt::format("{} {}", what, doubt.text));
  }
}

std::vector<Secret> SecretReader::read_keys(const YAML::Node& list, const std::string& what,
                                            const Connector* connector) {
  std::vector<Secret> keys;
  for (auto& [secret, node] : read_list(list, what)) {
    if (!is_key(secret, node, what, connector)) continue;
    doubt(secret, node, fmt::format("a secret of {}", what));
    const auto [other, fresh] = keys_.emplace(secret.value, what);
    if (!fresh && other->second != what) {
      file_.warning(node, shared_secret_code,
                    fmt::format("a secret of {} ({}) is also one of {}: what is signed for one is "
                                "taken by the other",
                                what, secret.origin, other->second));
    }
    add_key(keys, std::move(secret), node, what);
  }
  return keys;
}

std::optional<Secret> SecretReader::read_password(const YAML::Node& node, const std::string& what) {
  if (!node.IsDefined()) return std::nullopt;
  auto secret = read(node, what);
  if (secret) doubt(*secret, node, what);
  if (!secret || secret->scope.empty()) return secret;
  file_.error(node, "wrong-scope", fmt::format("{} has no scope", what));
  return std::nullopt;
}

std::vector<Secret> SecretReader::read_tokens(const YAML::Node& list, const std::string& what) {
  std::vector<Secret> tokens;
  for (auto& [token, node] : read_list(list, what)) {
    if (!token.scope.empty()) {
      file_.error(node, "wrong-scope",
                  fmt::format("a token of {} has no scope: what an agent may do is said by its "
                              "other keys",
                              what));
    } else if (token.value.size() < token_chars_min || token.value.size() > token_chars_max) {
      unreadable(node, "token-length",
                 fmt::format("a token of {} must have {} to {} characters", what, token_chars_min,
                             token_chars_max));
    } else if (!is_token_text(token.value)) {
      unreadable(node, "token-characters",
                 fmt::format("a token of {} may hold letters, digits and -._~+/= only", what));
    } else if (const auto [other, fresh] = tokens_.emplace(token.value, what); !fresh) {
      file_.error(
          node, "repeated-token",
          fmt::format("a token of {} is also one of {}: whose call is it?", what, other->second));
    } else {
      doubt(token, node, fmt::format("a token of {}", what));
      if (const auto key = keys_.find(token.value); key != keys_.end()) {
        file_.warning(node, shared_secret_code,
                      fmt::format("a token of {} ({}) is also a secret of {}: whoever may send "
                                  "webhooks can act as its owner",
                                  what, token.origin, key->second));
      }
      tokens.push_back(std::move(token));
    }
  }
  return tokens;
}

}  // namespace signalbox
