#include "store/redis/redis_store.hpp"

#include <boost/asio/as_tuple.hpp>

#include <algorithm>
#include <array>

#include "store/redis/server_error.hpp"
#include "store/stored_record.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;

constexpr std::size_t error_text_max = 200;
// Ids of one step, during which Redis answers nobody else: up to half a millisecond.
constexpr std::size_t trim_looked_max = 50;

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
      scripts_{std::make_shared<const Scripts>(options.time_script)},
      connection_{std::make_shared<RedisConnection>(io, std::move(options.endpoint), observer)} {}

RedisStore::RedisStore(const RedisStore& other, std::string_view space)
    : io_{other.io_},
      installation_{other.installation_},
      prefix_{key_prefix(installation_, space)},
      scripts_{other.scripts_},
      connection_{other.connection_} {}

CommandWriter RedisStore::begin(std::string& out, const Script& script, Attempt attempt,
                                std::size_t arguments) {
  CommandWriter writer{out, 4 + arguments};
  writer.add(attempt.whole ? "EVAL" : "EVALSHA").add(attempt.whole ? script.text : script.sha1);
  writer.add("1").add(prefix_);
  return writer;
}

Task<void> RedisStore::pause(Deadline deadline, Milliseconds time) {
  return pause_until(io_, std::min<Deadline>(deadline, std::chrono::steady_clock::now() + time));
}

