// RedisStore: how a call is carried out, whatever it asks.
#include "store/redis/redis_store.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <algorithm>

#include "store/backoff.hpp"
#include "store/redis/server_error.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;

Error unavailable(std::string detail) {
  return Error{Reason::store_unavailable, std::move(detail)};
}

// Asks a server that refuses whether it takes writes again, until it does. It holds what it needs,
// and ends with its io_context.
Task<void> watch_refusals(asio::io_context& io, std::shared_ptr<RedisConnection> connection,
                          std::shared_ptr<Refusals> refusals, std::vector<std::string> words) {
  while (refusals->any()) {
    co_await pause_for(io, RedisStore::refusal_look);
    if (!connection->connected() || !connection->has_room()) continue;
    {
      CommandWriter writer{connection->output(), words.size()};
      for (const std::string& word : words) writer.add(word);
    }
    const Deadline deadline = std::chrono::steady_clock::now() + RedisStore::patience;
    const Answer answer = co_await connection->submit(deadline);
    if (answer.end == Answer::End::reply && !answer.reply.is(Reply::Kind::error)) refusals->taken();
  }
}

}  // namespace

std::string key_prefix(std::string_view prefix, std::string_view space) {
  return std::string{prefix}.append(":{").append(space).append("}:");
}

RedisStore::RedisStore(asio::io_context& io, RedisStoreOptions options,
                       ConnectionObserver* observer)
    : io_{io},
      installation_{std::move(options.prefix)},
      prefix_{key_prefix(installation_)},
      dead_letters_max_{options.dead_letters_max},
      spooled_{options.spooled},
      scripts_{std::make_shared<const Scripts>(options.time_script)},
      connection_{std::make_shared<RedisConnection>(io, std::move(options.endpoint), observer)},
      refusals_{std::make_shared<Refusals>()} {}

RedisStore::RedisStore(const RedisStore& other, std::string_view space)
    : io_{other.io_},
      installation_{other.installation_},
      prefix_{key_prefix(installation_, space)},
      dead_letters_max_{other.dead_letters_max_},
      spooled_{other.spooled_},
      scripts_{other.scripts_},
      connection_{other.connection_},
      refusals_{other.refusals_} {}

CommandWriter RedisStore::begin(std::string& out, ScriptName name, Sending sending,
                                std::size_t arguments) {
  const Script& script = (*scripts_)[name];
  CommandWriter writer{out, 4 + arguments};
  writer.add(sending.whole ? "EVAL" : "EVALSHA").add(sending.whole ? script.text : script.sha1);
  writer.add("1").add(prefix_);
  return writer;
}

Task<void> RedisStore::pause(Deadline deadline, Milliseconds time) {
  return pause_until(io_, std::min<Deadline>(deadline, std::chrono::steady_clock::now() + time));
}

void RedisStore::note_refusal() {
  if (!refusals_->refused()) return;
  asio::co_spawn(io_, watch_refusals(io_, connection_, refusals_, write_probe(prefix_)),
                 asio::detached);
}

// What an error of Redis means for the next try; false when there should be none.
bool RedisStore::learn_from(const std::string& error, Trial& trial) {
  trial.trouble = describe_server_error(error);
  trial.pause = true;
  const ServerError meaning = classify(error);
  if (meaning == ServerError::script_missing) {
    trial.sending.whole = true;
    trial.pause = false;
    return true;
  }
  if (meaning == ServerError::defect) return false;
  note_refusal();
  if (meaning != ServerError::not_now) trial.at_deadline = Reason::store_refused;
  if (meaning == ServerError::wrong_server && refusals_->may_reconnect())
    connection_->reset(trial.trouble);
  return true;
}

Task<Result<Reply>> RedisStore::run(const Encode& encode, Repeat repeat, Deadline deadline,
                                    bool has_spool) {
  Trial trial;
  const Deadline unreached =
      has_spool ? std::min<Deadline>(deadline, std::chrono::steady_clock::now() + patience)
                : deadline;
  Backoff backoff{retry_pause_first, retry_pause_max};
  while (true) {
    // Asked first, since a coroutine more costs every call something.
    if (!connection_->connected()) {
      const bool connected = co_await connection_->wait_connected(unreached);
      if (!connected) break;
    }
    if (std::chrono::steady_clock::now() >= deadline) break;
    if (!connection_->has_room())
      co_return Error{Reason::overloaded, "too many calls wait for Redis"};
    encode(connection_->output(), trial.sending);
    Answer answer = co_await connection_->submit(deadline);
    if (answer.end == Answer::End::late) co_return unavailable("Redis did not answer in time");
    if (answer.end == Answer::End::not_sent) continue;
    if (answer.end == Answer::End::lost) {
      trial.trouble = "the connection to Redis broke";
      if (repeat == Repeat::no) co_return unavailable(std::move(trial.trouble));
      trial.sending.again = true;
      continue;
    }
    if (!answer.reply.is(Reply::Kind::error)) co_return std::move(answer.reply);
    if (!learn_from(answer.reply.text, trial))
      co_return Error{Reason::store_refused, std::move(trial.trouble)};
    if (!trial.pause) continue;
    if (has_spool && away()) break;
    co_await pause(deadline, backoff.next());
  }
  const bool unconnected =
      !connection_->connected() && trial.at_deadline == Reason::store_unavailable;
  if (unconnected) trial.trouble = "no connection to Redis; the log says why";
  if (trial.trouble.empty()) trial.trouble = "there was no time left";
  co_return Error{trial.at_deadline, std::move(trial.trouble)};
}

Task<Result<Reply>> RedisStore::ask(const Encode& encode, Deadline deadline) {
  const bool connected = co_await connection_->wait_connected(deadline);
  if (!connected) co_return unavailable("no connection to Redis: " + connection_->trouble());
  if (!connection_->has_room())
    co_return Error{Reason::overloaded, "too many calls wait for Redis"};
  encode(connection_->output(), Sending{});
  Answer answer = co_await connection_->submit(deadline);
  if (answer.end == Answer::End::late) co_return unavailable("Redis did not answer in time");
  if (answer.end != Answer::End::reply) co_return unavailable("the connection to Redis broke");
  co_return std::move(answer.reply);
}

}  // namespace signalbox
