#include "gateway/archive/archiver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <cassert>
#include <utility>

#include "gateway/archive/run_on.hpp"
#include "gateway/telemetry/archive_counters.hpp"
#include "store/archive.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;
constexpr std::chrono::seconds archive_timeout{10};

}  // namespace

bool Archiver::take(std::size_t bytes) {
  const bool room = queued_bytes_ + bytes <= archive_queue_bytes_max;
  if (room) {
    queued_bytes_ += bytes;
    assert(queued_bytes_ <= archive_queue_bytes_max);
  } else {
    counters_.archive.not_archived.add();
  }
  return room;
}

void Archiver::store_later(Store& to, std::string event, std::string compressed,
                           Milliseconds keep) {
  const std::size_t bytes = compressed.size();
  if (!take(bytes)) return;
  asio::co_spawn(io_, store(to, std::move(event), std::move(compressed), keep, bytes),
                 asio::detached);
}

void Archiver::compress_and_store_later(Store& to, std::string event, std::string body,
                                        Milliseconds keep) {
  if (!take(body.size())) return;
  asio::co_spawn(io_, compress_and_store(to, std::move(event), std::move(body), keep),
                 asio::detached);
}

Task<void> Archiver::compress_and_store(Store& to, std::string event, std::string body,
                                        Milliseconds keep) {
  std::string compressed = co_await compress_off_thread(body);
  co_await store(to, std::move(event), std::move(compressed), keep, body.size());
}

Task<void> Archiver::store(Store& to, std::string event, std::string compressed, Milliseconds keep,
                           std::size_t taken_bytes) {
  const Deadline deadline = std::chrono::steady_clock::now() + archive_timeout;
  const auto stored =
      co_await to.archive_body(std::move(event), std::move(compressed), keep, deadline);
  (stored && *stored ? counters_.archive.archived : counters_.archive.not_archived).add();
  assert(queued_bytes_ >= taken_bytes);
  queued_bytes_ -= taken_bytes;
}

Task<std::string> Archiver::compress_off_thread(std::string_view body) {
  const auto compress = [body] { return compress_body(body); };
  co_return co_await run_on<std::string>(io_, compressors_, compress);
}

}  // namespace signalbox
