// Where a command finds the installation that it is about. Flags come first, then environment
// variables, then the profile that deploy/run writes for this user:
// `${XDG_CONFIG_HOME:-~/.config}/signalbox/profile.yaml` with `config:` and `env_file:`. So on the
// machine of the gateway nothing has to be exported, and on any other SIGNALBOX_URL and
// SIGNALBOX_TOKEN are enough. Tokens are never arguments: `ps` shows those.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/cli/client/http_client.hpp"
#include "gateway/cli/contract/command.hpp"
#include "gateway/config/config.hpp"

namespace signalbox {

struct Profile {
  std::string path;
  std::string config;    // absolute; may be empty
  std::string env_file;  // absolute; may be empty
};

// The profile of this environment's user; nothing where there is none.
CommandResult<std::optional<Profile>> read_profile(const Environment& environment);

class Installation {
 public:
  // Finds the configuration (--config, SIGNALBOX_CONFIG, ./signalbox.yaml, the profile,
  // /etc/signalbox/signalbox.yaml) and adds the environment file (--env-file, SIGNALBOX_ENV_FILE,
  // the profile's when the configuration is the profile's). Finding none is no failure:
  // config_path() is empty then.
  static CommandResult<Installation> find(const CommonOptions& options, Environment process);

  const std::string& config_path() const noexcept { return config_path_; }
  const std::string& env_file() const noexcept { return env_file_; }  // empty: none
  const Environment& environment() const noexcept { return environment_; }

  // Loads it; usage, with the first diagnostic, when it is not there or wrong.
  CommandResult<std::shared_ptr<const Config>> load(const LoadOptions& options) const;

 private:
  Environment environment_;
  std::string config_path_;
  std::string env_file_;
};

// The URL of a listener of the configuration, for a client on the machine of the gateway. usage for
// a port that is only known once the gateway runs, and for an address of another machine; `flag`
// names the way out.
CommandResult<std::string> listener_url(const ListenerConfig& listener, std::string_view key,
                                        std::string_view flag);

// --ca-file or SIGNALBOX_CA_FILE; else, for a listener of the configuration, its own certificate.
// With the client's own of SIGNALBOX_CLIENT_CERTIFICATE and SIGNALBOX_CLIENT_KEY.
TlsTrust find_trust(const CommonOptions& options, const Environment& environment,
                    const ListenerConfig* listener);

// As whom a call is made.
enum class Role : std::uint8_t { agent, operator_ };

// The server and the token for one call.
struct Caller {
  std::string url;    // of the private listener
  std::string token;  // never printed
  TlsTrust trust;
  std::string agent;        // as whom; empty: the token says it
  bool name_agent = false;  // calls about a mailbox say whose: the token may be an operator's
  std::string space;        // the namespace that calls name; empty: none
};

// `agent` is from --agent and may be empty. With a token of the caller's own (--token-file,
// SIGNALBOX_TOKEN) that is used; otherwise the configuration's: the agent's, or the only agent's,
// or an operator's.
CommandResult<Caller> find_caller(const Installation& installation, const CommonOptions& options,
                                  Role role, const std::string& agent);

}  // namespace signalbox
