// When a stream is opened again, and when it is given up.
#include <catch2/catch.hpp>

#include "gateway/cli/client/reconnection.hpp"

namespace signalbox {
namespace {

constexpr Reconnection::Instant start{std::chrono::hours{1}};

TEST_CASE("pauses double from half a second to fifteen, and begin anew once something is heard",
          "[cli][follow][limits]") {
  Reconnection connection{start};
  std::vector<std::int64_t> pauses;
  for (int i = 0; i < 7; ++i) pauses.push_back(connection.next_pause().count());
  CHECK(pauses == std::vector<std::int64_t>{500, 1'000, 2'000, 4'000, 8'000, 15'000, 15'000});
  connection.answered();
  CHECK(connection.next_pause().count() == 15'000);
  connection.heard(start);
  CHECK(connection.next_pause().count() == 500);
}

TEST_CASE("a server that never answered is given up at once, another after ten minutes of silence",
          "[cli][follow][limits]") {
  Reconnection connection{start};
  CHECK(connection.is_over(start));
  connection.answered();
  CHECK_FALSE(connection.is_over(start));
  const auto heard = start + std::chrono::minutes{3};
  connection.heard(heard);
  CHECK_FALSE(connection.is_over(heard + std::chrono::minutes{10}));
  CHECK(connection.is_over(heard + std::chrono::minutes{10} + Milliseconds{1}));
}

}  // namespace
}  // namespace signalbox
