// Prometheus metrics: the threads' counters are summed, and what is so now is read, when somebody
// scrapes. https://prometheus.io/docs/instrumenting/exposition_formats/
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "gateway/access/audit_log.hpp"
#include "gateway/worker/reloader.hpp"
#include "gateway/monitoring/mailbox_watch.hpp"
#include "gateway/telemetry/counters.hpp"
#include "gateway/worker/runtime.hpp"
#include "store/spool/spool.hpp"

namespace signalbox {

// How many connections a listener has.
struct ConnectionNumbers {
  std::uint64_t open = 0;
  std::uint64_t refused = 0;             // closed at the limit of all
  std::uint64_t refused_of_address = 0;  // closed at that of their address
};

// Values that are read, not counted, at the time of a scrape. Thread-safe.
struct Gauges {
  std::function<bool()> ready;
  std::function<std::uint64_t()> log_lines_dropped;
  std::function<ConnectionNumbers(Listener)> connections;
  std::function<std::vector<MailboxState>()> mailboxes;
  std::function<std::uint64_t()> redis_restarts;
  std::function<std::uint64_t()> store_rewinds;
  std::function<Reloader::Status()> reloads;
  std::function<std::size_t()> generations;
  std::function<SpoolNumbers()> spool;
  std::function<AuditLog::Numbers()> audit;
  std::function<std::uint64_t()> archive_events;
  std::function<std::uint64_t()> archive_bytes;
  std::function<std::uint64_t()> archive_taken_out;
  std::function<std::uint64_t()> archive_bytes_taken_out;
};

// The exposition text of all_metrics(). Thread-safe.
std::string metrics_text(const Runtime& runtime, std::span<const ThreadCounters* const> threads,
                         const Gauges& gauges);

}  // namespace signalbox
