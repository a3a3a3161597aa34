// The configuration: is it right, and are its secrets, files and certificates sound?
#include <fmt/format.h>
#include <sys/stat.h>

#include <algorithm>
#include <set>

#include "gateway/cli/doctor/report.hpp"
#include "gateway/cli/screen/phrases.hpp"
#include "gateway/config/secret_doubts.hpp"

namespace signalbox {
namespace {

constexpr std::size_t diagnostics_shown = 10;

std::string place_of(const Diagnostic& diagnostic) {
  return fmt::format("{}:{}: {}", diagnostic.file, diagnostic.line, diagnostic.message);
}

void examine_diagnostics(DoctorReport& report, const LoadedConfig& loaded,
                         const Installation& installation) {
  std::size_t shown = 0;
  const std::string advice =
      fmt::format("mend it, then: signalbox check --config {}", installation.config_path());
  for (const Diagnostic& diagnostic : loaded.diagnostics) {
    if (loaded.config && is_about_secrets(diagnostic.code)) continue;  // examined below
    if (++shown > diagnostics_shown) break;
    if (diagnostic.severity == Severity::error) {
      report.bad("configuration", place_of(diagnostic), advice);
    } else {
      report.warning("configuration", place_of(diagnostic), advice);
    }
  }
}

void examine_secrets(DoctorReport& report, const Config& config) {
  std::size_t strong = 0;
  std::map<std::string, std::string> whose;  // by value
  const auto examine = [&](const auto& secrets, const std::string& owner) {
    for (const auto& secret : secrets) {
      if (secret.value.empty()) continue;  // only its digest is known
      const auto [other, fresh] = whose.emplace(secret.value, owner);
      const auto doubts = doubts_of(secret.value);
      for (const SecretDoubt& doubt : doubts) {
        report.warning("secrets", fmt::format("{} of {} {}", secret.origin, owner, doubt.text),
                       "replace it: openssl rand -hex 32, at the sender too");
      }
      if (!doubts.empty()) continue;
      if (!fresh && other->second != owner) {
        report.warning(
            "secrets",
            fmt::format("{} of {} is also one of {}", secret.origin, owner, other->second),
            "give each its own: who knows one of them can act as the other");
      } else {
        ++strong;
      }
    }
  };
  for (const SourceConfig& source : config.sources) {
    examine(source.secrets, "source " + source.name);
  }
  for (const AgentConfig& agent : config.agents) examine(agent.tokens, "agent " + agent.name);
  for (const OperatorConfig& each : config.operators) {
    examine(each.tokens, "operator " + each.name);
  }
  if (strong > 0) {
    report.good("secrets", fmt::format("{} read, none of them weak", counted(strong, "secret")));
  }
}

// A file of secrets may be read by its owner alone; any file of the configuration may be written by
// its owner alone.
void examine_mode(DoctorReport& report, const std::string& path, bool secret, std::size_t& sound) {
  struct stat facts {};
  if (::stat(path.c_str(), &facts) != 0) return;  // loading has said so
  const unsigned mode = facts.st_mode & 07777U;
  if ((mode & 0022U) != 0) {
    report.bad("files", fmt::format("{} (mode {:04o}) can be written by others", path, mode),
               fmt::format("chmod go-w {}", shell_quoted(path)));
  } else if (secret && (mode & 0007U) != 0) {
    report.bad("files", fmt::format("{} (mode {:04o}) can be read by everybody", path, mode),
               fmt::format("chmod o-rwx {}; replace what is in it", shell_quoted(path)));
  } else {
    ++sound;
  }
}

bool is_secret_file(const Config& config, const std::string& path) {
  for (const ListenerConfig* listener : {&config.hooks, &config.api}) {
    if (listener->tls && listener->tls->key == path) return true;
    if (listener->tls && listener->tls->certificate == path) return false;
    if (listener->tls && listener->tls->client_ca == path) return false;
  }
  if (path == config.redis.tls_ca || path == config.redis.tls_certificate) return false;
  return path != config.file;
}

void examine_files(DoctorReport& report, const LoadedConfig& loaded,
                   const Installation& installation) {
  std::size_t sound = 0;
  std::set<std::string> seen;
  const auto examine = [&](const std::string& path, bool secret) {
    if (seen.insert(path).second) examine_mode(report, path, secret, sound);
  };
  examine(installation.config_path(), false);
  if (!installation.env_file().empty()) examine(installation.env_file(), true);
  for (const std::string& path : loaded.config->rule_files) examine(path, false);
  for (const std::string& path : loaded.inputs.files) {
    examine(path, is_secret_file(*loaded.config, path));
  }
  if (sound > 0) report.good("files", fmt::format("{} with sound modes", counted(sound, "file")));
}

void examine_certificate(DoctorReport& report, const std::string& listener,
                         const ListenerConfig& config) {
  if (!config.tls || !config.tls_context) return;
  const auto expiry =
      std::chrono::time_point_cast<Milliseconds>(certificate_expiry(*config.tls_context));
  examine_expiry(report, "certificate." + listener, expiry, SystemClock{}.now(),
                 config.tls->certificate);
}

}  // namespace

std::shared_ptr<const Config> examine_configuration(DoctorReport& report,
                                                    const Installation& installation) {
  if (installation.config_path().empty()) {
    report.bad("configuration", "none was found",
               "name it with --config or SIGNALBOX_CONFIG; deploy/run makes a first one");
    return nullptr;
  }
  const std::string& path = installation.config_path();
  LoadedConfig loaded = load_config(path, installation.environment());
  examine_diagnostics(report, loaded, installation);
  if (!loaded.config) {
    // A gateway may still run by what it read before: the rest is examined as far as it goes.
    LoadedConfig partly = load_config(path, installation.environment(), {.need_secrets = false});
    return partly.config;
  }
  const Config& config = *loaded.config;
  report.good("configuration",
              fmt::format("{}: {}, {}, {}", path, counted(config.sources.size(), "source"),
                          counted(config.agents.size(), "agent"),
                          counted(config.rules->rules().size(), "rule")));
  if (const auto root = root_warning(); !root.empty())
    report.warning("user", fmt::format("a gateway of this user {}", root),
                   "start it as a user of its own, as systemd's User= does");
  examine_secrets(report, config);
  examine_files(report, loaded, installation);
  examine_certificate(report, "hooks", config.hooks);
  examine_certificate(report, "api", config.api);
  return loaded.config;
}

}  // namespace signalbox
