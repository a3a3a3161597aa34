// RedisStore: how a call is carried out, whatever it asks; and what is asked of the server itself.
#include "store/redis/redis_store.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>

#include "store/backoff.hpp"
#include "store/redis/server_error.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;

constexpr std::size_t error_text_max = 200;

Error unavailable(std::string detail) {
  return Error{Reason::store_unavailable, std::move(detail)};
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
      scripts_{std::make_shared<const Scripts>(options.time_script)},
      connection_{std::make_shared<RedisConnection>(io, std::move(options.endpoint), observer)} {}

RedisStore::RedisStore(const RedisStore& other, std::string_view space)
    : io_{other.io_},
      installation_{other.installation_},
      prefix_{key_prefix(installation_, space)},
      dead_letters_max_{other.dead_letters_max_},
      scripts_{other.scripts_},
      connection_{other.connection_} {}

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

// What an error of Redis means for the next try; false when there should be none.
bool RedisStore::learn_from(const std::string& error, Trial& trial) {
  trial.trouble = "Redis: " + error.substr(0, error_text_max);
  trial.pause = true;
  switch (classify(error)) {
    case ServerError::script_missing:
      trial.sending.whole = true;
      trial.pause = false;
      return true;
    case ServerError::wrong_server:
      trial.at_deadline = Reason::store_refused;
      connection_->reset(trial.trouble);
      return true;
    case ServerError::refused:
      trial.at_deadline = Reason::store_refused;
      return true;
    case ServerError::not_now:
      return true;
    case ServerError::defect:
      break;
  }
  return false;
}

Task<Result<Reply>> RedisStore::run(const Encode& encode, Repeat repeat, Deadline deadline) {
  Trial trial;
  Backoff backoff{retry_pause_first, retry_pause_max};
  while (true) {
    // Asked first, since a coroutine more costs every call something.
    if (!connection_->connected()) {
      const bool connected = co_await connection_->wait_connected(deadline);
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
      co_return Error{Reason::internal_error, std::move(trial.trouble)};
    if (!trial.pause) continue;
    co_await pause(deadline, backoff.next());
  }
  const bool away = !connection_->connected() && trial.at_deadline == Reason::store_unavailable;
  if (away) trial.trouble = "no connection to Redis: " + connection_->trouble();
  if (trial.trouble.empty()) trial.trouble = "there was no time left";
  co_return Error{trial.at_deadline, std::move(trial.trouble)};
}

Task<Result<bool>> RedisStore::ping(Deadline deadline) {
  const Encode encode = [](std::string& out, Sending) { CommandWriter{out, 1}.add("PING"); };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return true;
}

Task<Result<ServerFacts>> RedisStore::inspect(Deadline deadline) {
  const Encode ask_info = [](std::string& out, Sending) { CommandWriter{out, 1}.add("INFO"); };
  const auto info = co_await run(ask_info, Repeat::yes, deadline);
  if (!info) co_return info.error();
  std::string config;
  // Two questions: before version 7 CONFIG GET takes one name. Managed servers allow none.
  for (const std::string_view name : {"appendfsync", "save"}) {
    const Encode ask_config = [&name](std::string& out, Sending) {
      CommandWriter{out, 3}.add("CONFIG").add("GET").add(name);
    };
    const auto reply = co_await run(ask_config, Repeat::yes, deadline);
    if (!reply && reply.error().reason != Reason::internal_error) co_return reply.error();
    if (!reply) break;
    for (const Reply& element : reply->elements) config += element.text + "\n";
  }
  co_return read_server_facts(info->text, config);
}

}  // namespace signalbox
