// The running gateway's two listening sockets, and how many connections they may have.
#include "gateway/gateway.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/worker/connection_room.hpp"

namespace signalbox {

void Gateway::open_listeners() {
  std::vector<ConnectionTaker*> takers;
  for (auto& worker : workers_) takers.push_back(worker.get());
  const auto& configs = runtime_.get()->listeners;
  const auto listen = [&](Listener kind) {
    return std::make_unique<ListeningSocket>(main_, kind, configs[static_cast<std::size_t>(kind)],
                                             shares_.of(kind).accounts, takers);
  };
  hooks_ = listen(Listener::hooks);
  api_ = listen(Listener::api);
  limit_connections(*config_);
}

// Not more than there are descriptors for.
void Gateway::limit_connections(const Config& config) {
  const std::uint64_t descriptors = descriptor_limit();
  const ConnectionRoom wanted{config.hooks.max_connections + crowded_connections_max,
                              config.api.max_connections + crowded_connections_max};
  const ConnectionRoom room = connection_room(wanted, config.threads, descriptors);
  hooks_->allow(room.hooks);
  api_->allow(room.api);
  if (room == wanted) return;
  log_line(
      Severity::warning, "max_connections lowered",
      {{"hooks", std::to_string(connections_of(room.hooks))},
       {"api", std::to_string(connections_of(room.api))},
       {"open_files", std::to_string(descriptors)},
       {"detail", "start the gateway with more open files (LimitNOFILE= of systemd, ulimit -n)"}});
}

}  // namespace signalbox
