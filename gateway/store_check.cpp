#include "gateway/store_check.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "event/ids.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

constexpr std::chrono::seconds recall_timeout{30};
constexpr std::size_t gateway_id_chars = 12;

constexpr std::string_view what_to_do =
    ". Bring appendonlydir back from a backup; or, to go on with what is there: signalbox serve "
    "--allow-empty-store";

Result<StoreMemory> recall(const RedisStoreOptions& options, const std::string& gateway) {
  boost::asio::io_context io{1};
  RedisStore store{io, options};
  Result<StoreMemory> found = Error{Reason::store_unavailable, "the embedded Redis is not asked"};
  const Deadline deadline = std::chrono::steady_clock::now() + recall_timeout;
  boost::asio::co_spawn(io, store.recall(gateway, deadline),
                        [&](const std::exception_ptr& failed, Result<StoreMemory> memory) {
                          if (!failed) found = std::move(memory);
                          io.stop();
                        });
  io.run();
  return found;
}

}  // namespace

std::string new_gateway_id() { return random_text(gateway_id_chars); }

Result<StoreMark> check_embedded_store(const EmbeddedRedis& redis, const std::string& data_dir,
                                       const RedisStoreOptions& options, bool allow_empty) {
  auto known = read_store_mark(redis.directory(), data_dir);
  if (!known && !allow_empty)
    return Error{Reason::store_refused, known.error().detail.append(what_to_do)};
  if (!known || !*known) {
    StoreMark fresh;
    fresh.gateway = new_gateway_id();
    return fresh;
  }
  StoreMark mark = **known;
  const auto found = recall(options, mark.gateway);
  if (!found) return found.error();
  const auto lost = what_is_lost(mark, *found, store_mark_keep);
  if (!lost) return mark;
  const std::string detail = data_dir + ": " + *lost;
  if (!allow_empty) return Error{Reason::store_refused, detail + std::string{what_to_do}};
  log_line(Severity::warning, "store accepted", {{"detail", detail}});
  mark.store.clear();  // whatever is there from now on
  return mark;
}

}  // namespace signalbox
