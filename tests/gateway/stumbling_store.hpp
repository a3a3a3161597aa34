// A fake store that stumbles when a test says so: it is away, refuses, or loses its reply. What it
// holds is FakeStore's; the deadlines that it was given are written down. Used from one thread.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "store/fake/fake_store.hpp"

namespace signalbox::test {

// What all stores of a test do from now on.
struct StoreWeather {
  bool away = false;             // as Store::away() says it
  std::optional<Error> failure;  // of each call
  bool carries_out = false;      // a call that fails has taken effect: its reply was lost
  std::vector<Deadline> deadlines;
};

class StumblingStore final : public Store {
 public:
  // Both must outlive this.
  StumblingStore(FakeStore& store, StoreWeather& weather) : store_{store}, weather_{weather} {}

  bool away() const noexcept override { return weather_.away; }
  Task<Result<CommitResult>> commit(const Commit& commit, Deadline deadline) override {
    return answer(store_.commit(commit, deadline), deadline);
  }
  Task<Result<Received>> receive(const ReceiveRequest& request, Deadline deadline) override {
    return answer(store_.receive(request, deadline), deadline);
  }
  Task<Result<std::vector<bool>>> acknowledge(std::string mailbox,
                                              std::vector<std::string> receipts,
                                              Deadline deadline) override {
    return answer(store_.acknowledge(std::move(mailbox), std::move(receipts), deadline), deadline);
  }
  Task<Result<std::vector<bool>>> give_back(std::string mailbox, std::vector<std::string> receipts,
                                            Deadline deadline) override {
    return answer(store_.give_back(std::move(mailbox), std::move(receipts), deadline), deadline);
  }
  Task<Result<std::vector<bool>>> take_back(std::string mailbox, std::vector<std::string> ids,
                                            Deadline deadline) override {
    return answer(store_.take_back(std::move(mailbox), std::move(ids), deadline), deadline);
  }
  Task<Result<Extended>> extend(std::string mailbox, std::vector<std::string> receipts,
                                Milliseconds visibility, Deadline deadline) override {
    return answer(store_.extend(std::move(mailbox), std::move(receipts), visibility, deadline),
                  deadline);
  }
  Task<Result<std::vector<bool>>> leased(std::string mailbox, std::vector<std::string> receipts,
                                         Deadline deadline) override {
    return answer(store_.leased(std::move(mailbox), std::move(receipts), deadline), deadline);
  }
  Task<Result<Peeked>> peek(std::string mailbox, std::uint32_t max, Deadline deadline) override {
    return answer(store_.peek(std::move(mailbox), max, deadline), deadline);
  }
  Task<Result<std::optional<std::string>>> message(std::string mailbox, std::string id,
                                                   Deadline deadline) override {
    return answer(store_.message(std::move(mailbox), std::move(id), deadline), deadline);
  }
  Task<Result<Redriven>> redrive(const RedriveRequest& request, Deadline deadline) override {
    return answer(store_.redrive(request, deadline), deadline);
  }
  Task<Result<std::optional<StoredEvent>>> event(std::string id, Deadline deadline) override {
    return answer(store_.event(std::move(id), deadline), deadline);
  }
  Task<Result<EventPage>> events(const EventQuery& query, Deadline deadline) override {
    return answer(store_.events(query, deadline), deadline);
  }
  Task<Result<std::optional<std::string>>> find_work(std::string alias,
                                                     Deadline deadline) override {
    return answer(store_.find_work(std::move(alias), deadline), deadline);
  }
  Task<Result<bool>> archive_body(std::string event, std::string body, Milliseconds keep,
                                  Deadline deadline) override {
    return answer(store_.archive_body(std::move(event), std::move(body), keep, deadline), deadline);
  }
  Task<Result<bool>> ping(Deadline deadline) override {
    return answer(store_.ping(deadline), deadline);
  }

 private:
  // `whole` does nothing before it is awaited.
  template <class T>
  Task<Result<T>> answer(Task<Result<T>> whole, Deadline deadline) {
    weather_.deadlines.push_back(deadline);
    if (weather_.failure && !weather_.carries_out) co_return *weather_.failure;
    auto result = co_await std::move(whole);
    if (weather_.failure) co_return *weather_.failure;
    co_return result;
  }

  FakeStore& store_;
  StoreWeather& weather_;
};

}  // namespace signalbox::test
