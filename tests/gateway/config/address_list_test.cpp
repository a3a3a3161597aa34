// Which address a request came from, and whether a list has it.
#include "gateway/config/address_list.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

AddressList list_of(std::initializer_list<std::string_view> texts) {
  AddressList list;
  for (const std::string_view text : texts) REQUIRE(list.add(text).has_value());
  return list;
}

std::string client(std::string_view peer, std::vector<std::string_view> forwarded,
                   const AddressList& trusted) {
  std::vector<Headers::Field> fields{{"Host", "hooks.acme.example"}};
  for (const std::string_view value : forwarded) fields.emplace_back("x-forwarded-for", value);
  const auto address = client_address(peer, Headers{fields}, trusted);
  return address ? to_string(*address) : "unknown";
}

TEST_CASE("a list has its addresses and what is in its blocks", "[address]") {
  const auto list =
      list_of({"10.0.0.0/8", "192.0.2.1", "192.0.2.3/32", "2001:db8::/32", "::1/128"});
  const AddressList nobody;
  for (const char* in : {"10.255.0.1", "192.0.2.1", "192.0.2.3", "2001:db8:1::9", "::1",
                         "::ffff:10.1.2.3", "::ffff:c000:201"}) {
    INFO(in);
    const auto address = client_address(in, {}, nobody);
    REQUIRE(address);
    CHECK(list.contains(*address));
  }
  for (const char* out : {"11.0.0.1", "192.0.2.2", "2001:db9::1", "::2", "::10.0.0.1"}) {
    INFO(out);
    const auto address = client_address(out, {}, nobody);
    REQUIRE(address);
    CHECK_FALSE(list.contains(*address));
    CHECK_FALSE(nobody.contains(*address));
  }
}

TEST_CASE("X-Forwarded-For of anybody but a trusted proxy is not looked at", "[address]") {
  CHECK(client("203.0.113.9", {"10.0.0.1"}, {}) == "203.0.113.9");
  CHECK(client("203.0.113.9", {"192.0.2.1"}, list_of({"10.0.0.0/8"})) == "203.0.113.9");
}

TEST_CASE("the client is the rightmost hop that is no trusted proxy", "[address]") {
  const auto trusted = list_of({"10.0.0.0/8", "fd00::/8"});
  CHECK(client("10.0.0.1", {"203.0.113.9"}, trusted) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"192.0.2.1, 203.0.113.9"}, trusted) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"192.0.2.1, 203.0.113.9 ,\t10.0.0.7"}, trusted) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"192.0.2.1", "203.0.113.9"}, trusted) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"192.0.2.1,203.0.113.9", "10.0.0.7, 10.0.0.8"}, trusted) ==
        "203.0.113.9");
  CHECK(client("::ffff:10.0.0.1", {"203.0.113.9"}, trusted) == "203.0.113.9");
  CHECK(client("fd00::1", {"2001:db8::7"}, trusted) == "2001:db8::7");
}

TEST_CASE("ports behind forwarded addresses are left out", "[address]") {
  const auto trusted = list_of({"10.0.0.0/8"});
  CHECK(client("10.0.0.1", {"203.0.113.9:4711"}, trusted) == "203.0.113.9");
  CHECK(client("10.0.0.1", {"[2001:db8::7]:4711"}, trusted) == "2001:db8::7");
  CHECK(client("10.0.0.1", {"[2001:db8::7]"}, trusted) == "2001:db8::7");
}

TEST_CASE("without an untrusted hop the leftmost one is the client", "[address]") {
  const auto trusted = list_of({"10.0.0.0/8"});
  CHECK(client("10.0.0.1", {}, trusted) == "10.0.0.1");
  CHECK(client("10.0.0.1", {"10.0.0.9, 10.0.0.8"}, trusted) == "10.0.0.9");
}

TEST_CASE("a hop that is no address leaves the client unknown, however good the one before",
          "[address]") {
  const auto trusted = list_of({"10.0.0.0/8"});
  for (const char* bad : {"192.0.2.1, unknown", "192.0.2.1, ", "", "192.0.2.1, _hidden", "[",
                          "192.0.2.1, [::1", "1.2.3", "192.0.2.1;203.0.113.9"}) {
    INFO(bad);
    CHECK(client("10.0.0.1", {bad}, trusted) == "unknown");
  }
}

TEST_CASE("more hops than are believed are not read", "[address]") {
  const auto trusted = list_of({"10.0.0.0/8"});
  std::string hops = "203.0.113.9";
  for (std::size_t i = 0; i < forwarded_hops_max; ++i) hops += ",10.0.0.2";
  CHECK(client("10.0.0.1", {hops}, trusted) == "10.0.0.2");
}

TEST_CASE("what is no address or block is refused", "[address]") {
  for (const char* bad : {"", "acme", "10.0.0.0/", "10.0.0.0/33", "10.0.0", "::/129", "10.0.0.0/-1",
                          "10.0.0.0/8/8", "/8", "::1%lo"}) {
    INFO(bad);
    AddressList list;
    CHECK_FALSE(list.add(bad).has_value());
    CHECK(list.empty());
  }
}

}  // namespace
}  // namespace signalbox
