#include "gateway/archiver.hpp"

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

void Archiver::store_later(Store& store, std::string event, std::string body, Milliseconds keep) {
  if (queued_bytes_ + body.size() > archive_queue_bytes_max) {
    counters_.bodies_not_archived.add();
    return;
  }
  queued_bytes_ += body.size();
  asio::co_spawn(io_, run(store, std::move(event), std::move(body), keep), asio::detached);
}

Task<void> Archiver::run(Store& store, std::string event, std::string body, Milliseconds keep) {
  const std::size_t bytes = body.size();
  std::string compressed = co_await compress_elsewhere(body);
  const Deadline deadline = std::chrono::steady_clock::now() + archive_timeout;
  const auto stored =
      co_await store.archive_body(std::move(event), std::move(compressed), keep, deadline);
  (stored && *stored ? counters_.bodies_archived : counters_.bodies_not_archived).add();
  queued_bytes_ -= bytes;
}

Task<std::string> Archiver::compress_elsewhere(std::string_view body) {
  const auto start = [this, body]<class H>(H handler) {
    asio::post(compressors_, [this, body, handler = std::move(handler)]() mutable {
      asio::post(
          io_, [compressed = compress_body_smaller(body), handler = std::move(handler)]() mutable {
            std::move(handler)(std::move(compressed));
          });
    });
  };
  using Token = asio::use_awaitable_t<asio::io_context::executor_type>;
  const Token token{};
  co_return co_await asio::async_initiate<const Token&, void(std::string)>(start, token);
}

}  // namespace signalbox
