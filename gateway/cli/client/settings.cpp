#include "gateway/cli/client/settings.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "gateway/config/address.hpp"
#include "gateway/config/config_file.hpp"
#include "rules/source/known_names.hpp"
#include "rules/source/yaml_reader.hpp"

namespace signalbox {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t profile_bytes_max = 64 * 1024;
constexpr std::size_t token_file_bytes_max = 4096;
constexpr const char* local_config = "signalbox.yaml";
constexpr const char* system_config = "/etc/signalbox/signalbox.yaml";

std::string variable(const Environment& environment, const std::string& name) {
  const std::string* value = environment.find(name);
  return value == nullptr ? std::string{} : *value;
}

bool exists(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

bool same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored);
}

std::string find_config(const CommonOptions& options, const Environment& environment,
                        const std::optional<Profile>& profile) {
  if (!options.config.empty()) return options.config;
  if (auto path = variable(environment, "SIGNALBOX_CONFIG"); !path.empty()) return path;
  if (exists(local_config)) return local_config;
  if (profile && !profile->config.empty()) return profile->config;
  return exists(system_config) ? system_config : "";
}

std::string find_env_file(const CommonOptions& options, const Environment& environment,
                          const std::optional<Profile>& profile, const std::string& config) {
  if (!options.env_file.empty()) return options.env_file;
  if (auto path = variable(environment, "SIGNALBOX_ENV_FILE"); !path.empty()) return path;
  const bool profiled = profile && !profile->config.empty() && same_file(profile->config, config);
  return profiled ? profile->env_file : "";
}

CommandResult<std::string> own_token(const CommonOptions& options, const Environment& environment) {
  if (options.token_file.empty()) return variable(environment, "SIGNALBOX_TOKEN");
  auto content = read_stream_file(options.token_file, token_file_bytes_max);
  if (!content) return usage_failure(content.error().detail);
  while (content->ends_with('\n') || content->ends_with('\r')) content->pop_back();
  if (content->empty()) return usage_failure(fmt::format("{}: is empty", options.token_file));
  return *content;
}

CommandResult<std::string> server_url(const Installation& installation,
                                      const CommonOptions& options, const Config* config) {
  if (!options.url.empty()) return options.url;
  if (auto url = variable(installation.environment(), "SIGNALBOX_URL"); !url.empty()) return url;
  return listener_url(config->api, "api.listen", "--url or SIGNALBOX_URL");
}

// One that is written out, and good for everything if there is such a one.
CommandResult<std::string> first_token(const std::vector<Token>& tokens, const std::string& whose,
                                       const Installation& installation) {
  const Token* best = nullptr;
  for (const Token& token : tokens) {
    const bool expired = token.expires && *token.expires <= SystemClock{}.now();
    if (token.value.empty() || expired) continue;
    if (best == nullptr || (best->scope == TokenScope::read && token.scope != best->scope)) {
      best = &token;
    }
  }
  if (best != nullptr) return best->value;
  return usage_failure(fmt::format("no token of {} can be read here", whose),
                       fmt::format("set SIGNALBOX_TOKEN, or see `signalbox check --config {}`",
                                   installation.config_path()));
}

CommandResult<const AgentConfig*> pick_agent(const Config& config, const std::string& name) {
  std::vector<std::string_view> names;
  for (const AgentConfig& agent : config.agents) names.push_back(agent.name);
  if (names.empty()) return usage_failure(fmt::format("{} has no agents", config.file));
  if (name.empty() && names.size() == 1) return &config.agents.front();
  if (name.empty()) {
    return usage_failure(
        fmt::format("whose mailbox? name one with --agent: {}", fmt::join(names, ", ")));
  }
  if (const AgentConfig* agent = config.find_agent(name)) return agent;
  return usage_failure(
      fmt::format("no agent '{}' in {}{}", name, config.file, known_names(name, names)));
}

// Takes the token of the configuration's agent or operator; a failure where there is none.
std::optional<Failure> take_configured(Caller& caller, const Config& config, Role role,
                                       const std::string& agent, const Installation& installation) {
  std::string whose;
  const std::vector<Token>* tokens = nullptr;
  if (role == Role::agent) {
    const auto picked = pick_agent(config, agent);
    if (!picked) return picked.error();
    caller.agent = (*picked)->name;
    whose = "agent " + caller.agent;
    tokens = &(*picked)->tokens;
  } else {
    if (config.operators.empty()) {
      return usage_failure(fmt::format("{} has no operators", config.file));
    }
    whose = "operator " + config.operators.front().name;
    tokens = &config.operators.front().tokens;
  }
  auto token = first_token(*tokens, whose, installation);
  if (!token) return token.error();
  caller.token = std::move(*token);
  return std::nullopt;
}

}  // namespace

