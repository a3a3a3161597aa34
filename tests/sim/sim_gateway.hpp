// One gateway: production's handlers on a real Worker, whose io_context the simulation polls. It
// crashes between any two steps of its coroutines, and starts again with nothing but its store.
#pragma once

#include <boost/asio/io_context.hpp>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gateway/hooks/spooling.hpp"
#include "gateway/monitoring/health.hpp"
#include "gateway/worker/worker.hpp"
#include "tests/sim/store/faulty_store.hpp"
#include "tests/sim/store/sim_spool.hpp"

namespace signalbox::sim {

// A request as a client writes it.
struct Asked {
  Listener listener = Listener::hooks;
  std::string method = "POST";
  std::string target;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  // Of a body that is made while it is sent: takes a piece, or false when it cannot be sent.
  std::function<bool(std::string piece)> on_piece;
};

// A connection with one request on it. Clients hang up by it.
class Exchange final : public BodyWriter {
 public:
  Exchange(Asked asked, Time received, std::function<void(const Response&)> answered);
  virtual ~Exchange();
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  const Request& request() const noexcept { return request_; }
  bool is_hook() const noexcept { return asked_.listener == Listener::hooks; }
  Task<bool> send(std::string piece) override;
  void hang_up();  // peer_gone() sees it
  void answer(const Response& response) { answered_(response); }

 private:
  Asked asked_;
  std::vector<Headers::Field> views_;
  std::size_t body_bytes_;
  std::array<int, 2> sockets_{-1, -1};
  Request request_;
  std::function<void(const Response&)> answered_;
};

class SimGateway {
 public:
  SimGateway(StoreLink link, const SimulatedTime& time, Verdict& verdict);
  ~SimGateway();
  SimGateway(const SimGateway&) = delete;
  SimGateway& operator=(const SimGateway&) = delete;

  bool up() const noexcept { return worker_ != nullptr; }
  bool accepts() const noexcept { return up() && !draining_; }
  void start(std::shared_ptr<const Config> config);
  void reload(std::shared_ptr<const Config> config);
  void crash();
  // As on SIGTERM: takes no new requests, answers those that it has, and is down.
  void drain();

  // Gives it a request; `answered` is called when the answer leaves, and never if it crashes first.
  std::weak_ptr<Exchange> ask(Asked asked, std::function<void(const Response&)> answered);
  // Does what can be done now. `between` is asked between any two steps whether to crash.
  void poll(const std::function<bool()>& between);

  void wake(const std::string& mailbox);
  void sweep();
  bool has_waiters() const noexcept { return up() && worker_->waiters.size() > 0; }
  void cut_store() {
    if (connection_) connection_->cut();
  }

  SkewedClock clock;
  bool has_spool = false;  // as it is configured; from its next start on

 private:
  static Task<Response> serve(Handler& handler, std::shared_ptr<Exchange> exchange);
  void end_drain();
  void replay_spool();
  void replay_later(Milliseconds wait);
  void count(const Response& response);
  void check_counters();

  StoreLink link_;
  Verdict& verdict_;
  Health health_;
  std::unique_ptr<Worker> worker_;
  std::unique_ptr<StoreConnection> connection_;  // of the worker
  SimSpool spool_;
  std::unique_ptr<SpoolReplayer> replayer_;
  bool replaying_ = false;  // or going to
  bool draining_ = false;
  std::uint64_t life_ = 0;  // grows with each crash
  std::map<Exchange*, std::shared_ptr<Exchange>> exchanges_;
  std::map<std::string, std::uint64_t> answers_;  // of webhooks, by status or reason
};

}  // namespace signalbox::sim
