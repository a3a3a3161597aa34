// How descriptors are shared out between the listeners.
#include "gateway/worker/connection_room.hpp"

#include <catch2/catch.hpp>

namespace signalbox {

TEST_CASE("connections that descriptors suffice for are all granted, one less is shared out",
          "[listener]") {
  const ConnectionRoom wanted{10'000, 10'000};
  CHECK(connection_room(wanted, 2, 20'080) == wanted);
  CHECK(connection_room(wanted, 2, 20'079) == ConnectionRoom{10'000, 9'999});
  CHECK(connection_room(wanted, 2, 1'080) == ConnectionRoom{750, 250});
  // Threads need some, too.
  CHECK(connection_room(wanted, 3, 1'088) == ConnectionRoom{750, 250});
}

TEST_CASE("what one listener does not want is the other's, and each has one at least",
          "[listener]") {
  CHECK(connection_room({10'000, 10}, 2, 1'080) == ConnectionRoom{990, 10});
  CHECK(connection_room({100, 10'000}, 2, 1'080) == ConnectionRoom{100, 900});
  CHECK(connection_room({10'000, 10'000}, 2, 20) == ConnectionRoom{1, 1});
  CHECK(connection_room({10'000, 10'000}, 2, 160) == ConnectionRoom{60, 20});
}

}  // namespace signalbox
