#include "tests/connectors/delivery.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>

namespace signalbox::test {
namespace {

const Connector& known_connector(std::string_view name) {
  const Connector* found = find_connector(name);
  REQUIRE(found != nullptr);
  return *found;
}

}  // namespace

Delivery::Delivery(std::vector<Header> headers, std::string_view body, std::string_view connector)
    : Delivery{std::move(headers), body, known_connector(connector)} {}

Delivery::Delivery(std::vector<Header> headers, std::string_view body, const Connector& connector)
    : headers_{std::move(headers)}, body_{body}, body_bytes_{body.size()}, connector_{&connector} {
  // Neither spaces nor quotes, so that reading past the end shows.
  body_.append(json_padding, '\x01');
}

Delivery Delivery::signed_by(std::string_view connector, std::string_view type,
                             std::string_view body, std::string_view secret) {
  const Connector& known = known_connector(connector);
  return {known.sign(type, "0a5e2c3e-7d0c-4c4b-9c50-3f2f5a3fbe01", body, secret), body, known};
}

void Delivery::set(std::string_view name, std::string_view value) {
  remove(name);
  add(name, value);
}

void Delivery::remove(std::string_view name) {
  std::erase_if(headers_, [&](const Header& header) { return iequals(header.first, name); });
}

void Delivery::add(std::string_view name, std::string_view value) {
  headers_.emplace_back(name, value);
}

std::string Delivery::header(std::string_view name) const {
  for (const auto& [field, value] : headers_) {
    if (iequals(field, name)) return value;
  }
  return {};
}

Unverified Delivery::request() {
  views_.assign(headers_.begin(), headers_.end());
  return {.source = connector_->name,
          .headers = Headers{views_},
          .body = std::string_view{body_}.substr(0, body_bytes_),
          .received = received_};
}

Result<Verified> Delivery::verify(std::initializer_list<std::string_view> secrets) {
  SourceKeys keys{.connector = connector_,
                  .keys = {},
                  .replay_window = replay_window_,
                  .trackers = trackers_,
                  .terms = terms_};
  for (const std::string_view secret : secrets) REQUIRE_FALSE(keys.add(secret));
  return signalbox::verify(keys, request());
}

Result<Event> Delivery::parse(std::string_view secret) {
  const auto verified = verify({secret});
  if (!verified) return verified.error();
  return connector_->parse(*verified, *scratch_);
}

std::string read_file(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  INFO(path);
  REQUIRE(file.good());
  return {std::istreambuf_iterator<char>{file}, {}};
}

}  // namespace signalbox::test
