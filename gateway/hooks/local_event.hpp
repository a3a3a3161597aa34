// An event made on this machine from a body, through the very code that the gateway runs: the
// connector signs it with a key made for the purpose, then it is verified and parsed. For rule
// tests and dry runs.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/connector.hpp"

namespace signalbox {

// Owns what the event's views point into. Not thread-safe.
class LocalEvent {
 public:
  // `type` is a full event type, as "github.pull_request.opened"; it names the connector. The
  // body's own fields may make it a more specific one. not_found for an unknown connector, else
  // what verify and parse report.
  static Result<std::unique_ptr<LocalEvent>> make(std::string_view type, std::string body,
                                                  std::string_view delivery, Time received);

  LocalEvent(const LocalEvent&) = delete;
  LocalEvent& operator=(const LocalEvent&) = delete;

  const Event& event() const noexcept { return event_; }

 private:
  LocalEvent() = default;

  std::string body_;  // padded
  std::vector<std::pair<std::string, std::string>> header_texts_;
  std::vector<Headers::Field> header_fields_;
  ParseScratch scratch_;
  Event event_;
};

// "github.pull_request.opened" or "pull_request.opened" with a connector -> the full type.
std::string full_type(std::string_view connector, std::string_view type);

// The connector that an event type starts with; nullptr where there is none.
const Connector* connector_of(std::string_view type) noexcept;

// "; did you mean 'github'?", or " (known: github, …)" where no name is near.
std::string known_connectors(std::string_view wrong);

// Everything of standard input ("-") or of a file.
Result<std::string> read_body(const std::string& path);
inline constexpr std::size_t body_file_bytes_max = std::size_t{256} * 1024 * 1024;

}  // namespace signalbox
