// What is ours alone: nothing that somebody else prepared is opened, followed or emptied.
#include "store/own_directory.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "store/spool/spool.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr const char* precious = "what somebody else keeps\n";

// A directory as an operator makes it.
struct MadeDir : TempDir {
  MadeDir() { fs::create_directory(path()); }
};

// A file outside of the data directory that nobody may touch.
std::string victim_of(const TempDir& directory) {
  const std::string path = fs::path{directory.path()}.parent_path() / "victim";
  std::ofstream{path} << precious;
  return path;
}

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string start_in(const std::string& directory) {
  EmbeddedRedisOptions options;
  options.data_dir = directory;
  options.lock_timeout = 200ms;
  const auto started = EmbeddedRedis::start(std::move(options));
  return started ? std::string{} : started.error().detail;
}

std::string spool_in(const std::string& directory) {
  const auto opened = Spool::open(directory, 1024 * 1024);
  return opened ? std::string{} : opened.error().detail;
}

bool says(const std::string& error, std::string_view what) {
  return error.find(what) != std::string::npos;
}

TEST_CASE("a directory is ours when we own it and nobody else may write into it") {
  struct stat facts {};
  facts.st_uid = 1000;
  const auto verdict = [&](mode_t mode, uid_t user = 1000) {
    facts.st_mode = mode;
    return why_not_own_directory(facts, user, "data").value_or("");
  };
  CHECK(verdict(S_IFDIR | 0700).empty());
  CHECK(verdict(S_IFDIR | 0755).empty());
  CHECK(says(verdict(S_IFDIR | 0775), "data (mode 0775) may be written by other users"));
  CHECK(says(verdict(S_IFDIR | 0702), "chmod 0700"));
  CHECK(says(verdict(S_IFDIR | 01777), "mode 1777"));
  CHECK(says(verdict(S_IFLNK | 0777), "symbolic link"));
  CHECK(says(verdict(S_IFREG | 0600), "no directory"));
  CHECK(says(verdict(S_IFDIR | 0700, 0), "belongs to user 1000, and the gateway runs as user 0"));
}

TEST_CASE("a file is ours when it is plain, we own it and it has one name") {
  struct stat facts {};
  facts.st_uid = 1000;
  facts.st_nlink = 1;
  const auto verdict = [&](mode_t mode, uid_t user = 1000) {
    facts.st_mode = mode;
    return why_not_own_file(facts, user, "data/lock").value_or("");
  };
  CHECK(verdict(S_IFREG | 0644).empty());
  CHECK(says(verdict(S_IFREG | 0600, 1001), "belongs to user 1000"));
  CHECK(says(verdict(S_IFLNK | 0777), "symbolic link"));
  CHECK(says(verdict(S_IFIFO | 0600), "no plain file"));
  CHECK(says(verdict(S_IFDIR | 0700), "no plain file"));
  facts.st_nlink = 2;
  CHECK(says(verdict(S_IFREG | 0600), "another name"));
}

TEST_CASE(
    "a link in the data directory is refused, and what it leads to is neither emptied nor "
    "appended to") {
  for (const char* name : {"lock", "redis.log", "store-mark", "appendonly.aof", "dump.rdb",
                           "redis.sock", "temp-rewriteaof-1.aof", "anything"}) {
    INFO(name);
    const MadeDir directory;
    const std::string victim = victim_of(directory);
    fs::create_symlink(victim, directory.path() + "/" + name);
    const std::string refused = start_in(directory.path());
    CHECK(says(refused, std::string{"/"} + name + " is a symbolic link"));
    CHECK(text_of(victim) == precious);
  }
}

TEST_CASE("a second name of a file elsewhere is refused as a link is") {
  for (const char* name : {"lock", "redis.log"}) {
    INFO(name);
    const MadeDir directory;
    const std::string victim = victim_of(directory);
    fs::create_hard_link(victim, directory.path() + "/" + name);
    CHECK(says(start_in(directory.path()), "another name of a file elsewhere"));
    CHECK(text_of(victim) == precious);
  }
}

