// The private redis-server: one writer a directory, nothing acknowledged lost, always an end.
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/write.hpp>

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

EmbeddedRedisOptions options_for(const TempDir& directory) {
  EmbeddedRedisOptions options;
  options.data_dir = directory.path();
  return options;
}

// A process that has ended counts as gone, even where nobody has asked for its status yet.
bool is_alive(pid_t pid) {
  std::ifstream status{"/proc/" + std::to_string(pid) + "/stat"};
  const std::string text{std::istreambuf_iterator<char>{status}, {}};
  const auto name_end = text.rfind(')');
  return name_end != std::string::npos && text.compare(name_end, 3, ") Z") != 0;
}

void wait_until(const std::function<bool()>& condition) {
  boost::asio::io_context io;
  run_until(io, condition);
}

TEST_CASE("a path longer than a unix socket's is no obstacle") {
  const TempDir directory{true};
  REQUIRE(directory.path().size() > 108);
  const auto redis = start_redis_in(directory);
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  CHECK(must_run(io, store.ping(soon())));
}

TEST_CASE("the data directory and what is in it belong to this user alone") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Direct{redis->endpoint()}({"SET", "a", "b"});
  const auto others = std::filesystem::perms::group_all | std::filesystem::perms::others_all;
  for (const std::string& path :
       {directory.path(), directory.path() + "/redis.sock", directory.path() + "/redis.log",
        directory.path() + "/appendonlydir"}) {
    INFO(path);
    CHECK((std::filesystem::status(path).permissions() & others) == std::filesystem::perms::none);
  }
}

TEST_CASE("the server listens on no port and keeps every change before it answers") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Direct direct{redis->endpoint()};
  const auto setting = [&](const std::string& name) {
    return direct({"CONFIG", "GET", name}).elements.at(1).text;
  };
  CHECK(setting("port") == "0");
  CHECK(setting("appendonly") == "yes");
  CHECK(setting("appendfsync") == "always");
  CHECK(setting("save").empty());
  CHECK(setting("maxmemory-policy") == "noeviction");
}

TEST_CASE("the server is told nothing of our environment and inherits no descriptor but the lock") {
  ::setenv("SIGNALBOX_TEST_SECRET", "do-not-leak", 1);
  const TempDir directory;
  const std::ofstream open_file{directory.path().substr(0, directory.path().rfind('/')) + "/open"};
  const auto redis = start_redis_in(directory);
  const std::string process = "/proc/" + std::to_string(redis->pid());
  std::ifstream environment{process + "/environ"};
  const std::string text{std::istreambuf_iterator<char>{environment}, {}};
  CHECK(text.find("do-not-leak") == std::string::npos);
  for (const auto& entry : std::filesystem::directory_iterator{process + "/fd"}) {
    const std::string target = std::filesystem::read_symlink(entry.path()).string();
    INFO(target);
    const bool own = target.starts_with(directory.path()) || target.starts_with("/dev/null") ||
                     target.starts_with("anon_inode:") || target.starts_with("socket:") ||
                     target.starts_with("pipe:");
    CHECK(own);
  }
  ::unsetenv("SIGNALBOX_TEST_SECRET");
}

TEST_CASE(
    "kill -9 of the server loses nothing that was acknowledged, and it starts again by itself") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  std::vector<int> acknowledged;
  for (int i = 0; i < 50; ++i) {
    must_run(io, store.commit(sample_commit(i), soon()));
    acknowledged.push_back(i);
  }
  const pid_t first = redis->pid();
  ::kill(first, SIGKILL);
  run_until(io, [&] {
    redis->check();
    return redis->pid() != 0 && redis->pid() != first;
  });
  CHECK(must_run(io, store.peek("box", 100, soon())).counts.ready == 50);
  for (int i : acknowledged) CHECK(must_run(io, store.event(sample_event_id(i), soon())));
}

TEST_CASE("commits go on over the death of the server, and each is there once") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  boost::asio::io_context io;
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  must_run(io, store.ping(soon()));
  int committed = 0;
  int ended = 0;
  const auto one = [&](int number) -> Task<void> {
    const Commit commit = sample_commit(number);
    const auto result = co_await store.commit(commit, soon());
    committed += result && result->status == CommitStatus::committed;
    ++ended;
  };
  for (int i = 0; i < 500; ++i) {
    boost::asio::co_spawn(io, one(i),
                          [](const std::exception_ptr& failure) { CHECK_FALSE(failure); });
  }
  run_until(io, [&] { return committed >= 50; });
  ::kill(redis->pid(), SIGKILL);
  run_until(io, [&] {
    redis->check();
    return ended == 500;
  });
  CHECK(committed == 500);
  CHECK(must_run(io, store.peek("box", 1, soon())).counts.ready == 500);
}

