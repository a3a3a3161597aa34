#include "tests/sim/sim_gateway.hpp"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "event/json.hpp"
#include "gateway/compose.hpp"
#include "gateway/telemetry/hook_counters.hpp"
#include "tests/sim/ledger/event_ledger.hpp"

namespace signalbox::sim {

namespace asio = boost::asio;
namespace {

constexpr std::chrono::seconds longest_connection{50};

}  // namespace

Exchange::Exchange(Asked asked, Time received, std::function<void(const Response&)> answered)
    : asked_{std::move(asked)}, body_bytes_{asked_.body.size()}, answered_{std::move(answered)} {
  views_.assign(asked_.headers.begin(), asked_.headers.end());
  asked_.body.append(json_padding, ' ');
  request_.method = asked_.method;
  request_.target = asked_.target;
  request_.headers = Headers{views_};
  request_.body = std::string_view{asked_.body}.substr(0, body_bytes_);
  request_.peer = "192.0.2.1";
  request_.received = received;
  request_.started = std::chrono::steady_clock::now();
  request_.ends = request_.started + longest_connection;
  if (asked_.listener != Listener::api || !asked_.target.ends_with("receive")) return;
  if (::socketpair(AF_UNIX, SOCK_STREAM, 0, sockets_.data()) == 0) request_.socket = sockets_[0];
}

Exchange::~Exchange() {
  hang_up();
  if (sockets_[0] >= 0) ::close(sockets_[0]);
}

Task<bool> Exchange::send(std::string piece) {
  const asio::use_awaitable_t<asio::io_context::executor_type> token{};
  co_await asio::post(token);  // a crash may come between
  co_return sockets_[1] >= 0 && asked_.on_piece&& asked_.on_piece(std::move(piece));
}

Task<Response> SimGateway::serve(Handler& handler, std::shared_ptr<Exchange> exchange) {
  Response response = co_await handler.handle(exchange->request());
  if (response.stream) co_await response.stream(*exchange);
  co_return response;
}

void Exchange::hang_up() {
  if (sockets_[1] >= 0) ::close(std::exchange(sockets_[1], -1));
}

SimGateway::SimGateway(StoreLink link, const SimulatedTime& time, Verdict& verdict)
    : clock{time}, link_{link}, verdict_{verdict}, spool_{link} {
  spool_.on_entry = [this] { replay_later(SpoolReplayer::idle_pause); };
  health_.checks = [] { return std::vector<HealthCheck>{}; };
  health_.metrics = [] { return std::string{}; };
}

SimGateway::~SimGateway() { crash(); }

void SimGateway::start(std::shared_ptr<const Config> config) {
  worker_ = std::make_unique<Worker>(std::make_shared<const Runtime>(std::move(config)), 0);
  connection_ = std::make_unique<StoreConnection>(worker_->io);
  const Stores::Open open = [this](const std::string& space) {
    const bool mixes = link_.defect == Defect::mix_namespaces;
    return std::make_unique<FaultyStore>(link_, *connection_, mixes ? main_space : space);
  };
  const std::string main{main_space};
  worker_->stores = std::make_unique<Stores>(main, open(main), open);
  replayer_ = std::make_unique<SpoolReplayer>(worker_->io, open, spool_);
  if (!spool_.empty()) replay_later(SpoolReplayer::idle_pause);
  const SharedParts parts{.compressors = worker_->io.get_executor(),
                          .spool = has_spool ? &spool_ : nullptr,
                          .health = health_};
  compose(*worker_, parts);
}

void SimGateway::reload(std::shared_ptr<const Config> config) {
  if (!up()) return;
  worker_->use(std::make_shared<const Runtime>(std::move(config), worker_->runtime.get()));
}

void SimGateway::crash() {
  if (!up()) return;
  if (!exchanges_.empty()) link_.trace.saw("a gateway crashes with requests under way");
  connection_->abandon();
  ++life_;
  replaying_ = false;
  draining_ = false;
  spool_.crash();
  worker_->io.stop();
  worker_->waiters.abandon();
  worker_->io.destroy_pending();
  worker_.reset();
  replayer_.reset();
  connection_.reset();
  exchanges_.clear();
  answers_.clear();
}

void SimGateway::drain() {
  if (!accepts()) return;
  draining_ = true;
  link_.trace.saw(exchanges_.empty() ? "a gateway without requests is drained"
                                     : "a gateway is drained with requests under way");
  worker_->drain(worker_->runtime->config->drain_timeout, [] {});
  link_.schedule.after(worker_->runtime->config->drain_timeout, [this, life = life_] {
    if (life == life_) end_drain();
  });
}

// The time is over. Calls of the API may be cut then, as one that nobody waits for any more.
void SimGateway::end_drain() {
  for (const auto& [key, exchange] : exchanges_) {
    verdict_.expect(!exchange->is_hook(), "drain",
                    "a webhook has no answer when the drain is over");
  }
  if (!exchanges_.empty()) link_.trace.saw("a drain cuts a call");
  crash();
}

std::weak_ptr<Exchange> SimGateway::ask(Asked asked,
                                        std::function<void(const Response&)> answered) {
  const bool is_hook = asked.listener == Listener::hooks;
  const bool stopped = link_.defect == Defect::stop_the_clock;
  const Time received = stopped ? Time{clock.now() - clock.time.elapsed()} : clock.now();
  auto exchange = std::make_shared<Exchange>(std::move(asked), received, std::move(answered));
  Handler& handler = is_hook ? *worker_->hooks_handler : *worker_->api_handler;
  exchanges_[exchange.get()] = exchange;
  asio::co_spawn(worker_->io, serve(handler, exchange),
                 [this, is_hook, key = exchange.get()](const std::exception_ptr& failed,
                                                       const Response& response) {
                   const auto kept = exchanges_.extract(key);
                   if (failed) return verdict_.broken("E5", "a handler has thrown");
                   if (is_hook) count(response);
                   kept.mapped()->answer(response);
                 });
  return exchange;
}

void SimGateway::poll(const std::function<bool()>& between) {
  if (!up()) return;
  worker_->io.restart();
  while (worker_->io.poll_one() > 0) {
    if (!between()) continue;
    link_.trace.add("crash");
    return crash();
  }
  check_counters();
  if (draining_ && exchanges_.empty()) crash();
}

// As SpoolReplayer::run does it, by the simulation's clock.
void SimGateway::replay_spool() {
  replaying_ = up() && !spool_.empty();
  if (!replaying_) return;
  asio::co_spawn(worker_->io, replayer_->step(),
                 [this](const std::exception_ptr& failed, Milliseconds wait) {
                   if (failed) return verdict_.broken("E1", "the spool's replayer has thrown");
                   replaying_ = false;
                   replay_later(wait);
                 });
}

// It may be longer than that: a thread is not always given its turn.
void SimGateway::replay_later(Milliseconds wait) {
  if (std::exchange(replaying_, true)) return;
  const Milliseconds turn = wait * link_.dice.between(1, 40);
  link_.schedule.after(turn, [this, life = life_] {
    if (life == life_) replay_spool();
  });
}

void SimGateway::wake(const std::string& mailbox) {
  if (up()) worker_->waiters.wake_one(mailbox);
}

void SimGateway::sweep() {
  if (up()) worker_->waiters.sweep(std::chrono::steady_clock::now());
}

// What senders were told, in the words that they were told it.
void SimGateway::count(const Response& response) {
  const HookAnswer answer = read_hook_answer(response);
  ++answers_[answer.outcome.empty() ? answer.reason : answer.outcome];
  if (link_.defect == Defect::count_twice && answer.outcome == "no_match") {
    worker_->runtime->seat(0, 0).counters->by_status[0].add();
  }
}

// E5: each answer has moved its own counter, by one.
void SimGateway::check_counters() {
  constexpr std::array<std::string_view, delivery_status_count> statuses{
      "accepted", "partly_dropped", "no_match", "dropped", "duplicate", "deferred"};
  std::map<std::string, std::uint64_t> counted;
  const auto add = [&counted](std::string_view name, const Counter& counter) {
    if (counter.value() > 0) counted[std::string{name}] += counter.value();
  };
  const auto add_reasons = [&](const std::array<Counter, reason_count>& refused) {
    for (const ReasonRow& row : all_reasons()) {
      add(row.public_name, refused[static_cast<std::size_t>(row.reason)]);
    }
  };
  const Runtime& runtime = *worker_->runtime;
  for (std::size_t at = 0; at < runtime.config->sources.size(); ++at) {
    const SourceCounters& source = *runtime.seat(0, at).counters;
    for (std::size_t i = 0; i < statuses.size(); ++i) add(statuses[i], source.by_status[i]);
    add_reasons(source.refused);
  }
  add_reasons(worker_->counters.hooks.refused);
  if (counted == answers_) return;
  verdict_.broken("E5", fmt::format("{} kinds of answers were given, {} were counted",
                                    answers_.size(), counted.size()));
}

}  // namespace signalbox::sim
