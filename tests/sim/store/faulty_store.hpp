// A gateway's store as a network makes it: what RedisStore does over a connection, over one that
// loses requests and replies, delays and reorders them, and hangs. As there, what was cut off is
// tried again until the deadline where it may be, and a call that nobody waits for any more may
// still be carried out.
#pragma once

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/redis/resumption.hpp"
#include "tests/sim/schedule.hpp"
#include "tests/sim/store/store_server.hpp"

namespace signalbox::sim {

// How the network between gateways and their store is; in percent of all calls.
struct Weather {
  bool store_up = true;
  unsigned lose_requests = 0;
  unsigned lose_replies = 0;
  unsigned hang = 0;
  unsigned refuse = 0;
  unsigned disk_full = 0;
  Milliseconds down_since{};  // while the store is not up
  Milliseconds slowest{5};
};

// All outlive the store of a gateway.
struct StoreLink {
  StoreServer& server;
  Schedule& schedule;
  Dice& dice;
  Trace& trace;
  const Weather& weather;
  Defect defect;
};

// A gateway's way to the store, which the stores of all namespaces share.
class StoreConnection {
 public:
  enum class End : std::uint8_t { reply, broken, late };
  struct Flight {
    std::function<void()> perform;
    Resumption<End> waiting;
    bool ended = false;
    bool lost = false;
  };
  using FlightPtr = std::shared_ptr<Flight>;

  explicit StoreConnection(boost::asio::io_context& io) : io_{io} {}
  void add(const FlightPtr& flight);
  void finish(const FlightPtr& flight, End end);
  // It breaks: what has not arrived is lost, and the callers hear of it.
  void cut();
  // The caller's process is gone: nobody hears anything, and what is on its way arrives.
  void abandon();

 private:
  boost::asio::io_context& io_;
  std::vector<std::weak_ptr<Flight>> flights_;
};

class FaultyStore final : public Store {
 public:
  FaultyStore(StoreLink link, StoreConnection& connection, std::string_view space)
      : link_{link}, connection_{connection}, space_{space} {}

  bool away() const noexcept override;
  Task<Result<CommitResult>> commit(const Commit& commit, Deadline deadline) override;
  Task<Result<Received>> receive(const ReceiveRequest& request, Deadline deadline) override;
  Task<Result<std::vector<bool>>> acknowledge(std::string mailbox,
                                              std::vector<std::string> receipts,
                                              Deadline deadline) override;
  Task<Result<std::vector<bool>>> give_back(std::string mailbox, std::vector<std::string> receipts,
                                            Deadline deadline) override;
  Task<Result<Extended>> extend(std::string mailbox, std::vector<std::string> receipts,
                                Milliseconds visibility, Deadline deadline) override;
  Task<Result<std::vector<bool>>> take_back(std::string mailbox, std::vector<std::string> ids,
                                            Deadline deadline) override;
  Task<Result<std::vector<bool>>> leased(std::string mailbox, std::vector<std::string> receipts,
                                         Deadline deadline) override;
  Task<Result<Peeked>> peek(std::string mailbox, std::uint32_t max, Deadline deadline) override;
  Task<Result<std::optional<std::string>>> message(std::string mailbox, std::string id,
                                                   Deadline deadline) override;
  Task<Result<Redriven>> redrive(const RedriveRequest& request, Deadline deadline) override;
  Task<Result<std::optional<StoredEvent>>> event(std::string id, Deadline deadline) override;
  Task<Result<EventPage>> events(const EventQuery& query, Deadline deadline) override;
  Task<Result<std::optional<std::string>>> find_work(std::string alias, Deadline deadline) override;
  Task<Result<bool>> archive_body(std::string event, std::string body, Milliseconds keep,
                                  Deadline deadline) override;
  Task<Result<bool>> ping(Deadline deadline) override;

 private:
  using End = StoreConnection::End;
  using FlightPtr = StoreConnection::FlightPtr;

  template <class T>
  Task<Result<T>> call(std::string_view name, std::function<Result<T>(bool again)> perform,
                       bool repeat, Deadline deadline);
  template <class T, class... Parameters, class... Arguments>
  Task<Result<T>> pass(std::string_view name, Task<Result<T>> (Store::*method)(Parameters...),
                       Deadline deadline, Arguments... arguments);
  Task<Result<std::vector<bool>>> release(ReceiptUse use, std::string mailbox,
                                          std::vector<std::string> receipts,
                                          Milliseconds visibility, Deadline deadline);
  Task<End> fly(std::string_view name, std::function<void()> perform, Deadline deadline);
  void launch(const FlightPtr& flight);

  StoreLink link_;
  StoreConnection& connection_;
  std::string space_;
};

}  // namespace signalbox::sim
