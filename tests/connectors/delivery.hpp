// A delivery as the gateway would hand it to a connector: headers and a padded body that stay alive
// while the event is looked at. Not thread-safe.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"

namespace signalbox::test {

class Delivery {
 public:
  using Header = std::pair<std::string, std::string>;
  Delivery(std::vector<Header> headers, std::string_view body,
           std::string_view connector = "github");
  // Of a connector that is not registered.
  Delivery(std::vector<Header> headers, std::string_view body, const Connector& connector);

  // Signed by the connector under test, as its provider would.
  static Delivery signed_by(std::string_view connector, std::string_view type,
                            std::string_view body, std::string_view secret);
  static Delivery signed_github(std::string_view type, std::string_view body,
                                std::string_view secret) {
    return signed_by("github", type, body, secret);
  }

  // Replaces the header, adds it when there is none.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void add(std::string_view name, std::string_view value);
  std::string header(std::string_view name) const;

  // When it arrives, and how old a signed time may be then.
  void set_received(Time received) { received_ = received; }
  void set_replay_window(std::optional<Milliseconds> window) { replay_window_ = window; }

  void set_terms(const BodyTerms& terms) { terms_ = terms; }

  // The issue keys that references may name.
  void set_trackers(TrackerKeys keys) {
    trackers_ = std::make_shared<const TrackerKeys>(std::move(keys));
  }

  Unverified request();
  Result<Verified> verify(std::initializer_list<std::string_view> secrets);
  Result<Event> parse(std::string_view secret);

 private:
  std::vector<Header> headers_;
  std::vector<Headers::Field> views_;
  std::string body_;
  std::size_t body_bytes_;
  const Connector* connector_;  // its name is also that of the source
  Time received_{Milliseconds{1'767'600'000'000}};
  std::optional<Milliseconds> replay_window_ = default_replay_window;
  std::shared_ptr<const TrackerKeys> trackers_;
  BodyTerms terms_;
  std::unique_ptr<ParseScratch> scratch_ = std::make_unique<ParseScratch>();
};

// The contents of a file, or a failed test.
std::string read_file(const std::string& path);

}  // namespace signalbox::test
