// The spool: what was synced is there after any end, and nothing else is.
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <future>

#include "store/own_directory.hpp"
#include "store/spool/spool.hpp"
#include "store/spool/spooled_commit.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

constexpr std::uint64_t roomy = 64 * 1024 * 1024;

std::unique_ptr<Spool> open(const TempDir& directory, std::uint64_t bytes_max = roomy) {
  return must(Spool::open(directory.path(), bytes_max));
}

// Empty once it is synced, else why not.
std::string append(Spool& spool, const std::string& entry) {
  std::promise<std::string> done;
  spool.append(entry, [&](std::optional<Error> error) {
    done.set_value(error ? error->detail : std::string{});
  });
  return done.get_future().get();
}

std::vector<std::string> all_of(Spool& spool) {
  std::vector<std::string> entries;
  for (auto entry = spool.front(); entry; entry = spool.front()) {
    entries.push_back(*entry);
    spool.pop();
  }
  return entries;
}

std::vector<std::filesystem::path> files_in(const TempDir& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& file : std::filesystem::directory_iterator{directory.path()}) {
    if (file.path().extension() == ".spool") files.push_back(file.path());
  }
  return files;
}

using Entries = std::vector<std::string>;

TEST_CASE("entries come out in their order, and leave nothing behind") {
  const TempDir directory;
  const auto spool = open(directory);
  CHECK_FALSE(spool->front());
  for (const char* entry : {"one", "two", "three"}) CHECK(append(*spool, entry).empty());
  CHECK(spool->numbers().entries == 3);
  CHECK(all_of(*spool) == Entries{"one", "two", "three"});
  CHECK(files_in(directory).empty());
  CHECK(append(*spool, "four").empty());
  CHECK(all_of(*spool) == Entries{"four"});
  CHECK(spool->numbers().bytes == 0);
  CHECK(spool->numbers().appended == 4);
  CHECK(spool->numbers().replayed == 4);
}

TEST_CASE("entries are there again when the spool is opened anew, over many files") {
  const TempDir directory;
  Entries entries;
  {
    const auto spool = open(directory);
    for (int i = 0; i < 12; ++i) {
      entries.push_back(std::string(1'000'000, static_cast<char>('a' + i)));
      CHECK(append(*spool, entries.back()).empty());
    }
    CHECK(files_in(directory).size() > 1);
  }
  const auto spool = open(directory);
  CHECK(spool->numbers().entries == 12);
  CHECK(append(*spool, "later").empty());
  entries.emplace_back("later");
  CHECK(all_of(*spool) == entries);
  CHECK(files_in(directory).empty());
}

TEST_CASE("a torn tail is cut off, wherever it is torn, and what was synced stays") {
  const std::size_t torn_bytes = GENERATE(range(1, 20));
  const TempDir directory;
  {
    const auto spool = open(directory);
    CHECK(append(*spool, "whole").empty());
    CHECK(append(*spool, "torn by a crash").empty());
  }
  const auto file = files_in(directory).at(0);
  std::filesystem::resize_file(file, std::filesystem::file_size(file) - torn_bytes);
  {
    const auto spool = open(directory);
    CHECK(spool->numbers().entries == 1);
    CHECK(append(*spool, "after it").empty());
  }
  const auto spool = open(directory);
  CHECK(all_of(*spool) == Entries{"whole", "after it"});
}

TEST_CASE("a frame whose bytes have changed is the end of its file") {
  const TempDir directory;
  {
    const auto spool = open(directory);
    CHECK(append(*spool, "first").empty());
    CHECK(append(*spool, "second").empty());
  }
  std::fstream{files_in(directory).at(0), std::ios::in | std::ios::out | std::ios::binary}
      .seekp(8 + 5 + 8)
      .put('X');
  const auto spool = open(directory);
  CHECK(all_of(*spool) == Entries{"first"});
}

TEST_CASE("a full spool refuses, and takes again once something has left") {
  const TempDir directory;
  const auto spool = open(directory, 100);
  CHECK(append(*spool, std::string(80, 'x')).empty());
  CHECK(append(*spool, "no room for this").find("full") != std::string::npos);
  CHECK(spool->numbers().refused == 1);
  spool->front();
  spool->pop();
  CHECK(append(*spool, "now there is").empty());
}

TEST_CASE("a spool holds as many bytes as it may, frames included, and not one more") {
  constexpr std::uint64_t frame_bytes = 8;
  const TempDir directory;
  const auto spool = open(directory, 100);
  CHECK(append(*spool, std::string(100 - frame_bytes + 1, 'x')).find("full") != std::string::npos);
  CHECK(spool->has_room());
  CHECK(append(*spool, std::string(100 - frame_bytes, 'x')).empty());
  CHECK(spool->numbers().bytes == 100);
  CHECK_FALSE(spool->has_room());
  CHECK_FALSE(append(*spool, "").empty());
  CHECK(all_of(*spool) == Entries{std::string(100 - frame_bytes, 'x')});
  CHECK(spool->has_room());
  CHECK(spool->numbers().bytes == 0);
}

TEST_CASE("an entry is taken up to the longest that there may be") {
  const TempDir directory;
  Spool::Sizes sizes;
  sizes.entry_bytes_max = 10;
  const auto spool = must(Spool::open(directory.path(), roomy, sizes));
  CHECK(append(*spool, std::string(10, 'x')).empty());
  CHECK_FALSE(append(*spool, std::string(11, 'x')).empty());
  CHECK(spool->numbers().entries == 1);
  CHECK(spool->numbers().refused == 1);
}

