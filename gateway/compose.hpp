// What the handlers of a thread are given of its worker, and no more: the one place that knows
// both. The gateway composes its workers here, and so do the simulation and the unit tests.
#pragma once

#include <boost/asio/any_io_executor.hpp>

namespace signalbox {

class AuditLog;
class DurableQueue;
class RefusedRing;
class RefusalLines;
class Reloader;
struct Health;
struct Worker;

// Of all threads. What is referred to must outlive the workers.
struct SharedParts {
  boost::asio::any_io_executor compressors;  // where slow work runs
  DurableQueue* spool = nullptr;             // null: none is configured
  RefusedRing* refused = nullptr;            // null: refused deliveries are not kept
  AuditLog* audit = nullptr;                 // null: operators' calls leave no trail
  RefusalLines* lines = nullptr;             // null: lines of refusals have no bound
  Reloader* reloader = nullptr;              // null: files are not read again
  const Health& health;
};

// Gives a worker, which has its stores already, its archiver and its handlers.
void compose(Worker& worker, const SharedParts& parts);

}  // namespace signalbox
