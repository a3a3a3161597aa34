// Who may hold how much memory, from both sides of each limit.
#include "gateway/limits/memory_budget.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

struct Room {
  MemoryBudget budget;
  AddressAccount first, second;
  ListenerConfig limits;
  Room() {
    limits.max_buffered = 1'000;
    limits.max_buffered_per_address = 600;
  }
  bool stranger(MemoryShare& share, std::int64_t bytes, AddressAccount& account) {
    return share.hold(bytes, budget, &account, false, limits);
  }
  bool known(MemoryShare& share, std::int64_t bytes, AddressAccount& account) {
    return share.hold(bytes, budget, &account, true, limits);
  }
};

}  // namespace

TEST_CASE("all requests together hold what the listener has, and no byte more", "[memory]") {
  Room room;
  MemoryShare one, other;
  CHECK(room.known(one, 500, room.first));
  CHECK_FALSE(room.known(other, 501, room.second));
  CHECK(room.known(other, 500, room.second));
  CHECK(room.budget.held_bytes() == 1'000);
}

TEST_CASE("one address holds its share, in however many connections", "[memory]") {
  Room room;
  MemoryShare one, other;
  CHECK(room.known(one, 400, room.first));
  CHECK_FALSE(room.known(other, 201, room.first));
  CHECK(room.known(other, 200, room.first));
  CHECK(room.first.buffered_bytes == 600);
}

TEST_CASE("strangers leave half of the memory to known addresses", "[memory]") {
  Room room;
  MemoryShare one, other, mine;
  CHECK(room.stranger(one, 250, room.first));
  CHECK_FALSE(room.stranger(other, 251, room.second));
  CHECK(room.stranger(other, 250, room.second));
  CHECK(room.known(mine, 350, room.first));
}

TEST_CASE("a share grows, shrinks and is given back whole", "[memory]") {
  Room room;
  {
    MemoryShare share;
    CHECK(room.stranger(share, 400, room.first));
    CHECK_FALSE(room.stranger(share, 501, room.first));
    CHECK(share.bytes() == 400);
    CHECK(room.stranger(share, 500, room.first));
    CHECK(room.stranger(share, 100, room.first));
    CHECK(room.budget.held_bytes() == 100);
  }
  CHECK(room.budget.held_bytes() == 0);
  CHECK(room.first.buffered_bytes == 0);
  MemoryShare again;
  CHECK(room.stranger(again, 500, room.second));
  again.release();
  CHECK(room.stranger(again, 500, room.first));  // another address' now
}

TEST_CASE("who has no address is a stranger without a share of its own", "[memory]") {
  Room room;
  MemoryShare share;
  CHECK(share.hold(500, room.budget, nullptr, false, room.limits));
  CHECK_FALSE(share.hold(501, room.budget, nullptr, false, room.limits));
}

}  // namespace signalbox
