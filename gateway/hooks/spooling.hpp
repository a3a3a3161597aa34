// What the gateway does with the spool: webhooks go there while Redis does not confirm them, and
// from there to Redis once it is back.
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>

#include "store/spool/durable_queue.hpp"
#include "store/store.hpp"

namespace signalbox {

// So long before the sender's deadline Redis is given up for the spool.
inline constexpr Milliseconds spool_margin{500};

// Whether a commit that failed so belongs into the spool: Redis is away, hangs or takes no writes.
bool is_for_spool(const Error& error) noexcept;

// True once the commit is synced to the disk; store_unavailable when there was no room.
Task<Result<bool>> append_to(DurableQueue& spool, boost::asio::io_context& io, std::string space,
                             const Commit& commit);

// Carries out the spool's commits, oldest first. A repetition adds nothing (commit.lua), so it may
// be ended at any time. Runs on one thread.
class SpoolReplayer {
 public:
  static constexpr Milliseconds idle_pause{200};
  static constexpr Milliseconds trouble_pause{500};

  using OpenStore = std::function<std::unique_ptr<Store>(const std::string& space)>;

  // All must outlive this, and what `open_store` refers to.
  SpoolReplayer(boost::asio::io_context& io, OpenStore open_store, DurableQueue& spool)
      : io_{io}, open_store_{std::move(open_store)}, spool_{spool} {}

  Task<void> run();  // until its io_context ends
  // Deals with the oldest entry. How long to wait before the next step.
  Task<Milliseconds> step();

 private:
  Task<Milliseconds> replay(const std::string& entry);

  boost::asio::io_context& io_;
  OpenStore open_store_;
  DurableQueue& spool_;
};

}  // namespace signalbox