CommandResult<std::optional<Profile>> read_profile(const Environment& environment) {
  std::string directory = variable(environment, "XDG_CONFIG_HOME");
  if (directory.empty()) {
    const std::string home = variable(environment, "HOME");
    if (home.empty()) return std::optional<Profile>{};
    directory = home + "/.config";
  }
  Profile profile;
  profile.path = directory + "/signalbox/profile.yaml";
  const auto text = read_text_file(profile.path, profile_bytes_max);
  if (!text && text.error().reason == Reason::not_found) return std::optional<Profile>{};
  if (!text) return usage_failure(text.error().detail);
  std::vector<Diagnostic> diagnostics;
  YamlFile file{profile.path, diagnostics};
  const YAML::Node root = file.parse(*text);
  if (!file.failed()) {
    YamlMapping mapping{file, root, "the profile"};
    for (auto [key, into] :
         {std::pair{"config", &profile.config}, {"env_file", &profile.env_file}}) {
      const YAML::Node node = mapping.take(key);
      if (node.IsDefined()) *into = file.text(node, key).value_or("");
      if (!into->empty() && !into->starts_with('/')) {
        file.error(node, "wrong-type", fmt::format("{} must be an absolute path", key));
      }
    }
    mapping.finish();
  }
  if (file.failed()) return usage_failure(to_string(diagnostics.front()));
  return std::optional{profile};
}

CommandResult<Installation> Installation::find(const CommonOptions& options, Environment process) {
  Installation found;
  found.environment_ = std::move(process);
  const auto profile = read_profile(found.environment_);
  if (!profile) return profile.error();
  found.config_path_ = find_config(options, found.environment_, *profile);
  found.env_file_ = find_env_file(options, found.environment_, *profile, found.config_path_);
  if (found.env_file_.empty()) return found;
  if (const auto added = found.environment_.add_file(found.env_file_); !added) {
    return usage_failure(added.error().detail);
  }
  return found;
}

CommandResult<std::shared_ptr<const Config>> Installation::load(const LoadOptions& options) const {
  if (config_path_.empty()) {
    return usage_failure(
        "no configuration found",
        "name one with --config, or a server with SIGNALBOX_URL and SIGNALBOX_TOKEN");
  }
  auto loaded = load_config(config_path_, environment_, options);
  if (loaded.config) return loaded.config;
  const auto first =
      std::find_if(loaded.diagnostics.begin(), loaded.diagnostics.end(),
                   [](const Diagnostic& d) { return d.severity == Severity::error; });
  return usage_failure(first == loaded.diagnostics.end() ? fmt::format("{} is wrong", config_path_)
                                                         : to_string(*first),
                       fmt::format("signalbox check --config {}", config_path_));
}

TlsTrust find_trust(const CommonOptions& options, const Environment& environment,
                    const ListenerConfig* listener) {
  TlsTrust trust;
  trust.certificate = variable(environment, "SIGNALBOX_CLIENT_CERTIFICATE");
  trust.key = variable(environment, "SIGNALBOX_CLIENT_KEY");
  if (!options.ca_file.empty()) {
    trust.file = options.ca_file;
  } else if (auto file = variable(environment, "SIGNALBOX_CA_FILE"); !file.empty()) {
    trust.file = std::move(file);
  } else if (listener != nullptr && listener->tls) {
    trust.file = listener->tls->certificate;
    trust.pinned = true;
  }
  return trust;
}

CommandResult<std::string> listener_url(const ListenerConfig& listener, std::string_view key,
                                        std::string_view flag) {
  const ListenAddress& listen = listener.listen;
  if (listen.port == 0) {
    return usage_failure(fmt::format("{} has port 0, so the server's port is not known here", key),
                         fmt::format("name the server with {}", flag));
  }
  if (!is_own_address(listen.host)) {
    return usage_failure(fmt::format("{} {} is no address of this machine", key, listen.host),
                         fmt::format("name the server with {}", flag));
  }
  return local_url(listen, listener.tls.has_value());
}

CommandResult<Caller> find_caller(const Installation& installation, const CommonOptions& options,
                                  Role role, const std::string& agent) {
  const auto own = own_token(options, installation.environment());
  if (!own) return own.error();
  const bool has_url =
      !options.url.empty() || !variable(installation.environment(), "SIGNALBOX_URL").empty();
  std::shared_ptr<const Config> config;
  if (installation.config_path().empty() && own->empty() == has_url) {
    return own->empty() ? usage_failure(
                              "no token for this server, and no configuration that has "
                              "one",
                              "set SIGNALBOX_TOKEN, or name a file with --token-file")
                        : usage_failure(
                              "no server for this token, and no configuration that "
                              "names one",
                              "name it with --url or SIGNALBOX_URL");
  }
  if (own->empty() || !has_url) {
    auto loaded = installation.load({.need_secrets = false, .with_rules = false});
    if (!loaded) return loaded.error();
    config = *loaded;
  }
  Caller caller;
  const auto url = server_url(installation, options, config.get());
  if (!url) return url.error();
  caller.url = *url;
  caller.trust = find_trust(options, installation.environment(), has_url ? nullptr : &config->api);
  if (!own->empty()) {
    caller.token = *own;
    caller.agent = agent;
    caller.name_agent = !agent.empty();
    return caller;
  }
  if (const auto failed = take_configured(caller, *config, role, agent, installation)) {
    return *failed;
  }
  return caller;
}

}  // namespace signalbox
