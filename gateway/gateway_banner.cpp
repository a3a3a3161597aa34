// What the running gateway prints for people: that it serves, where, and what to do next.
#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "connectors/samples/samples.hpp"
#include "gateway/gateway.hpp"
#include "gateway/telemetry/log.hpp"
#include "gateway/telemetry/version.hpp"

namespace signalbox {
namespace {

std::string address_text(const ListenAddress& listen, std::uint16_t port) {
  const bool is_v6 = listen.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", is_v6 ? "[" : "", listen.host, is_v6 ? "]" : "", port);
}

}  // namespace

std::string start_hint(const Config& config) {
  for (const SourceConfig& source : config.sources) {
    const std::string_view connector = source.connector->name;
    const std::string_view type = first_sample_type(connector);
    if (type.empty()) continue;
    return fmt::format("signalbox sample {} {} --post {}", connector, type, source.name);
  }
  return {};
}

void Gateway::announce(bool ready) {
  if (announced_ == Announced::serving) return;
  const bool first = std::exchange(announced_, ready ? Announced::serving : Announced::waiting) ==
                     Announced::nothing;
  if (ready) {
    fmt::print("signalbox {} serves site '{}' with {} rules\n", version, config_->site,
               runtime_.get()->config->rules->rules().size());
  } else if (first) {
    fmt::print("signalbox {} waits for redis at {}; until then webhooks {}\n", version,
               to_string(endpoint_), spool_ ? "go to the spool" : "are answered 503");
  }
  if (first) print_addresses();
  std::fflush(stdout);
}

void Gateway::print_addresses() const {
  for (const SourceConfig& source : config_->sources) {
    fmt::print("  hooks  {}://{}/hooks/{}  ({})\n", config_->hooks.tls ? "https" : "http",
               address_text(config_->hooks.listen, hooks_->port()), source.name,
               source.connector->name);
  }
  fmt::print("  api    {}://{}  (/v1, /metrics, /livez, /readyz)\n",
             config_->api.tls ? "https" : "http", address_text(config_->api.listen, api_->port()));
  if (const std::string hint = start_hint(*config_); !hint.empty()) fmt::print("next: {}\n", hint);
}

void Gateway::tell_addresses() const {
  log_line(Severity::info, "listening",
           {{"hooks", address_text(config_->hooks.listen, hooks_->port())},
            {"api", address_text(config_->api.listen, api_->port())},
            {"version", version}});
}

}  // namespace signalbox
