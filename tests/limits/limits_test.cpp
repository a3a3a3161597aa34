#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <array>

#include "tests/limits/table.hpp"

namespace signalbox::test {
namespace {

// A row that cannot be tried keeps no other from it.
std::string become(const Limit& limit, std::int64_t size) {
  try {
    return limit.becomes(size);
  } catch (const std::exception& failure) {
    return fmt::format("it cannot be tried: {}", failure.what());
  }
}

void check(std::span<const Limit> limits) {
  REQUIRE_FALSE(limits.empty());
  for (const Limit& limit : limits) {
    INFO(limit.constant << " takes " << limit.taken << " and refuses " << limit.refused);
    CHECK(become(limit, limit.taken) == "");
    const std::string refusal = become(limit, limit.refused);
    CHECK_THAT(refusal,
               Catch::Contains(std::string{limit.says}) && !Catch::Contains("it cannot be tried"));
  }
}

}  // namespace

TEST_CASE("limits of event/ take their value and refuse the next") { check(event_limits()); }
TEST_CASE("limits of connectors/ take their value and refuse the next") {
  check(connector_limits());
}
TEST_CASE("limits of rules/ take their value and refuse the next") { check(rule_limits()); }
TEST_CASE("limits of the configuration take their value and refuse the next") {
  check(config_limits());
}
TEST_CASE("limits of store/ take their value and refuse the next") { check(store_limits()); }
TEST_CASE("limits of mailboxes take their value and refuse the next") { check(mailbox_limits()); }
TEST_CASE("limits of the API take their value and refuse the next") { check(api_limits()); }
TEST_CASE("limits of queues take their value and refuse the next") { check(queue_limits()); }
TEST_CASE("limits that tests lower take their value and refuse the next") {
  check(default_limits());
}
TEST_CASE("limits of gateway/ take their value and refuse the next") { check(gateway_limits()); }
TEST_CASE("limits of the command line take their value and refuse the next") {
  check(command_limits());
}

}  // namespace signalbox::test
