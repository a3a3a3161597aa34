// A delivery as the gateway would hand it to a connector: headers and a padded body that stay alive
// while the event is looked at. Not thread-safe.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "connectors/connector.hpp"

namespace signalbox::test {

class Delivery {
 public:
  using Header = std::pair<std::string, std::string>;
  Delivery(std::vector<Header> headers, std::string_view body);

  // Signed by the connector under test, as its provider would.
  static Delivery signed_github(std::string_view type, std::string_view body,
                                std::string_view secret);

  // Replaces the header, adds it when there is none.
  void set(std::string_view name, std::string_view value);
  void remove(std::string_view name);
  void add(std::string_view name, std::string_view value);
  std::string header(std::string_view name) const;

  Unverified request();
  Result<Verified> verify(std::initializer_list<std::string_view> secrets);
  Result<Event> parse(std::string_view secret);

 private:
  std::vector<Header> headers_;
  std::vector<Headers::Field> views_;
  std::string body_;
  std::size_t body_bytes_;
  std::unique_ptr<ParseSpace> space_ = std::make_unique<ParseSpace>();
};

// The contents of a file, or a failed test.
std::string read_file(const std::string& path);

// The value of an environment variable, empty where it is not set.
std::string environment(const char* name);

}  // namespace signalbox::test