TEST_CASE("a restart after a clean stop finds everything") {
  const TempDir directory;
  boost::asio::io_context io;
  {
    const auto redis = start_redis_in(directory);
    RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
    must_run(io, store.commit(sample_commit(1), soon()));
  }
  const auto redis = start_redis_in(directory);
  RedisStore store{io, RedisStoreOptions{redis->endpoint()}};
  CHECK(must_run(io, store.peek("box", 1, soon())).counts.ready == 1);
}

TEST_CASE("a second gateway on the same directory waits, then is told who holds it") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  EmbeddedRedisOptions second = options_for(directory);
  second.lock_timeout = 200ms;
  const auto began = std::chrono::steady_clock::now();
  const auto refused = EmbeddedRedis::start(second);
  CHECK(std::chrono::steady_clock::now() - began >= second.lock_timeout);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.find(directory.path() + "/lock") != std::string::npos);
  CHECK(refused.error().detail.find(std::to_string(::getpid())) != std::string::npos);
}

TEST_CASE("a lock that was deleted lets no second gateway in") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  std::filesystem::remove(directory.path() + "/lock");
  EmbeddedRedisOptions second = options_for(directory);
  second.lock_timeout = 200ms;
  const auto refused = EmbeddedRedis::start(second);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.find("one data directory serves one gateway") != std::string::npos);
}

// A gateway of its own process: starts Redis, tells its process id, and waits to be killed.
pid_t start_gateway(const TempDir& directory, pid_t& redis_pid) {
  int ends[2];
  if (::pipe(ends) != 0) throw std::runtime_error("no pipe");
  const pid_t gateway = ::fork();
  if (gateway == 0) {
    const auto redis = EmbeddedRedis::start(options_for(directory));
    const pid_t pid = redis ? (*redis)->pid() : -1;
    [[maybe_unused]] const auto written = ::write(ends[1], &pid, sizeof pid);
    while (true) ::pause();
  }
  ::close(ends[1]);
  const bool told = ::read(ends[0], &redis_pid, sizeof redis_pid) == sizeof redis_pid;
  ::close(ends[0]);
  if (!told || redis_pid <= 0) throw std::runtime_error("no gateway");
  return gateway;
}

TEST_CASE("a gateway that is killed takes its Redis along") {
  const TempDir directory;
  pid_t redis_pid = 0;
  const pid_t gateway = start_gateway(directory, redis_pid);
  REQUIRE(is_alive(redis_pid));
  ::kill(gateway, SIGKILL);
  ::waitpid(gateway, nullptr, 0);
  const auto next = start_redis_in(directory);
  CHECK_FALSE(is_alive(redis_pid));
}

TEST_CASE(
    "the Redis of a gateway that was killed keeps others from the directory for as long as it "
    "lives") {
  const TempDir directory;
  pid_t redis_pid = 0;
  const pid_t gateway = start_gateway(directory, redis_pid);
  ::kill(redis_pid, SIGSTOP);  // it cannot end now
  ::kill(gateway, SIGKILL);
  ::waitpid(gateway, nullptr, 0);
  std::filesystem::remove(directory.path() + "/lock");  // the directory itself is locked too
  EmbeddedRedisOptions second = options_for(directory);
  second.lock_timeout = 200ms;
  const auto refused = EmbeddedRedis::start(second);
  ::kill(redis_pid, SIGCONT);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.find("lock") != std::string::npos);
  const auto next = start_redis_in(directory);
  CHECK(next->pid() != redis_pid);
}

TEST_CASE("stopping ends a server that does not listen to SIGTERM") {
  const TempDir directory;
  EmbeddedRedisOptions options = options_for(directory);
  options.stop_timeout = 200ms;
  std::string told;
  options.log = [&](Severity, const std::string& text) { told += text + "\n"; };
  const auto redis = must(EmbeddedRedis::start(options));
  const pid_t pid = redis->pid();
  // A script that never ends keeps Redis from its signals.
  boost::asio::io_context io;
  boost::asio::local::stream_protocol::socket socket{io};
  socket.connect(boost::asio::local::stream_protocol::endpoint{redis->endpoint().socket});
  const std::vector<std::string_view> endless{"EVAL", "while true do end", "0"};
  std::string command;
  append_command(command, endless);
  Direct direct{redis->endpoint()};
  direct({"CONFIG", "SET", "lua-time-limit", "1"});
  boost::asio::write(socket, boost::asio::buffer(command));
  wait_until([&] { return direct({"PING"}).text.starts_with("BUSY"); });
  redis->stop();
  CHECK(told.find("is killed") != std::string::npos);
  CHECK_FALSE(is_alive(pid));
  CHECK(redis->pid() == 0);
}

