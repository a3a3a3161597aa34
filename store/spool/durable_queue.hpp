// What survives the process in the order in which it came: the spool as those see it who fill and
// empty it. store/spool/spool.hpp is the one on a disk.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "event/error.hpp"

namespace signalbox {

class DurableQueue {
 public:
  using Done = std::function<void(std::optional<Error>)>;
  virtual ~DurableQueue() = default;

  // `done` is called from any thread: with nothing once the entry is durable, with
  // store_unavailable when there is no room for it.
  virtual void append(std::string entry, Done done) = 0;

  // For one thread. The oldest entry; nothing when there is none.
  virtual std::optional<std::string> front() = 0;
  // The oldest entry is done with.
  virtual void pop() = 0;
  // The same for an entry that can never be carried out: it is kept elsewhere.
  virtual void set_aside(const std::string& entry) = 0;
};

}  // namespace signalbox