TEST_CASE("a file is as long as it should be before the next one begins") {
  constexpr std::uint64_t frame_bytes = 8;
  const TempDir directory;
  Spool::Sizes sizes;
  sizes.segment_bytes = 2 * (frame_bytes + 12);
  const auto spool = must(Spool::open(directory.path(), roomy, sizes));
  const std::string entry(12, 'x');
  for (const std::size_t files : {1U, 1U, 2U, 2U, 3U}) {
    CHECK(append(*spool, entry).empty());
    CHECK(files_in(directory).size() == files);
  }
  CHECK(all_of(*spool) == Entries(5, entry));
  CHECK(files_in(directory).empty());
}

TEST_CASE("two processes never have one spool open") {
  const TempDir directory;
  const auto spool = open(directory);
  const auto other = Spool::open(directory.path(), roomy);
  REQUIRE_FALSE(other.has_value());
  CHECK(other.error().detail.find("in use") != std::string::npos);
}

TEST_CASE("what can never be carried out is set aside, and the next one is in front") {
  const TempDir directory;
  const auto spool = open(directory);
  CHECK(append(*spool, "poison").empty());
  CHECK(append(*spool, "good").empty());
  spool->set_aside(*spool->front());
  CHECK(all_of(*spool) == Entries{"good"});
  CHECK(std::filesystem::file_size(directory.path() + "/set-aside") == 8 + 6);
}

TEST_CASE("a commit comes back from its bytes as it was, and is the same one for Redis") {
  Commit commit = sample_commit(7);
  commit.alias = {"github:acme/api#7", "w_7"};
  commit.record.body = std::string("\0zstd\xff", 6);
  commit.record.name_tag = 0xabcd;
  commit.seen[1].guard = Milliseconds{10'000};
  const std::string bytes = to_bytes({"blue", commit});
  const SpooledCommit spooled = must(spooled_commit_from(bytes));
  CHECK(spooled.space == "blue");
  CHECK(spooled.commit.record.name_tag == 0xabcd);
  CHECK(spooled.commit.seen[1].guard == Milliseconds{10'000});
  CHECK_FALSE(spooled.commit.seen[0].guard);
  CHECK(to_bytes(spooled) == bytes);
  for (std::size_t size = 0; size < bytes.size(); ++size)
    REQUIRE_FALSE(spooled_commit_from(std::string_view{bytes}.substr(0, size)).has_value());

  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{shared_redis().endpoint()}};
  CHECK(must_run(io, store.commit(commit, soon())).status == CommitStatus::committed);
  // Its reply was lost, say, and it went to the spool as well.
  CHECK(must_run(io, store.commit(spooled.commit, soon())).status == CommitStatus::committed);
  CHECK(must_run(io, store.peek("box", 10, soon())).counts.ready == 1);
}

TEST_CASE("what an earlier version has spooled is read, without a bound of bytes") {
  Commit commit = sample_commit(7);
  commit.mailbox_bytes_max = 12'345;
  const std::string bytes = to_bytes({"blue", commit});
  const std::size_t until_bytes = 1 + 8 + 4 + 8;  // version, the namespace and its length, messages
  const std::string earlier =
      std::string(1, '\2') + bytes.substr(1, until_bytes - 1) + bytes.substr(until_bytes + 8);
  const SpooledCommit spooled = must(spooled_commit_from(earlier));
  CHECK(spooled.commit.mailbox_bytes_max == any_bytes);
  commit.mailbox_bytes_max = any_bytes;
  CHECK(to_bytes(spooled) == to_bytes({"blue", commit}));
  CHECK(must(spooled_commit_from(bytes)).commit.mailbox_bytes_max == 12'345);
  CHECK_FALSE(spooled_commit_from("\4" + bytes.substr(1)).has_value());
}

// As long as it lives no file of this process may grow beyond a few bytes, as on a full disk.
class FullDisk {
 public:
  FullDisk() {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit small{16, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &small);
  }
  ~FullDisk() { end(); }
  void end() { ::setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

void wait_for_room(const Spool& spool) {
  boost::asio::io_context io;
  run_until(io, [&] { return spool.has_room(); });
}

TEST_CASE("a spool whose disk fails has no room, until the disk takes something again") {
  const TempDir directory;
  const auto spool = open(directory);
  CHECK(spool->has_room());
  FullDisk full;
  CHECK_FALSE(append(*spool, "an entry that is longer than that").empty());
  CHECK_FALSE(spool->has_room());
  CHECK(spool->trouble().find("File too large") != std::string::npos);
  full.end();
  wait_for_room(*spool);
  CHECK(spool->trouble().empty());
  CHECK(append(*spool, "an entry that is longer than that").empty());
  CHECK(spool->numbers().entries == 1);
}

TEST_CASE("a spool that is opened on a disk that fails has no room from the start") {
  const TempDir directory;
  FullDisk full;
  const auto spool = open(directory);
  CHECK_FALSE(spool->has_room());
  full.end();
  wait_for_room(*spool);
}

TEST_CASE("a spool on a disk with less than an ordinary entry's room has none") {
  const TempDir directory;
  Spool::Sizes sizes;
  sizes.free_bytes_least = free_bytes(AT_FDCWD);  // not a descriptor: as much as there could be
  const auto spool = must(Spool::open(directory.path(), roomy, sizes));
  CHECK_FALSE(spool->has_room());
  CHECK(spool->trouble().find("is full") != std::string::npos);
  sizes.free_bytes_least = 0;
  const TempDir other;
  CHECK(must(Spool::open(other.path(), roomy, sizes))->has_room());
}

}  // namespace
}  // namespace signalbox::testing
