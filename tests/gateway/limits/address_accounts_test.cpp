// Accounts of addresses: whose is whose, and how many are remembered.
#include "gateway/limits/address_accounts.hpp"

#include <catch2/catch.hpp>

#include <fmt/format.h>

namespace signalbox {
namespace {

const TokenBucket::Clock::time_point start{std::chrono::hours{48}};

IpAddress ip(std::string_view text) {
  const auto address = parse_ip(text);
  REQUIRE(address);
  return *address;
}

TEST_CASE("an IPv4 address has an account, an IPv6 network of 64 bits has one", "[accounts]") {
  AddressAccounts accounts;
  const auto of = [&](std::string_view text) { return accounts.find(ip(text), start); };
  CHECK(of("192.0.2.1") == of("192.0.2.1"));
  CHECK(of("192.0.2.1") != of("192.0.2.2"));
  CHECK(of("2001:db8:0:1::1") == of("2001:db8:0:1:ffff::2"));
  CHECK(of("2001:db8:0:1::1") != of("2001:db8:0:2::1"));
  CHECK(accounts.size() == 4);
}

TEST_CASE("an address is known for a day after a verified request", "[accounts]") {
  AddressAccount account;
  CHECK_FALSE(account.known(start));
  account.know(start);
  constexpr std::chrono::hours day{24};
  CHECK(account.known(start + day));
  CHECK_FALSE(account.known(start + day + std::chrono::nanoseconds{1}));
}

TEST_CASE("no more addresses are remembered than the table has room for", "[accounts]") {
  constexpr std::size_t most = 100;
  AddressAccounts accounts{most};
  const Rate rate = each_second(1);
  for (int i = 0; i < 10'000; ++i) {
    const auto account = accounts.find(ip(fmt::format("10.0.{}.{}", i / 250, i % 250)), start);
    account->unverified.take(rate, start);
    REQUIRE(accounts.size() <= most);
  }
}

TEST_CASE("who is connected, and who is known, is not forgotten for newcomers", "[accounts]") {
  constexpr std::size_t most = 100;
  AddressAccounts accounts{most};
  const auto connected = accounts.find(ip("192.0.2.1"), start);
  accounts.find(ip("192.0.2.2"), start)->know(start);
  for (int i = 0; i < 1'000; ++i) {
    const auto newcomer = accounts.find(ip(fmt::format("10.0.{}.{}", i / 250, i % 250)), start);
    newcomer->unverified.take(each_second(1), start);
  }
  CHECK(accounts.find(ip("192.0.2.1"), start) == connected);
  CHECK(accounts.find(ip("192.0.2.2"), start)->known(start));
}

TEST_CASE("a table full of known addresses takes newcomers all the same", "[accounts]") {
  constexpr std::size_t most = 10;
  AddressAccounts accounts{most};
  for (int i = 0; i < 50; ++i) {
    accounts.find(ip(fmt::format("10.0.0.{}", i)), start)->know(start);
    REQUIRE(accounts.size() <= most);
  }
}

}  // namespace
}  // namespace signalbox
