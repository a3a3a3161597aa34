// Being let in: TLS, users and passwords, databases; and what is said when one of them is wrong.
#include <boost/asio/ip/tcp.hpp>

#include <cstdlib>

#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

struct Losses final : ConnectionObserver {
  void on_lost(const std::string& why) override { last = why; }
  std::string last;
};

// Nobody listens there now.
std::uint16_t free_port() {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor{io, {boost::asio::ip::make_address_v4("127.0.0.1"), 0}};
  return acceptor.local_endpoint().port();
}

void shell(const std::string& command) {
  if (std::system((command + " >/dev/null 2>&1").c_str()) != 0)
    throw std::runtime_error("failed: " + command);
}

// A Redis that is also reached by TLS, its certificate for redis.internal and 127.0.0.1.
struct AccessFixture {
  AccessFixture() {
    shell("cd " + files +
          " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2"
          " -subj /CN=authority -keyout ca.key -out ca.crt"
          " && openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=redis"
          " -keyout redis.key -out redis.csr"
          " && printf 'subjectAltName=DNS:redis.internal,IP:127.0.0.1' > names"
          " && openssl x509 -req -in redis.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2"
          " -extfile names -out redis.crt");
    direct({"CONFIG", "SET", "tls-cert-file", files + "/redis.crt", "tls-key-file",
            files + "/redis.key", "tls-ca-cert-file", files + "/ca.crt", "tls-auth-clients", "no",
            "tls-port", std::to_string(tls_port), "port", std::to_string(port)});
  }

  RedisEndpoint plain() const { return RedisEndpoint{"", "127.0.0.1", port}; }
  RedisEndpoint tls(const RedisTlsFiles& with) const {
    RedisEndpoint endpoint{"", "127.0.0.1", tls_port};
    endpoint.tls = must(make_redis_tls(with));
    return endpoint;
  }
  RedisEndpoint trusted() const { return tls({files + "/ca.crt", "", ""}); }

  // Why there is no connection; empty when there is one.
  std::string trouble(const RedisEndpoint& endpoint, Milliseconds patience = 2s) {
    boost::asio::io_context io;
    Losses losses;
    RedisStore store{io, RedisStoreOptions{endpoint}, &losses};
    const auto result = run(io, store.ping(in(patience)));
    if (result) return losses.last;
    CHECK(result.error().reason == Reason::store_unavailable);
    CHECK(result.error().detail == "no connection to Redis; the log says why");
    return losses.last;
  }

