// The memory of the embedded Redis.
#include "store/server/memory_share.hpp"

#include <filesystem>
#include <fstream>

#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

constexpr std::uint64_t mib = std::uint64_t{1} << 20U;

TEST_CASE("Redis may use a half of the memory, and 64 MiB where that is less") {
  CHECK(redis_memory_bytes_max(0) == 0);
  CHECK(redis_memory_bytes_max(1) == 64 * mib);
  CHECK(redis_memory_bytes_max(128 * mib) == 64 * mib);
  CHECK(redis_memory_bytes_max(128 * mib + 2) == 64 * mib + 1);
  CHECK(redis_memory_bytes_max(4096 * mib) == 2048 * mib);
}

TEST_CASE("the lowest limit of the control groups counts") {
  const TempDir root;
  const auto write = [&](const std::string& group, const std::string& text) {
    std::filesystem::create_directories(root.path() + group);
    std::ofstream{root.path() + group + "/memory.max"} << text << "\n";
  };
  CHECK(control_group_bytes(root.path(), "/a/b") == 0);
  write("/a/b", "max");
  CHECK(control_group_bytes(root.path(), "/a/b") == 0);
  write("/a", "1000");
  CHECK(control_group_bytes(root.path(), "/a/b") == 1000);
  write("/a/b", "2000");
  CHECK(control_group_bytes(root.path(), "/a/b") == 1000);
  write("/a/b", "500");
  CHECK(control_group_bytes(root.path(), "/a/b") == 500);
  write("", "400");
  CHECK(control_group_bytes(root.path(), "/a/b") == 400);
  CHECK(control_group_bytes(root.path(), "") == 400);
}

TEST_CASE("the server is started with its share, and refuses writes beyond it") {
  const TempDir directory;
  EmbeddedRedisOptions options;
  options.data_dir = directory.path();
  options.memory_bytes_max = 3'000'000;
  const auto redis = must(EmbeddedRedis::start(options));
  Direct direct{redis->endpoint()};
  CHECK(direct({"CONFIG", "GET", "maxmemory"}).elements.at(1).text == "3000000");
  CHECK(direct({"CONFIG", "GET", "maxmemory-policy"}).elements.at(1).text == "noeviction");
  const std::string large(1'000'000, 'x');
  Reply reply;
  for (int i = 0; i < 5; ++i) reply = direct({"SET", std::to_string(i), large});
  CHECK(reply.text.starts_with("OOM"));
  CHECK(usable_memory_bytes() > 0);
}

}  // namespace
}  // namespace signalbox::testing
