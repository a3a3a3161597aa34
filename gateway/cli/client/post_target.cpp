#include "gateway/cli/client/post_target.hpp"

#include <fmt/format.h>

#include "gateway/cli/client/settings.hpp"
#include "gateway/config/config_file.hpp"
#include "rules/source/known_names.hpp"

namespace signalbox {
namespace {

constexpr std::size_t secret_file_bytes_max = 4096;

CommandResult<std::string> configured_secret(const Config& config, const PostWish& options) {
  const SourceConfig* source = config.find_source(options.source);
  if (source == nullptr) {
    std::vector<std::string_view> names;
    for (const SourceConfig& each : config.sources) names.push_back(each.name);
    return usage_failure(fmt::format("no source '{}' in {}{}", options.source, config.file,
                                     known_names(options.source, names)));
  }
  if (source->connector->name != options.connector) {
    return usage_failure(fmt::format("source '{}' has the connector '{}', not '{}'", source->name,
                                     source->connector->name, options.connector));
  }
  if (source->secrets.empty()) {
    return usage_failure(fmt::format("no secret of source '{}' can be read here", source->name),
                         fmt::format("signalbox check --config {}", config.file));
  }
  return source->secrets.front().value;
}

// Without a configuration a post needs two things, which SIGNALBOX_URL and SIGNALBOX_TOKEN are not.
Failure lacking(const PostTarget& target) {
  std::string flags;
  if (target.secret.empty()) flags = "--secret-file, with the source's webhook secret";
  if (target.hooks_url.empty()) {
    flags +=
        fmt::format("{}--hooks-url, the gateway's public listener", flags.empty() ? "" : ", and ");
  }
  return usage_failure("no configuration found, so a post needs " + flags,
                       "or name the configuration with --config");
}

}  // namespace

CommandResult<PostTarget> find_target(const Invocation& invocation, const PostWish& options) {
  PostTarget target;
  target.hooks_url = options.hooks_url;
  if (!options.secret_file.empty()) {
    auto secret = read_stream_file(options.secret_file, secret_file_bytes_max);
    if (!secret) return usage_failure(secret.error().detail);
    if (secret->ends_with('\n')) secret->pop_back();
    if (secret->empty()) return usage_failure(fmt::format("{}: is empty", options.secret_file));
    target.secret = std::move(*secret);
  }
  target.trust = find_trust(invocation.common, invocation.process, nullptr);
  if (!target.hooks_url.empty() && !target.secret.empty()) return target;
  const auto installation = Installation::find(invocation.common, invocation.process);
  if (!installation) return installation.error();
  if (installation->config_path().empty()) return lacking(target);
  const auto config = installation->load({.need_secrets = false});
  if (!config) return config.error();
  target.config = *config;
  if (target.secret.empty()) {
    auto secret = configured_secret(**config, options);
    if (!secret) return secret.error();
    target.secret = std::move(*secret);
  }
  if (target.hooks_url.empty()) {
    auto url = listener_url((*config)->hooks, "hooks.listen", "--hooks-url");
    if (!url) return url.error();
    target.trust = find_trust(invocation.common, installation->environment(), &(*config)->hooks);
    target.hooks_url = std::move(*url);
  }
  return target;
}

}  // namespace signalbox