  TempDir directory;
  std::unique_ptr<EmbeddedRedis> redis = start_redis_in(directory);
  std::string files = directory.path();
  Direct direct{redis->endpoint()};
  std::uint16_t port = free_port();
  std::uint16_t tls_port = free_port();
};

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST_CASE_METHOD(AccessFixture, "the store works by TLS as it does without") {
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{trusted()}};
  int committed = 0;
  const auto one = [&](int number) -> Task<void> {
    Commit commit = sample_commit(number);
    commit.record.body.assign(20'000, 'x');
    const auto result = co_await store.commit(commit, soon());
    const auto event = co_await store.event(commit.record.event, soon());
    committed += result && event && *event && (*event)->body == commit.record.body;
  };
  for (int i = 0; i < 200; ++i) {
    boost::asio::co_spawn(io, one(i),
                          [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
  }
  run_until(io, [&] { return committed == 200; });
  CHECK(must_run(io, store.peek("box", 1, soon())).counts.ready == 200);
}

TEST_CASE_METHOD(AccessFixture,
                 "a TLS connection that is cut in the middle of writes is made anew") {
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{trusted()}};
  int committed = 0;
  const auto one = [&](int number) -> Task<void> {
    Commit commit = sample_commit(number);
    commit.record.body.assign(50'000, 'x');
    const auto result = co_await store.commit(commit, soon());
    committed += result && result->status == CommitStatus::committed;
    if (number % 40 == 0) direct({"CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes"});
  };
  for (int i = 0; i < 200; ++i) {
    boost::asio::co_spawn(io, one(i),
                          [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
  }
  run_until(io, [&] { return committed == 200; });
  CHECK(must_run(io, store.peek("box", 1, soon())).counts.ready == 200);
}

TEST_CASE_METHOD(AccessFixture,
                 "a certificate counts only from a trusted authority and for the host") {
  CHECK(trouble(trusted()).empty());
  CHECK(has(trouble(tls({})), "TLS: the certificate was refused"));
  RedisEndpoint named = trusted();
  named.server_name = "redis.internal";
  CHECK(trouble(named).empty());
  named.server_name = "other.internal";
  CHECK(has(trouble(named), "hostname mismatch"));
  named.server_name = "127.0.0.2";
  CHECK(has(trouble(named), "IP address mismatch"));
  named = trusted();
  named.port = port;
  // A Redis without TLS waits for the rest of what it takes for a command.
  CHECK(has(trouble(named, 3s), "no answer to a new connection in time"));
  RedisEndpoint unencrypted = plain();
  unencrypted.port = tls_port;
  CHECK_FALSE(trouble(unencrypted).empty());
}

TEST_CASE_METHOD(AccessFixture, "a server that wants to know its client is shown a certificate") {
  direct({"CONFIG", "SET", "tls-auth-clients", "yes"});
  CHECK_FALSE(trouble(trusted()).empty());  // an alert, or the end of the connection that follows
  const std::string crt = files + "/redis.crt";
  CHECK(trouble(tls({files + "/ca.crt", crt, files + "/redis.key"})).empty());
  const auto mismatched = make_redis_tls({"", crt, files + "/ca.key"});
  REQUIRE_FALSE(mismatched.has_value());
  CHECK(has(mismatched.error().detail, "ca.key: "));
  const auto missing = make_redis_tls({files + "/none.crt", "", ""});
  REQUIRE_FALSE(missing.has_value());
  CHECK(has(missing.error().detail, "none.crt: "));
}

TEST_CASE_METHOD(AccessFixture, "users, passwords and databases are used, and never told") {
  direct({"ACL", "SETUSER", "gateway", "on", ">hunter2hunter2", "~*", "&*", "+@all"});
  RedisEndpoint endpoint = plain();
  endpoint.username = "gateway";
  endpoint.password = "hunter2hunter2";
  endpoint.database = 3;
  CHECK(trouble(endpoint).empty());
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{endpoint}};
  must_run(io, store.commit(sample_commit(1), soon()));
  CHECK(direct({"DBSIZE"}).integer == 0);
  direct({"SELECT", "3"});
  CHECK(direct({"DBSIZE"}).integer > 0);
  direct({"SELECT", "0"});

  endpoint.password = "wrongwrong";
  const std::string wrong = trouble(endpoint);
  CHECK(has(wrong, "WRONGPASS"));
  CHECK_FALSE(has(wrong, "wrongwrong"));
  direct({"CONFIG", "SET", "requirepass", "sesame"});
  CHECK(has(trouble(plain()), "NOAUTH"));
  RedisEndpoint by_password = plain();
  by_password.password = "sesame";
  CHECK(trouble(by_password).empty());
  by_password.database = 99;
  CHECK(has(trouble(by_password), "DB index is out of range"));
}

TEST_CASE("whoever is not there is named") {
  Losses losses;
  boost::asio::io_context io;
  const RedisEndpoint nobody{"", "127.0.0.1", free_port()};
  RedisStore store{io, RedisStoreOptions{nobody}, &losses};
  CHECK_FALSE(run(io, store.ping(in(200ms))).has_value());
  CHECK(losses.last == to_string(nobody) + ": Connection refused");
  Losses of_name;
  RedisStore unnamed{io, RedisStoreOptions{RedisEndpoint{"", "redis.invalid", 6379}}, &of_name};
  CHECK_FALSE(run(io, unnamed.ping(in(3s))).has_value());
  CHECK(has(of_name.last, "redis.invalid:6379: "));
}

}  // namespace
}  // namespace signalbox::testing
