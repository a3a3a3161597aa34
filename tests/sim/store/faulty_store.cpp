#include "tests/sim/store/faulty_store.hpp"

#include <fmt/format.h>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

#include "event/ids.hpp"
#include "store/archive.hpp"

namespace signalbox::sim {
namespace {

namespace asio = boost::asio;

constexpr Milliseconds reconnect_pause{1'000};
constexpr std::size_t body_most = 1024 * 1024;

void replace(std::string& text, std::string_view what, std::string_view by) {
  const std::size_t at = text.find(what);
  if (at != std::string::npos) text.replace(at, what.size(), by);
}

void draw_ids(Commit& commit) {
  for (Append& append : commit.appends) {
    const std::string drawn = "m_" + random_text(17);
    replace(append.json, append.id, drawn);
    append.id = drawn;
  }
}

// As if they were told apart by their place only.
void number_ids(Commit& commit) {
  for (std::size_t i = 0; i < commit.appends.size(); ++i) {
    const std::string numbered = fmt::format("m_{:017}", i);
    replace(commit.appends[i].json, commit.appends[i].id, numbered);
    commit.appends[i].id = numbered;
  }
}

// What a gateway with this defect would ask for.
void spoil(Commit& commit, Defect defect, bool again) {
  const bool is_send = commit.record.event.starts_with("s_");
  if (defect == Defect::draw_ids && !is_send) draw_ids(commit);
  const bool is_replay = commit.record.event.starts_with("r_");
  if (defect == Defect::number_no_replays && is_replay) number_ids(commit);
  if (defect == Defect::decide_anew && again) {
    commit.record.attempt = random_text(attempt_chars);
    commit.seen.clear();
  }
  if (defect == Defect::forget_send_keys && is_send) {
    commit.record.event = "s_" + base62(sha256(random_text(16)));
    commit.seen.clear();
  }
  for (Append& append : commit.appends) {
    if (defect == Defect::drop_the_cause) replace(append.json, "\"causationid\"", "\"cause\"");
    if (defect != Defect::send_the_body || commit.record.body.empty()) continue;
    const auto body = decompress_body(commit.record.body, body_most);
    append.json.pop_back();
    append.json += ",\"body\":" + (body ? *body : "null") + "}";
  }
}

}  // namespace

void StoreConnection::add(const FlightPtr& flight) {
  std::erase_if(flights_, [](const auto& each) { return each.expired(); });
  flights_.push_back(flight);
}

void StoreConnection::finish(const FlightPtr& flight, End end) {
  if (flight->ended) return;
  flight->ended = true;
  if (!flight->waiting) return;
  asio::post(io_, [waiting = std::move(flight->waiting), end]() mutable { waiting(end); });
}

void StoreConnection::cut() {
  for (const auto& each : std::exchange(flights_, {})) {
    if (const auto flight = each.lock()) {
      flight->lost = true;
      finish(flight, End::broken);
    }
  }
}

void StoreConnection::abandon() {
  for (const auto& each : std::exchange(flights_, {})) {
    if (const auto flight = each.lock()) {
      flight->ended = true;
      flight->waiting = {};
    }
  }
}

bool FaultyStore::away() const noexcept {
  constexpr std::chrono::seconds noticed{1};
  const Milliseconds now = link_.server.clock.time.elapsed();
  return !link_.weather.store_up && now - link_.weather.down_since > noticed;
}

// Decides what becomes of a call. A broken connection is noticed by the caller before or after the
// call is carried out, so that a second try may overtake the first.
void FaultyStore::launch(const FlightPtr& flight) {
  Dice& dice = link_.dice;
  const Weather& weather = link_.weather;
  const auto slow = [&] { return dice.milliseconds(0, weather.slowest.count()); };
  const auto then = [&](Milliseconds delay, End end) {
    link_.schedule.after(delay, [&connection = connection_, flight, end] {
      if (!flight->ended) connection.finish(flight, end);  // ended: it may be gone
    });
  };
  const auto arrive = [&](Milliseconds delay) {
    link_.schedule.after(delay, [flight, &trace = link_.trace] {
      if (flight->lost) return;
      if (flight->ended) trace.saw("a call is carried out when nobody waits for it");
      flight->perform();
    });
  };
  const std::uint64_t fate = dice.upto(100);
  if (fate < weather.lose_requests + weather.lose_replies) link_.trace.saw("a call is cut off");
  if (fate < weather.lose_requests) return then(slow(), End::broken);
  if (fate < weather.lose_requests + weather.lose_replies) {
    arrive(slow());
    return then(slow(), End::broken);
  }
  if (fate < weather.lose_requests + weather.lose_replies + weather.hang) {
    if (dice.percent(50)) arrive(dice.milliseconds(1'000, 20'000));
    return;  // until the deadline
  }
  const Milliseconds there = slow();
  arrive(there);
  then(there + slow(), End::reply);
}

Task<FaultyStore::End> FaultyStore::fly(std::string_view name, std::function<void()> perform,
                                        Deadline deadline) {
  link_.trace.add(name);
  const auto flight = std::make_shared<StoreConnection::Flight>();
  flight->perform = std::move(perform);
  connection_.add(flight);
  if (link_.weather.store_up) {
    launch(flight);
  } else {
    link_.schedule.after(reconnect_pause, [&connection = connection_, flight] {
      if (!flight->ended) connection.finish(flight, End::broken);
    });
  }
  const auto left = std::chrono::ceil<Milliseconds>(deadline - std::chrono::steady_clock::now());
  link_.schedule.after(std::max(left, Milliseconds{0}), [&connection = connection_, flight] {
    if (!flight->ended) connection.finish(flight, End::late);
  });
  const auto start = [flight](Resumption<End>::Handler handler) {
    flight->waiting = Resumption<End>{std::move(handler)};
  };
  using Token = Resumption<End>::Token;
  const Token token{};
  co_return co_await asio::async_initiate<const Token&, void(End)>(start, token);
}

template <class T>
Task<Result<T>> FaultyStore::call(std::string_view name,
                                  std::function<Result<T>(bool again)> perform, bool repeat,
                                  Deadline deadline) {
  bool again = false;
  while (std::chrono::steady_clock::now() < deadline) {
    const bool sent = link_.weather.store_up;
    if (sent && link_.dice.percent(link_.weather.refuse)) {
      link_.trace.saw("the store refuses a write");
      co_return Error{Reason::store_refused, "the store is out of memory"};
    }
    const auto reply = std::make_shared<std::optional<Result<T>>>();
    std::function<void()> once;
    if (sent) once = [reply, perform, again] { *reply = perform(again); };
    if (!sent) once = [] {};
    const End end = co_await fly(name, std::move(once), deadline);
    if (end == End::reply) co_return std::move(**reply);
    if (end == End::late || (sent && !repeat)) break;
    again = again || sent;
  }
  co_return Error{Reason::store_unavailable, "the store did not answer in time"};
}

// A call of which no books are kept.
template <class T, class... Parameters, class... Arguments>
Task<Result<T>> FaultyStore::pass(std::string_view name,
                                  Task<Result<T>> (Store::*method)(Parameters...),
                                  Deadline deadline, Arguments... arguments) {
  std::function<Result<T>(bool)> perform = [&server = link_.server, space = space_, method,
                                            arguments...](bool) {
    return server.run((server.store(space).*method)(arguments..., Deadline{}));
  };
  return call(name, std::move(perform), true, deadline);
}

Task<Result<CommitResult>> FaultyStore::commit(const Commit& commit, Deadline deadline) {
  const bool is_send = commit.record.event.starts_with("s_");
  const Defect defect = link_.defect;
  if ((defect == Defect::answer_before_commit && link_.dice.percent(5)) ||
      (defect == Defect::lose_a_send && is_send)) {
    co_return CommitResult{};
  }
  std::function<Result<CommitResult>(bool)> perform =
      [&server = link_.server, space = space_, defect,
       asked = commit](bool again) -> Result<CommitResult> {
    Commit copy = asked;
    spoil(copy, defect, again);
    return server.commit(space, std::move(copy));
  };
  const std::string name = "commit " + commit.record.event;
  co_return co_await call(name, std::move(perform), true, deadline);
}

Task<Result<Received>> FaultyStore::receive(const ReceiveRequest& request, Deadline deadline) {
  std::function<Result<Received>(bool)> perform = [&server = link_.server, space = space_,
                                                   request](bool) {
    return server.receive(space, request);
  };
  const std::string name = "receive " + request.mailbox;
  co_return co_await call(name, std::move(perform), false, deadline);
}

Task<Result<std::vector<bool>>> FaultyStore::release(ReceiptUse use, std::string mailbox,
                                                     std::vector<std::string> receipts,
                                                     Milliseconds visibility, Deadline deadline) {
  const std::string name = fmt::format("release {} {}", static_cast<int>(use), mailbox);
  std::function<Result<std::vector<bool>>(bool)> perform =
      [&server = link_.server, space = space_, use, mailbox, receipts, visibility](bool again) {
        return server.release(space, use, mailbox, receipts, visibility, again);
      };
  co_return co_await call(name, std::move(perform), true, deadline);
}

Task<Result<std::vector<bool>>> FaultyStore::acknowledge(std::string mailbox,
                                                         std::vector<std::string> receipts,
                                                         Deadline deadline) {
  return release(ReceiptUse::acknowledge, std::move(mailbox), std::move(receipts), {}, deadline);
}

Task<Result<std::vector<bool>>> FaultyStore::give_back(std::string mailbox,
                                                       std::vector<std::string> receipts,
                                                       Deadline deadline) {
  return release(ReceiptUse::give_back, std::move(mailbox), std::move(receipts), {}, deadline);
}

Task<Result<Extended>> FaultyStore::extend(std::string mailbox, std::vector<std::string> receipts,
                                           Milliseconds visibility, Deadline deadline) {
  auto held = co_await release(ReceiptUse::extend, std::move(mailbox), std::move(receipts),
                               visibility, deadline);
  if (!held) co_return held.error();
  Extended extended;
  extended.held = std::move(*held);
  co_return extended;
}

Task<Result<std::vector<bool>>> FaultyStore::take_back(std::string mailbox,
                                                       std::vector<std::string> ids,
                                                       Deadline deadline) {
  return pass("take_back", &Store::take_back, deadline, std::move(mailbox), std::move(ids));
}

Task<Result<Redriven>> FaultyStore::redrive(const RedriveRequest& request, Deadline deadline) {
  std::function<Result<Redriven>(bool)> perform = [&server = link_.server, space = space_,
                                                   request](bool again) {
    return server.redrive(space, request, again);
  };
  co_return co_await call("redrive", std::move(perform), true, deadline);
}

Task<Result<std::vector<bool>>> FaultyStore::leased(std::string mailbox,
                                                    std::vector<std::string> receipts,
                                                    Deadline deadline) {
  return pass("leased", &Store::leased, deadline, std::move(mailbox), std::move(receipts));
}

Task<Result<Peeked>> FaultyStore::peek(std::string mailbox, std::uint32_t max, Deadline deadline) {
  return pass("peek", &Store::peek, deadline, std::move(mailbox), max);
}

Task<Result<std::optional<std::string>>> FaultyStore::message(std::string mailbox, std::string id,
                                                              Deadline deadline) {
  return pass("message", &Store::message, deadline, std::move(mailbox), std::move(id));
}

Task<Result<std::optional<StoredEvent>>> FaultyStore::event(std::string id, Deadline deadline) {
  return pass("event", &Store::event, deadline, std::move(id));
}

Task<Result<EventPage>> FaultyStore::events(const EventQuery& query, Deadline deadline) {
  return pass("events", &Store::events, deadline, query);
}

Task<Result<std::optional<std::string>>> FaultyStore::find_work(std::string alias,
                                                                Deadline deadline) {
  return pass("find_work", &Store::find_work, deadline, std::move(alias));
}

Task<Result<bool>> FaultyStore::archive_body(std::string event, std::string body, Milliseconds keep,
                                             Deadline deadline) {
  return pass("archive", &Store::archive_body, deadline, std::move(event), std::move(body), keep);
}

Task<Result<bool>> FaultyStore::ping(Deadline deadline) {
  return pass("ping", &Store::ping, deadline);
}

}  // namespace signalbox::sim
