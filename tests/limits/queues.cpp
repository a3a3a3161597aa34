// Limits of what waits in memory: commands on their way to Redis, messages of a stream, lines of
// the log, pooled buffers.
#include <fmt/format.h>
#include <spdlog/async.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <thread>

#include "bench/harness/allocations.hpp"
#include "gateway/hooks/spooling.hpp"
#include "gateway/http/buffer.hpp"
#include "gateway/telemetry/log.hpp"
#include "tests/gateway/worker_fixture.hpp"
#include "tests/limits/table.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::test {
namespace {

// A connection that was given commands, none of which has left yet.
class Pipeline {
 public:
  Pipeline(std::int64_t commands, std::string_view text) {
    testing::run_until(io_, [this] { return connection_.connected(); });
    for (std::int64_t i = 0; i < commands; ++i) {
      boost::asio::co_spawn(io_, ping(text), boost::asio::detached);
    }
    // What writes them is in line behind all of them.
    testing::run_until(io_, [&] { return begun_ == commands; });
  }
  bool has_room() const { return connection_.has_room(); }

 private:
  Task<void> ping(std::string_view text) {
    const std::string_view arguments[]{"PING", text};
    testing::append_command(connection_.output(), arguments);
    ++begun_;
    co_await connection_.submit(testing::soon());
  }
  std::int64_t begun_ = 0;
  boost::asio::io_context io_;
  RedisConnection connection_{io_, testing::shared_redis().endpoint(), nullptr};
};

std::string commands(std::int64_t count) { return cut_unless(Pipeline{count - 1, "x"}.has_room()); }
// What is in the pipeline when the next one is taken or not.
std::string command_bytes(std::int64_t bytes) {
  const std::int64_t around = std::ssize(std::string_view{"*2\r\n$4\r\nPING\r\n$67108864\r\n\r\n"});
  const std::string text = letters(bytes - around);
  return cut_unless(Pipeline{1, text}.has_room());
}

// How many calls of the store had been made when each message went out.
struct CountingWriter final : BodyWriter {
  explicit CountingWriter(const StoreWeather& weather_seen) : weather{weather_seen} {}
  Task<bool> send(std::string piece) override {
    if (piece.find("event: message") != std::string::npos)
      calls.push_back(weather.deadlines.size());
    co_return true;
  }
  const StoreWeather& weather;
  std::vector<std::size_t> calls;
};
std::string streamed(std::int64_t count) {
  WorkerFixture fixture;
  for (std::int64_t i = 0; i < count; ++i) {
    fixture.api(call("POST", "/v1/messages", "ops", R"({"to":"reviewer","kind":"note"})"));
  }
  Sent receive = call("POST", "/v1/inbox/receive", "reviewer", R"({"max":100})");
  receive.headers.emplace_back("Accept", "text/event-stream");
  const auto pending = fixture.begin(*fixture.worker->api_handler, std::move(receive));
  CountingWriter writer{fixture.weather};
  boost::asio::co_spawn(fixture.worker->io, pending->response->stream(writer),
                        boost::asio::detached);
  fixture.poll();
  const std::string sent =
      cut_unless(std::ssize(writer.calls) == count && writer.calls.front() == writer.calls.back());
  fixture.worker->io.stop();
  fixture.worker->waiters.abandon();
  fixture.worker->io.destroy_pending();
  return sent;
}

// Standard error, led into a pipe that is full until somebody reads it.
class StuckStandardError {
 public:
  StuckStandardError() {
    if (::pipe(pipe_) != 0) throw std::runtime_error{"pipe failed"};
    ::fcntl(pipe_[1], F_SETFL, O_NONBLOCK);
    const std::string block(4096, '.');
    while (::write(pipe_[1], block.data(), block.size()) > 0) continue;
    ::fcntl(pipe_[1], F_SETFL, 0);
    kept_ = ::dup(STDERR_FILENO);
    ::dup2(pipe_[1], STDERR_FILENO);
  }
  ~StuckStandardError() {
    ::dup2(kept_, STDERR_FILENO);
    ::close(kept_);
    ::close(pipe_[1]);
    reader_.join();
    ::close(pipe_[0]);
  }
  void read_on() {
    reader_ = std::thread{[this] {
      char bytes[65536];
      while (::read(pipe_[0], bytes, sizeof bytes) > 0) continue;
    }};
  }

 private:
  int pipe_[2]{};
  int kept_ = -1;
  std::thread reader_;
};
std::string queued_lines(std::int64_t count) {
  std::uint64_t dropped = 0;
  {
    StuckStandardError stuck;
    open_log("info", LogFormat::logfmt);
    const std::uint64_t before = log_lines_dropped();
    log_line(Severity::info, "the line that the logging thread cannot write");
    const auto deadline = testing::soon();
    while (spdlog::thread_pool()->queue_size() > 0 && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::yield();
    }
    for (std::int64_t i = 0; i < count; ++i) log_line(Severity::info, "x");
    dropped = log_lines_dropped() - before;
    stuck.read_on();
    close_log();
  }
  return dropped == 0 ? "" : fmt::format("{} dropped", dropped);
}

// Nothing is allocated for buffers that were given back and kept.
std::string pooled_buffers(std::int64_t count) {
  BufferPool pool;
  std::vector<Buffer> buffers(static_cast<std::size_t>(count));
  for (Buffer& buffer : buffers) buffer = pool.take();
  for (Buffer& buffer : buffers) pool.give(buffer);
  const auto before = bench::allocation_count();
  for (Buffer& buffer : buffers) buffer = pool.take();
  return cut_unless(bench::allocation_count() == before);
}

std::string replay_ms(std::int64_t ms) {
  WorkerFixture fixture;
  fixture.compose(true);
  fixture.weather.failure = Error{Reason::store_unavailable, "away"};
  fixture.hooks(pull_request());
  fixture.weather.deadlines.clear();
  const auto open = [&](const std::string& space) { return fixture.open_store(space); };
  SpoolReplayer replayer{fixture.worker->io, open, fixture.spool};
  const auto before = std::chrono::steady_clock::now();
  fixture.run(replayer.step());
  return cut_unless(fixture.weather.deadlines.at(0) - before >= Milliseconds{ms});
}

}  // namespace

std::span<const Limit> queue_limits() {
  static constexpr Limit limits[]{
      {"store/redis/redis_connection.hpp:in_flight_max", 4096, 4097, commands, "cut"},
      {"store/redis/redis_connection.hpp:in_flight_bytes_max", 67'108'863, 67'108'864,
       command_bytes, "cut"},
      {"gateway/api/message_stream.hpp:stream_batch_max", 10, 11, streamed, "cut"},
      {"gateway/telemetry/log.cpp:queued_lines_max", 16'384, 16'385, queued_lines, "1 dropped"},
      {"gateway/hooks/spooling.cpp:replay_timeout", 10'000, 11'000, replay_ms, "cut"},
      {"gateway/http/buffer.hpp:pooled_buffers_max", 64, 65, pooled_buffers, "cut"},
  };
  // Sanitizers bring an allocator of their own.
  return std::span{limits}.first(std::size(limits) - (bench::allocations_are_counted ? 0 : 1));
}

}  // namespace signalbox::test
