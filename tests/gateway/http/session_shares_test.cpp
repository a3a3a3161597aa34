// What a connection may use of its listener, and whose it is: shares of memory, refused requests,
// PROXY headers, clients behind a proxy.
#include <catch2/catch.hpp>

#include "tests/gateway/http/raw_connection.hpp"

namespace signalbox {
namespace {

using test::Connection;
using test::test_limits;

const IpAddress stranger = *parse_ip("192.0.2.1");
const IpAddress proxy = *parse_ip("10.0.0.1");
const IpAddress client = *parse_ip("203.0.113.9");

ListenerConfig limits_with_shares() {
  ListenerConfig limits = test_limits();
  limits.max_body = 4 * 1024 * 1024;
  limits.max_buffered = 2 * 1024 * 1024;
  limits.max_buffered_per_address = 512 * 1024;
  limits.max_connections_per_address = 2;
  limits.unverified_rate = Rate{1, Milliseconds{3'600'000}, 3};
  return limits;
}

ListenerConfig limits_with_proxy() {
  ListenerConfig limits = limits_with_shares();
  limits.proxy_protocol = true;
  if (!limits.trusted_proxies.add("10.0.0.0/8")) throw std::runtime_error("no block");
  return limits;
}

struct Fixture {
  ListenerShares shares;
  ConnectionShare share(const IpAddress& address, bool is_proxy = false) {
    return ConnectionShare{shares.accounts.find(address, std::chrono::steady_clock::now()),
                           is_proxy};
  }
  AddressAccount& account(const IpAddress& address) {
    return *shares.accounts.find(address, std::chrono::steady_clock::now());
  }
  std::int64_t held() { return shares.memory.held_bytes(); }
};

std::string post(std::size_t bytes, std::string_view target = "/") {
  return fmt::format("POST {} HTTP/1.1\r\nHost: h\r\nContent-Length: {}\r\n\r\n", target, bytes);
}

bool refused_as(const Connection& connection, Reason reason) {
  const auto& refusals = connection.handler().refusals;
  return !refusals.empty() && refusals.back().first == reason;
}

}  // namespace

TEST_CASE_METHOD(Fixture, "unfinished bodies of one address are held up to its share", "[shares]") {
  const auto limits = limits_with_shares();
  Connection first{limits, thread_buffered_bytes_max, &shares, share(stranger)};
  Connection second{limits, thread_buffered_bytes_max, &shares, share(stranger)};
  first.send(post(400'000) + std::string(300'000, 'x'));
  CHECK(held() >= 300'000);
  second.send(post(400'000) + std::string(300'000, 'x'));
  CHECK(second.read_all().starts_with("HTTP/1.1 503"));
  CHECK(refused_as(second, Reason::overloaded));
  first.send(std::string(100'000, 'x'));
  CHECK(first.read_all().starts_with("HTTP/1.1 200"));
  CHECK(held() == 0);  // each request has its share anew
}

TEST_CASE_METHOD(Fixture, "what an ended connection held is given back", "[shares]") {
  {
    Connection connection{limits_with_shares(), thread_buffered_bytes_max, &shares,
                          share(stranger)};
    connection.send(post(400'000) + std::string(200'000, 'x'));
    CHECK(held() > 0);
    CHECK(account(stranger).connections == 1);
  }
  CHECK(held() == 0);
  CHECK(account(stranger).connections == 0);
}

TEST_CASE_METHOD(Fixture, "chunks count like bodies with a length", "[shares]") {
  Connection connection{limits_with_shares(), thread_buffered_bytes_max, &shares, share(stranger)};
  connection.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  const std::string chunk = "10000\r\n" + std::string(0x10000, 'x') + "\r\n";
  std::string answer;
  for (int i = 0; i < 16 && answer.empty(); ++i) {
    try {
      connection.send(chunk);
    } catch (const std::runtime_error&) {
      // It lingers, and takes no more.
    }
    answer = connection.read_all();
  }
  CHECK(answer.starts_with("HTTP/1.1 503"));
  CHECK(refused_as(connection, Reason::overloaded));
}

TEST_CASE_METHOD(Fixture, "a small request that comes whole holds nothing that is counted",
                 "[shares]") {
  Connection connection{limits_with_shares(), thread_buffered_bytes_max, &shares, share(stranger)};
  connection.send(post(30'000) + std::string(30'000, 'x'));
  CHECK(connection.read_all().starts_with("HTTP/1.1 200"));
  CHECK(held() == 0);
}

TEST_CASE_METHOD(Fixture, "each refused request takes a token of its address", "[shares]") {
  const auto limits = limits_with_shares();
  Connection connection{limits, thread_buffered_bytes_max, &shares, share(stranger)};
  const auto wait = [&] {
    return account(stranger).unverified.wait(limits.unverified_rate,
                                             std::chrono::steady_clock::now());
  };
  connection.send(post(0) + post(0, "/nowhere") + post(0, "/nowhere"));
  connection.read_all();
  CHECK(wait().count() == 0);
  CHECK(connection.handler().account == &account(stranger));
  connection.send("no HTTP\r\n\r\n");
  connection.read_all();
  CHECK(wait().count() > 0);
  CHECK(account(client).unverified.full(std::chrono::steady_clock::now()));
}

TEST_CASE_METHOD(Fixture, "a PROXY header makes the connection its client's", "[shares]") {
  Connection connection{limits_with_proxy(), thread_buffered_bytes_max, &shares,
                        share(proxy, true)};
  connection.send("PROXY TCP4 203.0.113.9 10.0.0.2 51000 443\r\n" + post(0));
  CHECK(connection.read_all().starts_with("HTTP/1.1 200"));
  CHECK(connection.handler().peer == "203.0.113.9");
  CHECK(connection.handler().account == &account(client));
  CHECK(account(client).connections == 1);
  CHECK(account(proxy).connections == 0);
}

TEST_CASE_METHOD(Fixture, "a proxy that speaks for itself is itself", "[shares]") {
  Connection connection{limits_with_proxy(), thread_buffered_bytes_max, &shares,
                        share(proxy, true)};
  connection.send("PROXY UNKNOWN\r\n" + post(0));
  CHECK(connection.read_all().starts_with("HTTP/1.1 200"));
  CHECK(account(proxy).connections == 1);
}

TEST_CASE_METHOD(Fixture, "a trusted proxy that sends no PROXY header is not served", "[shares]") {
  Connection connection{limits_with_proxy(), thread_buffered_bytes_max, &shares,
                        share(proxy, true)};
  connection.send(post(0));
  CHECK(connection.read_all().empty());
  CHECK_FALSE(connection.served());
  CHECK(refused_as(connection, Reason::malformed_request));
  CHECK(connection.handler().handled == 0);
}

TEST_CASE_METHOD(Fixture, "of anybody else a PROXY header is no HTTP", "[shares]") {
  Connection connection{limits_with_proxy(), thread_buffered_bytes_max, &shares, share(stranger)};
  connection.send("PROXY TCP4 203.0.113.9 10.0.0.2 51000 443\r\n" + post(0));
  CHECK(connection.read_all().starts_with("HTTP/1.1 400"));
  CHECK(connection.handler().handled == 0);
}

TEST_CASE_METHOD(Fixture, "a client behind a proxy has so many connections, and no more",
                 "[shares]") {
  const std::string header = "PROXY TCP4 203.0.113.9 10.0.0.2 51000 443\r\n";
  const auto limits = limits_with_proxy();
  Connection first{limits, thread_buffered_bytes_max, &shares, share(proxy, true)};
  Connection second{limits, thread_buffered_bytes_max, &shares, share(proxy, true)};
  Connection third{limits, thread_buffered_bytes_max, &shares, share(proxy, true)};
  for (Connection* each : {&first, &second}) {
    each->send(header + post(0));
    CHECK(each->read_all().starts_with("HTTP/1.1 200"));
  }
  third.send(header + post(0));
  CHECK(third.read_all().empty());
  CHECK_FALSE(third.served());
  CHECK(refused_as(third, Reason::too_many_requests));
}

TEST_CASE_METHOD(Fixture, "requests that a proxy passes on are billed to whom it names",
                 "[shares]") {
  auto limits = limits_with_proxy();
  limits.proxy_protocol = false;
  REQUIRE(limits.trusted_proxies.add("::").has_value());  // the address of a socketpair's end
  Connection connection{limits, thread_buffered_bytes_max, &shares, share(proxy, true)};
  connection.send("GET /nowhere HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 203.0.113.9\r\n\r\n");
  connection.read_all();
  CHECK_FALSE(account(client).unverified.full(std::chrono::steady_clock::now()));
  CHECK(account(proxy).unverified.full(std::chrono::steady_clock::now()));
}

}  // namespace signalbox
