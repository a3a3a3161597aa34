// The store that production runs: Redis 6.2 or later, or Valkey, through one pipelined connection
// of this thread. All that must happen at once is one Lua script (store/script/); nothing is cached
// here, so any number of gateways share one Redis. Used from its io_context's one thread only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "store/redis/redis_connection.hpp"
#include "store/redis/refusals.hpp"
#include "store/redis/server_facts.hpp"
#include "store/script/scripts.hpp"
#include "store/store.hpp"

namespace signalbox {

inline constexpr std::string_view main_space = "main";  // the namespace where none is named

struct RedisStoreOptions {
  RedisEndpoint endpoint;
  std::string prefix = "sb1";                // of all keys: `<prefix>:{<namespace>}:…`
  std::string_view time_script = lua::time;  // tests bring their own clock
  std::uint64_t dead_letters_max = signalbox::dead_letters_max;
  // What a store does not take has a spool to go to: a commit is given up once there has been no
  // way to the store, or nothing but "no" from it, for `patience`.
  bool spooled = false;
};

// What the archive may hold at most; the oldest events leave it first.
struct ArchiveBounds {
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;     // of records and bodies, as stored
  Milliseconds remember_id{};  // for so long an event that left is still recognised
};

struct ArchiveState {
  bool more = false;  // another step should follow soon
  std::uint64_t events = 0;
  std::uint64_t bytes = 0;
  std::uint64_t taken_out = 0;  // by this step
  std::uint64_t bytes_taken_out = 0;
};

// What a gateway has left in the store, to find there again.
struct StoreMemory {
  std::string store;        // the store's id; empty where nobody has left one
  std::uint64_t count = 0;  // of the gateway's last mark; 0 where there is none
  Time marked{};            // when it was left, by Redis's clock
  Time now{};               // by Redis's clock
};

class RedisStore final : public Store {
 public:
  // Tried again so long after an answer that says "not now", "not here" or "no room", until the
  // call's deadline: what ails a Redis often passes, and a webhook may never come again.
  static constexpr Milliseconds retry_pause_first{50};
  static constexpr Milliseconds retry_pause_max{500};
  // A server that refuses is asked so often, beside the calls, whether it takes writes again.
  static constexpr Milliseconds refusal_look{250};
  static constexpr Milliseconds patience{1'000};  // from the first "no" until it is away

  // Connects in the background; calls wait for it. The observer must outlive the store; null:
  // nobody is told.
  RedisStore(boost::asio::io_context& io, RedisStoreOptions options,
             ConnectionObserver* observer = nullptr);
  // The same Redis by the same connection, in another namespace.
  RedisStore(const RedisStore& other, std::string_view space);

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

  // What the server is and what it promises.
  Task<Result<ServerFacts>> inspect(Deadline deadline);

  // Whether a webhook's write would be taken now: asked once, with a write that changes nothing.
  // store_refused, or store_unavailable, with why not.
  Task<Result<bool>> probe_write(Deadline deadline);

  // What this gateway left here last, and what store this is.
  Task<Result<StoreMemory>> recall(std::string_view gateway, Deadline deadline);
  // Leaves a mark for `keep`, and `store` as the store's id where it has none. What is there now.
  Task<Result<StoreMemory>> remember(std::string_view gateway, std::uint64_t count,
                                     std::string_view store, Milliseconds keep, Deadline deadline);

  // One bounded step of keeping the archive within its bounds: trim.lua.
  Task<Result<ArchiveState>> trim_archive(ArchiveBounds bounds, Deadline deadline);

  // Also when it has answered nothing but "no" for longer than `patience`.
  bool away() const noexcept override {
    return connection_->away() || refusals_->last_longer_than(patience);
  }
  bool connected() const noexcept { return connection_->connected(); }

 private:
  // Whether a command may be sent again when it may have been executed already.
  enum class Repeat : bool { no, yes };
  // How a command is sent this time.
  struct Sending {
    bool whole = false;  // the script's text has to be sent, Redis does not know it
    bool again = false;  // it was sent before, and may have been executed
  };
  // What was learned from a call so far.
  struct Trial {
    Sending sending;
    bool pause = false;
    Reason at_deadline = Reason::store_unavailable;
    std::string trouble;  // empty: there was no time left
  };
  // Appends one command. Captures no more than two pointers, which std::function holds without
  // allocating.
  using Encode = std::function<void(std::string& out, Sending sending)>;

  // Sends the command until there is an answer that counts, or the deadline. `encode` must outlive
  // the task.
  Task<Result<Reply>> run(const Encode& encode, Repeat repeat, Deadline deadline,
                          bool has_spool = false);
  bool learn_from(const std::string& error, Trial& trial);
  // Sends the command once. The reply may be an error of Redis's.
  Task<Result<Reply>> ask(const Encode& encode, Deadline deadline);
  void note_refusal();
  CommandWriter begin(std::string& out, ScriptName name, Sending sending, std::size_t arguments);
  void encode_commit(std::string& out, Sending sending, const Commit& commit);
  Task<Result<Extended>> release(std::string_view verb, std::string mailbox,
                                 std::vector<std::string> receipts, Milliseconds visibility,
                                 Deadline deadline);
  Task<Result<std::vector<bool>>> release_flags(std::string_view verb, std::string mailbox,
                                                std::vector<std::string> receipts,
                                                Deadline deadline);
  Task<void> pause(Deadline deadline, Milliseconds time);

  boost::asio::io_context& io_;
  std::string installation_;  // "sb1"
  std::string prefix_;        // "sb1:{main}:"
  std::uint64_t dead_letters_max_;
  bool spooled_;
  std::shared_ptr<const Scripts> scripts_;
  std::shared_ptr<RedisConnection> connection_;
  std::shared_ptr<Refusals> refusals_;  // of the connection's server
};

// A command that Redis takes where it would take a webhook's writes, and that changes nothing;
// `prefix` is that of a namespace's keys.
std::vector<std::string> write_probe(std::string_view prefix);

// "sb1", "main" -> "sb1:{main}:". One hash tag a namespace keeps all of its keys in one slot of a
// cluster.
std::string key_prefix(std::string_view prefix, std::string_view space = main_space);

}  // namespace signalbox