// What an error of Redis means for the next attempt; false when there should be none.
bool RedisStore::learn_from(const std::string& error, Trial& trial) {
  trial.trouble = "Redis: " + error.substr(0, error_text_max);
  trial.pause = true;
  switch (classify(error)) {
    case ServerError::script_missing:
      trial.attempt.whole = true;
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
  Milliseconds wait = retry_pause_first;
  while (true) {
    // Asked first, since a coroutine more costs every call something.
    if (!connection_->connected()) {
      const bool connected = co_await connection_->wait_connected(deadline);
      if (!connected) break;
    }
    if (std::chrono::steady_clock::now() >= deadline) break;
    if (!connection_->has_room())
      co_return Error{Reason::overloaded, "too many calls wait for Redis"};
    encode(connection_->output(), trial.attempt);
    Answer answer = co_await connection_->submit(deadline);
    if (answer.end == Answer::End::late) co_return unavailable("Redis did not answer in time");
    if (answer.end == Answer::End::not_sent) continue;
    if (answer.end == Answer::End::lost) {
      trial.trouble = "the connection to Redis broke";
      if (repeat == Repeat::no) co_return unavailable(std::move(trial.trouble));
      trial.attempt.again = true;
      continue;
    }
    if (!answer.reply.is(Reply::Kind::error)) co_return std::move(answer.reply);
    if (!learn_from(answer.reply.text, trial))
      co_return Error{Reason::internal_error, std::move(trial.trouble)};
    if (!trial.pause) continue;
    co_await pause(deadline, wait);
    wait = std::min(wait * 2, retry_pause_max);
  }
  const bool away = !connection_->connected() && trial.at_deadline == Reason::store_unavailable;
  if (away) trial.trouble = "no connection to Redis: " + connection_->trouble();
  if (trial.trouble.empty()) trial.trouble = "there was no time left";
  co_return Error{trial.at_deadline, std::move(trial.trouble)};
}

Task<Result<std::optional<StoredEvent>>> RedisStore::event(std::string id, Deadline deadline) {
  const Encode encode = [this, &id](std::string& out, Attempt) {
    CommandWriter{out, 3}
        .add("MGET")
        .add_joined({prefix_, "ev:", id})
        .add_joined({prefix_, "eb:", id});
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  if (!reply->is(Reply::Kind::array) || reply->elements.size() != 2)
    co_return unexpected_reply("MGET");
  const Reply& record = reply->elements[0];
  const Reply& body = reply->elements[1];
  if (!record.is(Reply::Kind::string)) co_return std::optional<StoredEvent>{};
  auto stored = read_stored_record(record.text);
  if (!stored) co_return stored.error();
  if (stored->record.empty()) co_return std::optional<StoredEvent>{};  // left the archive: trim.lua
  if (!stored->body && body.is(Reply::Kind::string)) stored->body = body.text;
  co_return std::optional<StoredEvent>{std::move(*stored)};
}

Task<Result<std::optional<std::string>>> RedisStore::find_work(std::string alias,
                                                               Deadline deadline) {
  const Encode encode = [this, &alias](std::string& out, Attempt) {
    CommandWriter{out, 2}.add("GET").add_joined({prefix_, "al:", alias});
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  if (!reply->is(Reply::Kind::string)) co_return std::optional<std::string>{};
  co_return std::optional<std::string>{reply->text.substr(0, reply->text.rfind(':'))};
}

Task<Result<EventPage>> RedisStore::events(const EventQuery& query, Deadline deadline) {
  const auto from = parse_cursor(query.cursor);
  if (!from || query.max == 0 || query.max > events_max)
    co_return out_of_bounds(from ? "max" : "cursor");
  const std::pair request{&*from, &query};
  const Encode encode = [this, &request](std::string& out, Attempt attempt) {
    const EventQuery& wanted = *request.second;
    auto writer = begin(out, scripts_->events, attempt, 11);
    writer.add(request.first->day).add(request.first->position);
    writer.add(wanted.max).add(events_looked_max).add(wanted.source).add(wanted.type);
    const char letter = wanted.outcome ? static_cast<char>(*wanted.outcome) : '\0';
    writer.add(std::string_view{&letter, wanted.outcome ? 1U : 0U}).add(wanted.rule);
    writer.add(wanted.work);
    for (const auto& time : {wanted.since, wanted.before}) {
      writer.add(time ? std::to_string(time->time_since_epoch().count()) : std::string{});
    }
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  if (!reply->is(Reply::Kind::array) || reply->elements.empty())
    co_return unexpected_reply("events");
  EventPage page;
  page.next = reply->elements[0].text;
  for (std::size_t i = 1; i < reply->elements.size(); ++i) {
    const std::string& text = reply->elements[i].text;
    const auto outcome = text.empty() ? std::nullopt : outcome_from(text[0]);
    if (!outcome) co_return unexpected_reply("events");
    page.events.push_back(StoredEvent{*outcome, text.substr(1), std::nullopt});
  }
  co_return page;
}

Task<Result<bool>> RedisStore::archive_body(std::string event, std::string body, Milliseconds keep,
                                            Deadline deadline) {
  if (keep.count() <= 0) co_return out_of_bounds("keep");
  const std::tuple arguments{&event, &body, keep.count()};
  const Encode encode = [this, &arguments](std::string& out, Attempt attempt) {
    const auto& [id, text, keep_ms] = arguments;
    begin(out, scripts_->archive, attempt, 3).add(*id).add(*text).add(keep_ms);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return reply->integer == 1;
}

Task<Result<ArchiveState>> RedisStore::trim_archive(ArchiveBounds bounds, Deadline deadline) {
  const Encode encode = [this, &bounds](std::string& out, Attempt attempt) {
    begin(out, scripts_->trim, attempt, 4)
        .add(bounds.events)
        .add(bounds.bytes)
        .add(bounds.remember_id.count())
        .add(trim_looked_max);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  if (reply->elements.size() != 5) co_return unexpected_reply("trim");
  std::array<std::uint64_t, 5> numbers{};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<std::uint64_t>(std::max<std::int64_t>(0, reply->elements[i].integer));
  }
  co_return ArchiveState{numbers[0] == 1, numbers[1], numbers[2], numbers[3], numbers[4]};
}

Task<Result<bool>> RedisStore::ping(Deadline deadline) {
  const Encode encode = [](std::string& out, Attempt) { CommandWriter{out, 1}.add("PING"); };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return true;
}

Task<Result<ServerFacts>> RedisStore::inspect(Deadline deadline) {
  const Encode ask_info = [](std::string& out, Attempt) { CommandWriter{out, 1}.add("INFO"); };
  const auto info = co_await run(ask_info, Repeat::yes, deadline);
  if (!info) co_return info.error();
  std::string config;
  // Two questions: before version 7 CONFIG GET takes one name. Managed servers allow none.
  for (const std::string_view name : {"appendfsync", "save"}) {
    const Encode ask_config = [&name](std::string& out, Attempt) {
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
