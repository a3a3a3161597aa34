// The store's side of the network: the fake store, its clock, and the books beside it. It carries
// out one call at a time, tells the ledgers of each, and keeps what it has when it restarts.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "store/fake/fake_store.hpp"
#include "tests/sim/defect.hpp"
#include "tests/sim/ledger/event_ledger.hpp"
#include "tests/sim/ledger/mailbox_ledger.hpp"
#include "tests/sim/ledger/spool_ledger.hpp"

namespace signalbox::sim {

class StoreServer {
 public:
  StoreServer(const SimulatedTime& time, Verdict& verdict, Defect defect);

  Result<CommitResult> commit(const std::string& space, Commit commit);
  Result<Received> receive(const std::string& space, ReceiveRequest request);
  // `again`: the reply to an earlier try was lost.
  Result<std::vector<bool>> release(const std::string& space, ReceiptUse use,
                                    const std::string& mailbox, std::vector<std::string> receipts,
                                    Milliseconds visibility, bool again);
  Result<Redriven> redrive(const std::string& space, const RedriveRequest& request, bool again);
  // Any other call.
  template <class T>
  T run(Task<T> task);
  FakeStore& store(std::string_view space) { return *stores_.find(space)->second; }

  // The books balance, and no namespace has what belongs to another.
  void audit();

  // Everything that it has said it has is still there afterwards.
  void restart();
  // Called with a mailbox that has something to receive; what hears of it may be gone.
  std::function<void(const std::string& mailbox)> on_wake;

  SkewedClock clock;
  MailboxLedger mailboxes;
  EventLedger events;
  SpoolLedger spool;

 private:
  using Stores = std::map<std::string, std::unique_ptr<FakeStore>, std::less<>>;  // by namespace

  void remember_state();
  Peeked look_into(std::string_view space, const std::string& mailbox);
  void check_space(const std::string& space, const std::string& mailbox);

  Verdict& verdict_;
  Defect defect_;
  boost::asio::io_context io_;
  Stores stores_;
  std::deque<std::pair<Milliseconds, Stores>> old_;  // with forget_last_writes
};

template <class T>
T StoreServer::run(Task<T> task) {
  std::optional<T> result;
  boost::asio::co_spawn(io_, std::move(task), [&](const std::exception_ptr&, T value) {
    result.emplace(std::move(value));
  });
  io_.restart();
  io_.poll();
  return std::move(*result);
}

}  // namespace signalbox::sim
