// receive --follow: messages as they come, over a stream of server-sent events that is opened again
// when it ends. Ctrl-C ends it cleanly: what is leased and was not printed is given back.
#pragma once

#include <optional>
#include <string>

#include "gateway/cli/contract/command.hpp"

namespace signalbox {

struct FollowSettings {
  std::string agent;                 // as --agent
  std::optional<std::uint32_t> max;  // unfinished ones at a time; nothing: 10
  std::string visibility;            // a duration as the API takes it; empty: the gateway's own
  bool acknowledge = false;          // each once it was printed
};

// Main thread only, since it takes SIGINT and SIGTERM. Ends with a failure once the server has been
// away for ten minutes, or was never there.
ExitCode follow(Invocation& invocation, const FollowSettings& settings);

}  // namespace signalbox
