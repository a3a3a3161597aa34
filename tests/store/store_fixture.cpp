#include "tests/store/store_fixture.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>

#include "coordination/packed_id.hpp"
#include "event/ids.hpp"

namespace signalbox::testing {

TempDir::TempDir(bool deep) {
  // In memory where there is such a place: what is tested is what is written, not how fast a disk
  // is.
  const bool in_memory = ::access("/dev/shm", W_OK) == 0;
  const auto parent =
      in_memory ? std::filesystem::path{"/dev/shm"} : std::filesystem::temp_directory_path();
  std::string name = (parent / "signalbox-test-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
  root_ = name;
  path_ = root_ + (deep ? "/" + std::string(120, 'd') + "/data" : "/data");
}

TempDir::~TempDir() {
  std::error_code ignored;
  std::filesystem::remove_all(root_, ignored);
}

std::unique_ptr<EmbeddedRedis> start_redis_in(const TempDir& directory) {
  EmbeddedRedisOptions options;
  options.data_dir = directory.path();
  auto server = EmbeddedRedis::start(options);
  if (!server) throw std::runtime_error(server.error().detail);
  return std::move(*server);
}

EmbeddedRedis& shared_redis() {
  static const TempDir directory;
  static const std::unique_ptr<EmbeddedRedis> server = start_redis_in(directory);
  Direct{server->endpoint()}({"FLUSHALL"});
  return *server;
}

void run_until(boost::asio::io_context& io, const std::function<bool()>& condition) {
  const auto deadline = soon();
  io.restart();
  while (!condition()) {
    if (std::chrono::steady_clock::now() >= deadline)
      throw std::runtime_error("a condition never held");
    io.run_one_for(std::chrono::milliseconds{5});
    if (io.stopped()) io.restart();
  }
}

void append_command(std::string& out, std::span<const std::string_view> arguments) {
  CommandWriter writer{out, arguments.size()};
  for (std::string_view argument : arguments) writer.add(argument);
}

Reply Direct::operator()(const std::vector<std::string>& arguments) {
  const auto ask = [&]() -> Task<Answer> {
    if (!co_await connection_.wait_connected(soon())) co_return Answer{Answer::End::late, {}};
    const std::vector<std::string_view> views(arguments.begin(), arguments.end());
    append_command(connection_.output(), views);
    co_return co_await connection_.submit(soon());
  };
  Answer answer = run(io_, ask());
  if (answer.end != Answer::End::reply)
    throw std::runtime_error("no reply to " + arguments.front());
  return std::move(answer.reply);
}

std::string sample_event_id(int number) {
  return event_id("github", fmt::format("delivery-{}", number));
}

std::string attempt_mark(int number) { return fmt::format("attempt-{:08}", number); }

Commit sample_commit(int number, const std::string& mailbox) {
  using namespace std::chrono_literals;
  Commit commit;
  commit.mailbox_max = 1000;
  commit.record.event = sample_event_id(number);
  commit.record.attempt = attempt_mark(number);
  commit.record.json = fmt::format(R"({{"id":"{}","number":{}}})", commit.record.event, number);
  commit.record.body = fmt::format("body of {}", number);
  commit.record.keep = 168h;
  commit.record.received = SystemClock{}.now();
  const Digest digest = sha256(fmt::format("body {}", number));
  Fingerprint fingerprint;
  std::copy_n(digest.begin(), fingerprint.size(), fingerprint.begin());
  commit.seen.push_back(Seen{"id:github", *pack_id(commit.record.event), 72h});
  commit.seen.push_back(Seen{"digest:github", fingerprint, 72h});
  commit.appends.push_back(
      Append{mailbox, "", fmt::format("m_{}", number), fmt::format(R"({{"n":{}}})", number)});
  return commit;
}

}  // namespace signalbox::testing
