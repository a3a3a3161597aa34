// The PROXY protocol: what a proxy says, byte by byte, and what is no such thing.
#include "gateway/http/proxy_protocol.hpp"

#include <catch2/catch.hpp>

#include "gateway/config/address_list.hpp"

namespace signalbox {
namespace {

using namespace std::string_literals;
using State = ProxyHeader::State;

const std::string signature = "\r\n\r\n\0\r\nQUIT\n"s;

std::string version_2(char command, char family, const std::string& rest) {
  const auto length = static_cast<std::uint16_t>(rest.size());
  return signature + command + family + static_cast<char>(length >> 8) +
         static_cast<char>(length & 0xff) + rest;
}

const std::string from_ipv4 = "\xcb\x00\x71\x09\x0a\x00\x00\x01\xc7\x38\x01\xbb"s;
const std::string from_ipv6 = "\x20\x01\x0d\xb8"s + std::string(11, '\0') + "\x09" +
                              std::string(15, '\0') + "\x01\xc7\x38\x01\xbb";

std::string client(const std::string& bytes) {
  const ProxyHeader header = parse_proxy_header(bytes + "POST /hooks");
  if (header.state == State::malformed) return "malformed";
  if (header.state == State::partial) return "partial";
  CHECK(header.size == bytes.size());
  return header.client ? to_string(*header.client) : "itself";
}

TEST_CASE("a proxy names its client in either version", "[proxy]") {
  CHECK(client("PROXY TCP4 203.0.113.9 10.0.0.1 51000 443\r\n") == "203.0.113.9");
  CHECK(client("PROXY TCP6 2001:db8::9 2001:db8::1 51000 443\r\n") == "2001:db8::9");
  CHECK(client("PROXY TCP6 ::ffff:203.0.113.9 ::1 51000 443\r\n") == "203.0.113.9");
  CHECK(client("PROXY UNKNOWN\r\n") == "itself");
  CHECK(client("PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n") == "itself");
  CHECK(client(version_2(0x21, 0x11, from_ipv4)) == "203.0.113.9");
  CHECK(client(version_2(0x21, 0x21, from_ipv6)) == "2001:db8::9");
  CHECK(client(version_2(0x21, 0x11, from_ipv4 + "\x03\x00\x04\x01\x02\x03\x04"s)) ==
        "203.0.113.9");
  const std::string mapped = std::string(10, '\0') + "\xff\xff\xcb\x00\x71\x09"s +
                             std::string(15, '\0') + "\x01\xc7\x38\x01\xbb"s;
  CHECK(client(version_2(0x21, 0x21, mapped)) == "203.0.113.9");
}

TEST_CASE("a proxy that speaks for itself has no client", "[proxy]") {
  CHECK(client(version_2(0x20, 0x00, "")) == "itself");
  CHECK(client(version_2(0x20, 0x11, from_ipv4)) == "itself");
  CHECK(client(version_2(0x21, 0x00, "")) == "itself");
  CHECK(client(version_2(0x21, 0x12, from_ipv4)) == "itself");              // datagrams
  CHECK(client(version_2(0x21, 0x31, std::string(216, 'u'))) == "itself");  // unix sockets
}

TEST_CASE("what is no PROXY header is refused at its first wrong byte", "[proxy]") {
  for (const char* bytes :
       {"POST /hooks/github HTTP/1.1\r\n", "P0", "PROXY TCP4\r\n",
        "PROXY TCP5 1.1.1.1 2.2.2.2 1 2\r\n", "PROXY TCP4 203.0.113.9 10.0.0.1 51000 65536\r\n",
        "PROXY TCP4 203.0.113.9 10.0.0.1 51000\r\n",
        "PROXY TCP4 203.0.113.9 10.0.0.1 51000 443 1\r\n", "PROXY TCP4 2001:db8::9 ::1 1 2\r\n",
        "PROXY TCP4 203.0.113.9  10.0.0.1 1 2\r\n", "PROXY tcp4 203.0.113.9 10.0.0.1 1 2\r\n",
        "PROXY TCP4 localhost 10.0.0.1 1 2\r\n", "PROXY TCP4 203.0.113.9 10.0.0.1 -1 2\r\n",
        "\r\n\r\nGET", "proxy TCP4 203.0.113.9 10.0.0.1 1 2\r\n"}) {
    INFO(bytes);
    CHECK(parse_proxy_header(bytes).state == State::malformed);
  }
  CHECK(client(version_2(0x11, 0x11, from_ipv4)) == "malformed");  // version 1 in version 2's form
  CHECK(client(version_2(0x22, 0x11, from_ipv4)) == "malformed");
  CHECK(client(version_2(0x21, 0x41, from_ipv4)) == "malformed");
  CHECK(client(version_2(0x21, 0x13, from_ipv4)) == "malformed");
  CHECK(client(version_2(0x21, 0x11, from_ipv4.substr(1))) == "malformed");
  CHECK(client(version_2(0x21, 0x21, from_ipv6.substr(1))) == "malformed");
}

TEST_CASE("a PROXY header may come in any pieces", "[proxy]") {
  for (const std::string& whole :
       {"PROXY TCP4 203.0.113.9 10.0.0.1 51000 443\r\n"s, version_2(0x21, 0x11, from_ipv4)}) {
    for (std::size_t size = 0; size < whole.size(); ++size) {
      INFO(size);
      CHECK(parse_proxy_header(whole.substr(0, size)).state == State::partial);
    }
    CHECK(parse_proxy_header(whole).state == State::whole);
  }
}

TEST_CASE("a PROXY header is no longer than its version allows", "[proxy]") {
  const std::string line = "PROXY UNKNOWN ";
  const std::size_t room = 107 - line.size() - 2;
  CHECK(client(line + std::string(room, 'x') + "\r\n") == "itself");
  CHECK(client(line + std::string(room + 1, 'x') + "\r\n") == "malformed");
  CHECK(client(version_2(0x20, 0, std::string(2048 - 16, 'x'))) == "itself");
  CHECK(client(version_2(0x20, 0, std::string(2048 - 15, 'x'))) == "malformed");
}

}  // namespace
}  // namespace signalbox
