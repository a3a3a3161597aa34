// The mark of a gateway in its store: what the store has lost is noticed.
#include "store/server/store_mark.hpp"

#include <filesystem>
#include <fstream>

#include "store/own_directory.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

const StoreMark known{"store-a", "gateway-a", 7, *parse_time("2026-11-27T10:00:00Z")};

StoreMemory memory(std::string store, std::uint64_t count, Milliseconds later = 1h) {
  return {std::move(store), count, known.marked - 10min, known.marked + later};
}

TEST_CASE("a store that is as it was, or further, has lost nothing") {
  CHECK_FALSE(what_is_lost(known, memory("store-a", 7), 24h));
  CHECK_FALSE(what_is_lost(known, memory("store-a", 8), 24h));
  CHECK_FALSE(what_is_lost(StoreMark{}, memory("", 0), 24h));
  CHECK_FALSE(what_is_lost(StoreMark{}, memory("store-b", 9), 24h));
}

TEST_CASE("a store that is empty, another or further back has lost what was acknowledged") {
  const auto said = [&](const StoreMemory& found) {
    return what_is_lost(known, found, 24h).value_or("");
  };
  CHECK(said(memory("", 0)).starts_with("the store is empty"));
  CHECK(said(memory("store-b", 7)).starts_with("this is another store"));
  CHECK(said(memory("store-a", 6)) ==
        "the store has gone back to 2026-11-27T09:50:00Z: what was acknowledged from then until "
        "2026-11-27T10:00:00Z is gone");
  CHECK(said(memory("store-a", 0)).find("before this gateway wrote to it") != std::string::npos);
}

TEST_CASE("a mark that the store has forgotten in time is no loss, and another store always is") {
  CHECK(what_is_lost(known, memory("store-a", 0, 24h - 1ms), 24h));
  CHECK_FALSE(what_is_lost(known, memory("store-a", 0, 24h), 24h));
  CHECK(what_is_lost(known, memory("store-b", 0, 24h), 24h));
}

TEST_CASE("a mark comes back from the disk as it was, and none from an empty directory") {
  const TempDir directory;
  const auto opened = must(open_own_directory(directory.path()));
  CHECK_FALSE(must(read_store_mark(opened.get(), directory.path())));
  for (const std::uint64_t count : {std::uint64_t{0}, std::uint64_t{7}, ~std::uint64_t{0}}) {
    StoreMark mark = known;
    mark.count = count;
    CHECK_FALSE(write_store_mark(opened.get(), directory.path(), mark));
    const auto found = must(read_store_mark(opened.get(), directory.path()));
    REQUIRE(found);
    CHECK(found->store == mark.store);
    CHECK(found->gateway == mark.gateway);
    CHECK(found->count == mark.count);
    CHECK(found->marked == mark.marked);
  }
}

TEST_CASE("a mark of which a byte is missing, or that is none, is an error that names the file") {
  const std::string whole = to_text(known);
  for (std::size_t size = 0; size < whole.size(); ++size)
    CHECK_FALSE(parse_store_mark(whole.substr(0, size)));
  CHECK(parse_store_mark(whole));
  const TempDir directory;
  const auto opened = must(open_own_directory(directory.path()));
  std::ofstream{directory.path() + "/store-mark"} << std::string(store_mark_bytes_max + 1, 'x');
  const auto found = read_store_mark(opened.get(), directory.path());
  REQUIRE_FALSE(found.has_value());
  CHECK(found.error().detail.find(directory.path() + "/store-mark") != std::string::npos);
}

TEST_CASE("a gateway finds what it left in the store, and the store keeps its first id") {
  Direct direct{shared_redis().endpoint()};
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{shared_redis().endpoint(), "sb1", test_time_script}};
  direct({"SET", "sb1:{main}:now", "1764237600000"});
  StoreMemory found = must_run(io, store.recall("a", soon()));
  CHECK(found.store.empty());
  CHECK(found.count == 0);
  must_run(io, store.remember("a", 1, "first", 24h, soon()));
  found = must_run(io, store.remember("a", 2, "second", 24h, soon()));
  CHECK(found.store == "first");
  CHECK(found.count == 2);
  CHECK(found.marked == Time{1'764'237'600'000ms});
  CHECK(must_run(io, store.recall("b", soon())).count == 0);
  CHECK(must_run(io, store.recall("b", soon())).store == "first");
  CHECK(direct({"PTTL", "sb1:{main}:gw:a"}).integer > 86'000'000);
}

}  // namespace
}  // namespace signalbox::testing
