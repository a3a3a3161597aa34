// A gateway's spool on a disk that is slow and full at times. What was synced survives the gateway,
// and so may what it had not been told of.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/spool/durable_queue.hpp"
#include "tests/sim/store/faulty_store.hpp"

namespace signalbox::sim {

class SimSpool final : public DurableQueue {
 public:
  explicit SimSpool(StoreLink link) : link_{link} {}

  void append(std::string entry, Done done) override;
  std::optional<std::string> front() override;
  void pop() override;
  void set_aside(const std::string& entry) override;

  // Its gateway is gone.
  void crash();
  bool empty() const noexcept { return entries_.empty(); }
  // Called when there is an entry.
  std::function<void()> on_entry;

 private:
  struct Pending {
    std::string entry;
    Done done;
    bool over = false;
  };
  void sync(Pending& pending);
  void keep(const std::string& entry);

  StoreLink link_;
  std::deque<std::string> entries_;
  std::vector<std::weak_ptr<Pending>> pending_;
};

}  // namespace signalbox::sim
