// Where a webhook is posted and the secret that signs it: what flags say, and what the
// configuration has of the rest.
#pragma once

#include <memory>
#include <string>

#include "gateway/cli/client/http_client.hpp"
#include "gateway/cli/contract/command.hpp"

namespace signalbox {

struct PostWish {
  std::string connector;
  std::string source;
  std::string hooks_url;    // empty: the configuration's
  std::string secret_file;  // the same
};

struct PostTarget {
  std::string hooks_url;
  std::string secret;
  TlsTrust trust;
  std::shared_ptr<const Config> config;  // null when flags said everything
};

// usage where something is not said and the configuration is missing, wrong, or does not say it.
CommandResult<PostTarget> find_target(const Invocation& invocation, const PostWish& options);

}  // namespace signalbox
