// Archived events as calls use them: found, allowed, restored.
#pragma once

#include <string>
#include <vector>

#include "gateway/api/call.hpp"

namespace signalbox::api {

// The event of this id, if it is there and the caller may read it: operators may, and an agent that
// was sent a message because of it, by its delivery or a replay. Others learn nothing, not even
// that it exists: not_found.
Task<Result<StoredEvent>> find_event(Call& call, std::string id);

// The records of an event's replays, the first first.
Task<Result<std::vector<std::string>>> replays_of(Call& call, std::string event);

// An event with what its views look at. Not copied, not moved.
class RestoredEvent {
 public:
  RestoredEvent() = default;
  RestoredEvent(const RestoredEvent&) = delete;
  RestoredEvent& operator=(const RestoredEvent&) = delete;

  // not_found when the body is no longer kept.
  Result<bool> restore(const StoredEvent& stored, std::size_t body_bytes_max);

  const Event& event() const noexcept { return event_; }
  Json record() const noexcept { return record_; }

 private:
  JsonDocument record_document_;
  JsonDocument body_document_;
  Json record_;
  Event event_;
};

}  // namespace signalbox::api