TEST_CASE("a pipe in the place of a file is refused at once") {
  for (const char* name : {"lock", "redis.log"}) {
    const MadeDir directory;
    REQUIRE(::mkfifo((directory.path() + "/" + name).c_str(), 0600) == 0);
    CHECK(says(start_in(directory.path()), "no plain file"));
  }
}

TEST_CASE(
    "a data directory that is a link, and one that holds Redis's files by a link, is refused") {
  const MadeDir elsewhere;
  const MadeDir directory;
  const std::string link = fs::path{directory.path()}.parent_path() / "data-link";
  fs::create_directory_symlink(elsewhere.path(), link);
  CHECK(says(start_in(link), "symbolic link"));
  CHECK(says(start_in(link + "/"), "symbolic link"));
  fs::create_directory_symlink(elsewhere.path(), directory.path() + "/appendonlydir");
  CHECK(says(start_in(directory.path()), "appendonlydir is a symbolic link"));
  CHECK(fs::is_empty(elsewhere.path()));
}

TEST_CASE("a link among Redis's own files is refused") {
  const MadeDir directory;
  const std::string victim = victim_of(directory);
  fs::create_directory(directory.path() + "/appendonlydir");
  fs::create_symlink(victim, directory.path() + "/appendonlydir/appendonly.aof.1.incr.aof");
  CHECK(says(start_in(directory.path()), "appendonly.aof.1.incr.aof is a symbolic link"));
  CHECK(text_of(victim) == precious);
}

TEST_CASE("a data directory that others may write into is refused before its mode is changed") {
  const MadeDir directory;
  fs::permissions(directory.path(), fs::perms::all);
  CHECK(says(start_in(directory.path()), "may be written by other users"));
  CHECK(fs::status(directory.path()).permissions() == fs::perms::all);
  CHECK(fs::is_empty(directory.path()));
  fs::permissions(directory.path(), fs::perms::owner_all | fs::perms::group_read);
  CHECK(start_in(directory.path()).empty());
  CHECK(fs::status(directory.path()).permissions() == fs::perms::owner_all);
}

TEST_CASE("what belongs to another user is refused") {
  if (::geteuid() != 0) return;  // only root can prepare it
  constexpr uid_t nobody = 65'534;
  const MadeDir directory;
  const std::string inner = directory.path() + "/inner";
  fs::create_directory(inner);
  REQUIRE(::chown(inner.c_str(), nobody, nobody) == 0);
  CHECK(says(start_in(inner), "belongs to user 65534"));
  CHECK(fs::is_empty(inner));
  CHECK(says(start_in(directory.path()), "inner belongs to user 65534"));
  REQUIRE(::chown(inner.c_str(), 0, 0) == 0);
  std::ofstream{inner + "/lock"} << "";
  REQUIRE(::chown((inner + "/lock").c_str(), nobody, nobody) == 0);
  CHECK(says(start_in(inner), "lock belongs to user 65534"));
}

TEST_CASE("the spool is as careful, and its directory belongs to this user alone") {
  const MadeDir directory;
  const std::string victim = victim_of(directory);
  const std::string spool = directory.path() + "/spool";
  CHECK(spool_in(spool).empty());
  CHECK(fs::status(spool).permissions() == fs::perms::owner_all);
  for (const char* name : {"set-aside", "000000000001.spool"}) {
    fs::create_symlink(victim, spool + "/" + name);
    CHECK(says(spool_in(spool), "symbolic link"));
    fs::remove(spool + "/" + name);
  }
  fs::remove_all(spool);
  fs::create_directory_symlink(fs::path{victim}.parent_path(), spool);
  CHECK(says(spool_in(spool), "spool is a symbolic link"));
  CHECK(text_of(victim) == precious);
}

TEST_CASE("the spool of an earlier version is closed to others, not refused") {
  const MadeDir directory;
  const auto parent = must(open_own_directory(directory.path()));
  const std::string spool = directory.path() + "/spool";
  fs::create_directory(spool);
  fs::permissions(spool, fs::perms::all);  // its parent keeps others out
  CHECK(open_own_directory(parent.get(), "spool", spool).has_value());
  CHECK(fs::status(spool).permissions() == fs::perms::owner_all);
}

}  // namespace
}  // namespace signalbox::testing
