#include "tests/connectors/vector_table.hpp"

#include <openssl/evp.h>

#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"

namespace signalbox::test {
namespace {

std::string from_base64(std::string_view text) {
  std::string out(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()),
                                   static_cast<int>(text.size()));
  REQUIRE(size >= 0);
  std::size_t bytes = static_cast<std::size_t>(size);
  for (std::size_t i = text.size(); i > 0 && text[i - 1] == '='; --i) --bytes;
  return out.substr(0, bytes);
}

}  // namespace

std::size_t check_vectors(const std::string& path, std::string_view provider) {
  JsonDocument document;
  const auto rows = document.parse_copy(read_file(path));
  REQUIRE(rows.has_value());
  std::size_t checked = 0;
  for (const Json row : rows->elements()) {
    if (row["provider"].string() != provider) continue;
    std::vector<Delivery::Header> headers;
    for (const auto& [name, value] : row["headers"].fields()) {
      headers.emplace_back(name, value.string_or({}));
    }
    Delivery delivery{headers, from_base64(row["body_base64"].string_or({})), provider};
    // SHA-1 alone is never enough, however right it is.
    const bool weak = provider == "github" && delivery.header("X-Hub-Signature-256").empty();
    const bool expected = row["valid"].boolean().value() && !weak;
    const auto secret = row["secret"].string_or({});
    INFO(row["id"].string_or({}));
    if (const auto clock = row["clock_unix_s"].integer()) {
      // Such a row is about the age of what is signed, by the minute that the provider advises.
      delivery.set_received(Time{std::chrono::seconds{*clock}});
      delivery.set_replay_window(std::chrono::minutes{1});
      CHECK(delivery.verify({secret}).has_value());
      CHECK(delivery.parse(secret).has_value() == expected);
    } else {
      CHECK(delivery.verify({secret}).has_value() == expected);
    }
    ++checked;
  }
  return checked;
}

}  // namespace signalbox::test
