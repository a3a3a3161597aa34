#include "gateway/hooks/local_event.hpp"

#include <fmt/format.h>

#include "gateway/config/config_file.hpp"
#include "rules/pattern/event_hints.hpp"

namespace signalbox {

Result<std::unique_ptr<LocalEvent>> LocalEvent::make(std::string_view type, std::string body,
                                                     std::string_view delivery, Time received) {
  const Connector* connector = connector_of(type);
  const std::string_view name = type.substr(0, type.find('.'));
  if (connector == nullptr) {
    return Error{Reason::not_found,
                 fmt::format("unknown connector '{}'{}", name, known_connectors(name))};
  }
  std::unique_ptr<LocalEvent> local{new LocalEvent};
  local->body_ = std::move(body);
  const std::size_t length = local->body_.size();
  local->body_.append(json_padding, '\0');
  const std::string_view text = std::string_view{local->body_}.substr(0, length);

  const SecretPair secret = connector->invent_secret();
  local->header_texts_ = connector->sign(type, delivery, text, secret.signing);
  for (const auto& [header, value] : local->header_texts_) {
    local->header_fields_.emplace_back(header, value);
  }
  SourceKeys keys{.connector = connector,
                  .keys = {},
                  .replay_window = std::nullopt,  // a kept body may be of any age
                  .trackers = nullptr,
                  .terms = {.exclude_body = true}};
  if (auto fault = keys.add(secret.checking)) return *std::move(fault);
  const Unverified request{connector->name, Headers{local->header_fields_}, text, received};
  const auto verified = verify(keys, request);
  if (!verified) return verified.error();
  auto event = connector->parse(*verified, local->scratch_);
  if (!event) return event.error();
  local->event_ = std::move(*event);
  return local;
}

std::string full_type(std::string_view connector, std::string_view type) {
  const std::string prefix = fmt::format("{}.", connector);
  return type.starts_with(prefix) ? std::string{type} : prefix + std::string{type};
}

const Connector* connector_of(std::string_view type) noexcept {
  return find_connector(type.substr(0, type.find('.')));
}

std::string known_connectors(std::string_view wrong) { return unknown_connector_hint(wrong); }

Result<std::string> read_body(const std::string& path) {
  return path == "-" ? read_standard_input(body_file_bytes_max)
                     : read_stream_file(path, body_file_bytes_max);
}

}  // namespace signalbox
