// The life of one webhook, from a whole request to a durable event. Invariants E1 to E8 are in
// docs/ARCHITECTURE.md.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/connector.hpp"
#include "gateway/config/config.hpp"
#include "rules/rule_set.hpp"
#include "store/task.hpp"

namespace signalbox {

class Archiver;
class AttemptMarks;
class DurableQueue;
class Stores;
class ThreadCounters;
struct Runtime;

// What ingest() needs of its thread, and no more.
struct IngestSetting {
  std::size_t thread = 0;  // position of its seats in the runtime
  boost::asio::io_context& io;
  Stores& stores;
  Archiver& archiver;
  ThreadCounters& counters;
  ParseScratch& parse_scratch;
  AttemptMarks& attempt_marks;
  DurableQueue* spool = nullptr;  // null: none is configured
};

// What a sender is told of a delivery that was taken.
struct Ack {
  std::string_view status;   // an Outcome's word, duplicate, deferred
  std::string event;         // "e_…"; of a duplicate, the first one's
  std::string_view outcome;  // of a duplicate: how the first ended
  std::string work;          // readable; may be empty
  std::size_t messages = 0;
  std::vector<std::string> rules;
  std::vector<RuleFailure> failures;  // of rules whose messages could not be made
  // For the log.
  std::string type;
  std::string trace;  // id; may be empty
};

// No Ack before the event, with every message that it decided on, is durable. The request's views
// and the setting must stay valid until the task ends; the runtime is the one that the request
// started with.
Task<Result<Ack>> ingest(std::shared_ptr<const Runtime> runtime, const IngestSetting& setting,
                         Unverified request, Deadline started);

}  // namespace signalbox
