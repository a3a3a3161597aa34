// The names that a listener may be called by.
#include "gateway/config/host_list.hpp"

#include <catch2/catch.hpp>

namespace signalbox {

TEST_CASE("what no page outside can be called is good without a list", "[config]") {
  const HostList none;
  for (const char* good : {"localhost", "LOCALHOST", "localhost.", "gw.localhost", "10.1.2.3",
                           "::1", "2001:db8::1", "signalbox", "my-pod-0"}) {
    CAPTURE(good);
    CHECK(none.contains(good));
  }
  for (const char* other : {"evil.example", "localhost.evil.example", "notlocalhost.com",
                            "10.1.2.3.nip.io", "1.2.3", "signalbox.monitoring"}) {
    CAPTURE(other);
    CHECK_FALSE(none.contains(other));
  }
}

TEST_CASE("a listed name is good in either case, and with a star all below it", "[config]") {
  HostList hosts;
  REQUIRE(hosts.add("GW.example.com").has_value());
  REQUIRE(hosts.add("*.internal.example").has_value());
  for (const char* good :
       {"gw.example.com", "gw.EXAMPLE.com.", "a.internal.example", "a.b.internal.example"}) {
    CAPTURE(good);
    CHECK(hosts.contains(good));
  }
  for (const char* other :
       {"example.com", "a.gw.example.com", "internal.example", "xinternal.example"}) {
    CAPTURE(other);
    CHECK_FALSE(hosts.contains(other));
  }
  REQUIRE(hosts.add("*").has_value());
  CHECK(hosts.contains("evil.example"));
}

TEST_CASE("a list takes names of hosts, without port or scheme", "[config]") {
  for (const char* wrong :
       {"", "a b", "gw.example.com:8081", "http://gw", "*.", "a.*.b", "**", ".gw"}) {
    HostList hosts;
    CAPTURE(wrong);
    CHECK_FALSE(hosts.add(wrong).has_value());
  }
}

}  // namespace signalbox
