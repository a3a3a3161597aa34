#include "gateway/config/secrets.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "connectors/request/scope.hpp"
#include "gateway/config/config_file.hpp"
#include "gateway/config/secret_doubts.hpp"

namespace signalbox {
namespace {

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

std::string fault_of(std::string_view value) {
  if (value.empty()) return "is empty";
  if (has_control_character(value)) return "holds control characters or several lines";
  if (value.size() > secret_bytes_max)
    return fmt::format("is longer than {} bytes", secret_bytes_max);
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

// The values of the keys that are known. Another key is not named: it may be the secret, as in
// `{hunter2}`.
std::optional<SecretReader::Keys> SecretReader::keys_of(
    const YAML::Node& node, const std::string& what,
    std::initializer_list<std::string_view> known) {
  if (!node.IsMap()) {
    file_.error(node, "secret-inline",
                fmt::format("{} must be {{env: NAME}} or {{file: path}}; a value does not belong "
                            "into this file",
                            what));
    return std::nullopt;
  }
  Keys keys;
  for (const auto& entry : node) {
    const std::string& key = entry.first.Scalar();
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      file_.error(
          entry.first, "unknown-key",
          fmt::format("{} knows the keys '{}' and '{}' only", what,
                      fmt::join(known.begin(), known.end() - 1, "', '"), *(known.end() - 1)));
      return std::nullopt;
    }
    keys.emplace(key, entry.second);
  }
  return keys;
}

std::optional<Secret> SecretReader::read_pointed(const YAML::Node& node, const Keys& keys,
                                                 const std::string& what) {
  const auto env = keys.find("env");
  const auto file = keys.find("file");
  if ((env == keys.end()) == (file == keys.end())) {
    file_.error(node, "missing-key", fmt::format("{} needs either 'env' or 'file'", what));
    return std::nullopt;
  }
  return env != keys.end() ? read_env(env->second) : read_file(file->second);
}

std::optional<Secret> SecretReader::read(const YAML::Node& node, const std::string& what) {
  const auto keys = keys_of(node, what, {"env", "file", "scope"});
  if (!keys) return std::nullopt;
  auto secret = read_pointed(node, *keys, what);
  if (const auto scope = keys->find("scope"); scope != keys->end()) {
    // Read even if the secret is missing, so that both faults are told at once.
    auto patterns = read_scope(scope->second, what);
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

}  // namespace signalbox
