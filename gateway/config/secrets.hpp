// Secrets and tokens: never in the configuration itself, only where it points: `{env: NAME}` or
// `{file: path}`; of a token its digest will do. No value, and nothing that could be one by
// mistake, reaches a diagnostic.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "gateway/config/config.hpp"
#include "rules/source/yaml_reader.hpp"

namespace signalbox {

inline constexpr std::size_t secrets_max = 16;  // in one list
inline constexpr std::size_t secret_bytes_max = 4096;
inline constexpr std::size_t token_chars_min = 16;
inline constexpr std::size_t token_chars_max = 1024;
// A token that expires so soon is a warning.
inline constexpr std::chrono::days token_expires_soon{14};

class SecretReader {
 public:
  // Paths are relative to `directory`. With `needed` false, a secret that cannot be read is a
  // warning and left out of the list.
  SecretReader(YamlFile& file, const Environment& environment, std::filesystem::path directory,
               bool needed);

  // Keys that signatures are checked with: any bytes without control characters of which the
  // connector can make a key; it is null where the connector is unknown, which was reported. One
  // that occurs again with another scope is one key with both.
  std::vector<Secret> read_keys(const YAML::Node& list, const std::string& what,
                                const Connector* connector);

  // Bearer tokens: characters that a header can carry, each token used once in the whole
  // configuration: tokens.cpp.
  std::vector<Token> read_tokens(const YAML::Node& list, const std::string& what);

  // One secret that something else is unlocked with: any bytes without control characters.
  std::optional<Secret> read_password(const YAML::Node& node, const std::string& what);

  // A file of the configuration, and whether its content is needed.
  std::optional<std::string> path(const YAML::Node& node, const std::string& what);
  bool needed() const noexcept { return needed_; }

  // The files that were named, read or not.
  const std::vector<std::string>& files() const noexcept { return files_; }

 private:
  using Keys = std::map<std::string, YAML::Node>;

  bool is_key(const Secret& secret, const YAML::Node& node, const std::string& what,
              const Connector* connector);
  void add_key(std::vector<Secret>& keys, Secret secret, const YAML::Node& node,
               const std::string& what);
  void doubt(const Secret& secret, const YAML::Node& node, const std::string& what);
  std::vector<std::pair<Secret, YAML::Node>> read_list(const YAML::Node& list,
                                                       const std::string& what);
  std::optional<Secret> read(const YAML::Node& node, const std::string& what);
  std::optional<Keys> keys_of(const YAML::Node& node, const std::string& what,
                              std::initializer_list<std::string_view> known);
  std::optional<Secret> read_pointed(const YAML::Node& node, const Keys& keys,
                                     const std::string& what);
  std::optional<Token> read_token(const YAML::Node& node, const std::string& what);
  bool is_token(const std::string& value, const YAML::Node& node, const std::string& what);
  bool read_terms(const Keys& keys, const std::string& what, Token& token);
  bool read_digest(const YAML::Node& node, const std::string& what, Token& token);
  void doubt_token(const Secret& token, const YAML::Node& node, const std::string& what);
  void check_expiry(const Token& token, const YAML::Node& node, const std::string& what);
  std::vector<std::string> read_scope(const YAML::Node& node, const std::string& what);
  std::optional<Secret> read_env(const YAML::Node& node);
  std::optional<Secret> read_file(const YAML::Node& node);
  void unreadable(const YAML::Node& at, std::string_view code, std::string message);

  YamlFile& file_;
  const Environment& environment_;
  std::filesystem::path directory_;
  bool needed_;
  std::vector<std::string> files_;
  std::map<Digest, std::string> tokens_;     // whose each is
  std::map<std::string, std::string> keys_;  // value -> which source's it is, the first one's
};

}  // namespace signalbox
