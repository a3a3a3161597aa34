// What a thread counts of the messages that it stores, whoever wrote them: gateway/hooks and
// gateway/api.
#pragma once

#include "event/message.hpp"
#include "gateway/telemetry/counters.hpp"

namespace signalbox {

struct MessageCounters {
  void add(MessageKind kind) noexcept { stored[static_cast<std::size_t>(kind)].add(); }

  std::array<Counter, message_kind_count> stored;  // by MessageKind
};

}  // namespace signalbox
