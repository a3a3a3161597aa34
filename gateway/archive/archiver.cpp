#include "gateway/archive/archiver.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

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
  } else {
    counters_.bodies_not_archived.add();
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
  std::string compressed = co_await compress_elsewhere(body);
  co_await store(to, std::move(event), std::move(compressed), keep, body.size());
}

Task<void> Archiver::store(Store& to, std::string event, std::string compressed, Milliseconds keep,
                           std::size_t taken_bytes) {
  const Deadline deadline = std::chrono::steady_clock::now() + archive_timeout;
  const auto stored =
      co_await to.archive_body(std::move(event), std::move(compressed), keep, deadline);
  (stored && *stored ? counters_.bodies_archived : counters_.bodies_not_archived).add();
  queued_bytes_ -= taken_bytes;
}

Task<std::string> Archiver::compress_elsewhere(std::string_view body) {
  const auto start = [this, body]<class H>(H handler) {
    asio::post(compressors_, [this, body, handler = std::move(handler)]() mutable {
      asio::post(io_, [compressed = compress_body(body), handler = std::move(handler)]() mutable {
        std::move(handler)(std::move(compressed));
      });
    });
  };
  using Token = asio::use_awaitable_t<asio::io_context::executor_type>;
  const Token token{};
  co_return co_await asio::async_initiate<const Token&, void(std::string)>(start, token);
}

}  // namespace signalbox
