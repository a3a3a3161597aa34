// A worker as the gateway composes it, on a fake store and one io_context that a test runs by hand:
// requests reach the handlers without a socket, the store's clock stands still until a test moves
// it, and nothing can hang, since what waits is left waiting.
#pragma once

#include <boost/asio/co_spawn.hpp>

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/access/audit_log.hpp"
#include "gateway/hooks/ingest.hpp"
#include "gateway/hooks/refused_ring.hpp"
#include "gateway/limits/refusal_lines.hpp"
#include "gateway/monitoring/health.hpp"
#include "gateway/telemetry/hook_counters.hpp"
#include "gateway/worker/worker.hpp"
#include "store/spool/durable_queue.hpp"
#include "tests/gateway/stumbling_store.hpp"

namespace signalbox::test {

struct MovedClock final : Clock {
  Time time = *parse_time("2026-11-22T10:00:00Z");
  Time now() const override { return time; }
};

// A spool in memory: an append is durable at once, unless it is full.
struct FakeQueue final : DurableQueue {
  std::deque<std::string> entries;
  std::vector<std::string> aside;
  bool full = false;

  void append(std::string entry, Done done) override;
  std::optional<std::string> front() override;
  void pop() override { entries.pop_front(); }
  void set_aside(const std::string& entry) override;
};

using HeaderTexts = std::vector<std::pair<std::string, std::string>>;

struct Sent {
  std::string method = "POST";
  std::string target;
  HeaderTexts headers;
  std::string body;
  std::string peer = "192.0.2.1";
  int socket = -1;
  AddressAccount* account = nullptr;
};

// A request whose views last as long as this does.
class HeldRequest final : private RequestMemory {
 public:
  HeldRequest(Sent sent, Time received);
  HeldRequest(const HeldRequest&) = delete;
  HeldRequest& operator=(const HeldRequest&) = delete;

  Request& view() noexcept { return request_; }
  bool was_let_go() const noexcept { return let_go_; }

 private:
  void let_go() override;

  Sent sent_;
  std::vector<Headers::Field> fields_;
  Request request_;
  bool let_go_ = false;
};

// An answer that may be still to come.
struct Pending {
  std::unique_ptr<HeldRequest> request;
  std::optional<Response> response;
};

extern const std::string_view fixture_secret;  // of each source
std::string pull_request_body(std::string_view title = "Faster");
// A delivery to a source of the connector github, signed.
Sent delivery(std::string_view type, std::string id, std::string body,
              std::string_view source = "github");
inline Sent pull_request(std::string id = "delivery-1") {
  return delivery("github.pull_request.opened", std::move(id), pull_request_body());
}
void set_header(HeaderTexts& headers, std::string_view name, std::string value);
void drop_header(HeaderTexts& headers, std::string_view name);
// A call of the API; `who` is reviewer, coder, painter, ops, or empty; "reviewer reading" and "ops
// reading" have tokens that may only read, that of "ops expired" has ended when the clock begins.
Sent call(std::string method, std::string target, std::string_view who, std::string body = {});

class WorkerFixture {
 public:
  // `more` is added to the configuration. See worker_fixture.cpp for what is in it.
  explicit WorkerFixture(std::string_view more = {});
  ~WorkerFixture();
  WorkerFixture(const WorkerFixture&) = delete;
  WorkerFixture& operator=(const WorkerFixture&) = delete;

  // Has the handler begin, and does what can be done without waiting.
  std::shared_ptr<Pending> begin(Handler& handler, Sent sent);
  // The same, for what is answered without waiting; fails the test otherwise.
  Response hooks(Sent sent);
  Response api(Sent sent);
  // Only what ingest() says, without the handler around it.
  Result<Ack> ingest_only(Sent sent, Deadline started = std::chrono::steady_clock::now());

  // Runs a task of the store, or any other that waits for nothing.
  template <class T>
  T run(Task<T> task);
  // Does what can be done now.
  void poll();
  // What the sweep does at a time.
  void sweep(std::chrono::steady_clock::time_point now);
  // Ready, leased and waiting messages of a mailbox.
  MailboxCounts counts(std::string mailbox, std::string_view space = "main");
  // The messages of a mailbox as JSON, as peek shows them.
  std::vector<std::string> messages(std::string mailbox, std::string_view space = "main");
  FakeStore& store(std::string_view space = "main");
  // The same as the gateway has it, which stumbles as `weather` says.
  std::unique_ptr<Store> open_store(std::string_view space);

  // What was counted.
  const SourceCounters& source(std::string_view name = "github") const;
  std::uint64_t counted(DeliveryStatus status) const;  // of the source github
  std::uint64_t sent(MessageKind kind) const;
  std::uint64_t bodies_archived() const;
  std::uint64_t bodies_not_archived() const;
  std::uint64_t hooks_refused(Reason reason) const;
  std::uint64_t api_refused(Reason reason) const;

  MovedClock clock;
  StoreWeather weather;
  FakeQueue spool;
  RefusedRing refused;
  AuditLog audit;  // into the log
  RefusalLines lines;
  Health health;
  std::unique_ptr<Worker> worker;

  // Whether webhooks may go to `spool`; composes the worker anew.
  void compose(bool with_spool);

 private:
  std::shared_ptr<const Config> config_;
  bool with_spool_ = false;
  std::map<std::string, std::unique_ptr<FakeStore>, std::less<>> stores_;
};

// The body as JSON reads it; the text of a member, or empty.
std::string member(const Response& response, std::string_view name);
std::string header_of(const Response& response, std::string_view name);

template <class T>
T WorkerFixture::run(Task<T> task) {
  std::optional<T> result;
  boost::asio::co_spawn(worker->io, std::move(task),
                        [&](const std::exception_ptr& thrown, T value) {
                          if (thrown) std::rethrow_exception(thrown);
                          result.emplace(std::move(value));
                        });
  poll();
  if (!result) throw std::runtime_error("a task waits that should not");
  return std::move(*result);
}

}  // namespace signalbox::test