TEST_CASE("a server that dies again and again is started more and more slowly") {
  const TempDir directory;
  const auto redis = start_redis_in(directory);
  Milliseconds last{0};
  for (int i = 0; i < 3; ++i) {
    ::kill(redis->pid(), SIGKILL);
    std::optional<Milliseconds> pause;
    wait_until([&] { return (pause = redis->check()).has_value(); });
    CHECK(*pause > last);
    last = *pause;
    wait_until([&] { return !redis->check() && redis->pid() != 0; });
  }
}

TEST_CASE("without redis-server the error says how to get it") {
  const TempDir directory;
  EmbeddedRedisOptions options = options_for(directory);
  options.program = "no-such-redis-server";
  const auto refused = EmbeddedRedis::start(options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.find("apt-get install redis-server") != std::string::npos);
}

TEST_CASE("a server that ends at once is reported with the last line of its log") {
  const TempDir directory;
  {
    const auto redis = start_redis_in(directory);
    Direct{redis->endpoint()}({"SET", "a", "b"});
  }
  for (const auto& entry :
       std::filesystem::directory_iterator{directory.path() + "/appendonlydir"}) {
    std::ofstream{entry.path()} << "this is no append-only file\n";
  }
  const auto refused = EmbeddedRedis::start(options_for(directory));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.find("redis.log") != std::string::npos);
  CHECK(refused.error().detail.find("ended with status 1") != std::string::npos);
}

TEST_CASE("a start that cut the append-only file short is told by its log, once") {
  const TempDir directory;
  {
    const auto redis = start_redis_in(directory);
    CHECK(redis->look_for_cut().empty());
    Direct{redis->endpoint()}({"SET", "a", "b"});
  }
  for (const auto& entry :
       std::filesystem::directory_iterator{directory.path() + "/appendonlydir"}) {
    if (entry.path().extension() != ".aof" || entry.file_size() < 3) continue;
    std::filesystem::resize_file(entry.path(), entry.file_size() - 3);
  }
  const auto redis = start_redis_in(directory);
  CHECK(redis->look_for_cut().find("Truncating the AOF") != std::string::npos);
  CHECK(redis->look_for_cut().empty());
}

// A program that takes the server's place.
std::string script_in(const TempDir& directory, std::string_view text) {
  std::filesystem::create_directory(directory.path());
  const std::string path = directory.path() + "/redis-server";
  std::ofstream{path} << "#!/bin/sh\n" << text;
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return path;
}

TEST_CASE("of a long last line of the server's log two hundred characters are told") {
  const TempDir directory;
  const TempDir programs;
  EmbeddedRedisOptions options = options_for(directory);
  options.program =
      script_in(programs, "echo the line before\necho '" + std::string(300, 'x') + "'\nexit 3\n");
  const auto refused = EmbeddedRedis::start(options);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.ends_with(" ends with: " + std::string(200, 'x')));
}

TEST_CASE("a server that never answers is given up when its time to start is over") {
  const TempDir directory;
  const TempDir programs;
  EmbeddedRedisOptions options = options_for(directory);
  options.program = script_in(programs, "exec tail -f /dev/null\n");
  options.start_timeout = 200ms;
  const auto began = std::chrono::steady_clock::now();
  const auto refused = EmbeddedRedis::start(options);
  CHECK(std::chrono::steady_clock::now() - began >= options.start_timeout);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().detail.find("does not answer") != std::string::npos);
}

TEST_CASE("the server's log is emptied at a start once it is long") {
  const TempDir directory;
  { const auto redis = start_redis_in(directory); }
  std::ofstream{directory.path() + "/redis.log"} << std::string(1024 * 1024 + 1, 'x');
  const auto redis = start_redis_in(directory);
  CHECK(std::filesystem::file_size(directory.path() + "/redis.log") < 100'000);
}

}  // namespace
}  // namespace signalbox::testing
