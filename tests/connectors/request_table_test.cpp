// What becomes of the requests of each connector: tests/samples/<connector>_requests.json.
#include "tests/connectors/request_table.hpp"

#include <catch2/catch.hpp>

#include "event/connector_names.hpp"

namespace signalbox {
namespace {

TEST_CASE("signed requests become the events that the table says, or are refused as it says") {
  for (const std::string_view connector : connector_names) {
    DYNAMIC_SECTION(connector) {
      const test::RequestCount count = test::check_request_table(connector);
      INFO("tests/samples/" << connector << "_requests.json has requests of either kind");
      CHECK(count.taken >= 5);
      CHECK(count.refused >= 5);
    }
  }
}

}  // namespace
}  // namespace signalbox
