// The calls that need no token, as their rows have them.
#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "gateway/api/openapi.hpp"
#include "gateway/api/permission.hpp"
#include "tests/gateway/api/call_fixture.hpp"

namespace signalbox::api {
namespace {

Response ask(Calls& calls, const std::string& target) {
  Call& call = calls.make("", target);
  const Route* route = find_route("GET", call.parts).route;
  REQUIRE(route != nullptr);
  REQUIRE(is_open(*route, call.runtime.principals));
  std::optional<Response> response;
  boost::asio::co_spawn(call.io(), route->handle(call),
                        [&](const std::exception_ptr& failed, Response answer) {
                          REQUIRE_FALSE(failed);
                          response = std::move(answer);
                        });
  call.io().poll();
  call.io().restart();
  REQUIRE(response);
  return *response;
}

}  // namespace

TEST_CASE("a process that answers is alive, whatever its health") {
  Calls calls;
  calls.health.checks = [] { return std::vector<HealthCheck>{{"redis", false, "away"}}; };
  const Response response = ask(calls, "/livez");
  CHECK(response.status == 200);
  CHECK(response.body == "ok\n");
}

TEST_CASE("a process is ready when all checks are good, and otherwise says which are not") {
  Calls calls;
  std::vector<HealthCheck> checks{{"redis", true, "durable"}, {"rules", true, "set aside", true}};
  calls.health.checks = [&] { return checks; };
  const Response ready = ask(calls, "/readyz");
  CHECK(ready.status == 200);
  CHECK(ready.body == "ok\n");
  CHECK(ask(calls, "/readyz?verbose").body == "[+] redis: durable\n[!] rules: set aside\nok\n");
  checks[0] = {"redis", false, "away"};
  const Response away = ask(calls, "/readyz");
  CHECK(away.status == 503);
  CHECK(away.body == "[-] redis: away\nnot ready\n");
  CHECK(ask(calls, "/readyz?verbose").body == "[-] redis: away\n[!] rules: set aside\nnot ready\n");
  checks[0] = {"redis", false, "it said\n[+] \x1b[2J"};
  CHECK(ask(calls, "/readyz").body == "[-] redis: it said [+] [2J\nnot ready\n");
  checks.clear();
  CHECK(ask(calls, "/readyz").status == 200);
}

TEST_CASE("metrics and the description are served as what they are") {
  Calls calls;
  calls.health.metrics = [] { return std::string{"signalbox_ready 1\n"}; };
  const Response metrics = ask(calls, "/metrics");
  CHECK(metrics.content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(metrics.body == "signalbox_ready 1\n");
  const Response description = ask(calls, "/openapi.yaml");
  CHECK(description.content_type == "application/yaml");
  CHECK(description.body == openapi_yaml);
}

}  // namespace signalbox::api
