// RedisStore: events, their bodies and what their works are called; and keeping the archive within
// its bounds.
#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "store/redis/redis_store.hpp"
#include "store/request_bounds.hpp"
#include "store/stored_record.hpp"

namespace signalbox {
namespace {

// Ids of one step, during which Redis answers nobody else: up to half a millisecond.
constexpr std::size_t trim_looked_max = 50;

}  // namespace

Task<Result<std::optional<StoredEvent>>> RedisStore::event(std::string id, Deadline deadline) {
  const Encode encode = [this, &id](std::string& out, Sending) {
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
  const Encode encode = [this, &alias](std::string& out, Sending) {
    CommandWriter{out, 2}.add("GET").add_joined({prefix_, "al:", alias});
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  if (!reply->is(Reply::Kind::string)) co_return std::optional<std::string>{};
  co_return std::optional<std::string>{reply->text.substr(0, reply->text.rfind(':'))};
}

Task<Result<EventPage>> RedisStore::events(const EventQuery& query, Deadline deadline) {
  if (auto wrong = check(query)) co_return std::move(*wrong);
  const EventCursor from = *parse_cursor(query.cursor);
  const std::pair request{&from, &query};
  const Encode encode = [this, &request](std::string& out, Sending sending) {
    const EventQuery& wanted = *request.second;
    auto writer = begin(out, ScriptName::events, sending, 13);
    writer.add(request.first->day).add(request.first->position);
    writer.add(wanted.max).add(events_looked_max).add(wanted.source).add(wanted.type);
    const char letter = wanted.outcome ? static_cast<char>(*wanted.outcome) : '\0';
    writer.add(std::string_view{&letter, wanted.outcome ? 1U : 0U}).add(wanted.rule);
    writer.add(wanted.work);
    for (const auto& time : {wanted.since, wanted.before}) {
      writer.add(time ? std::to_string(time->time_since_epoch().count()) : std::string{});
    }
    writer.add(wanted.work_id).add(wanted.delivery);
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
  if (auto wrong = check_keep(keep)) co_return std::move(*wrong);
  const std::tuple arguments{&event, &body, keep.count()};
  const Encode encode = [this, &arguments](std::string& out, Sending sending) {
    const auto& [id, text, keep_ms] = arguments;
    begin(out, ScriptName::archive, sending, 3).add(*id).add(*text).add(keep_ms);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return reply->integer == 1;
}

Task<Result<ArchiveState>> RedisStore::trim_archive(ArchiveBounds bounds, Deadline deadline) {
  const Encode encode = [this, &bounds](std::string& out, Sending sending) {
    begin(out, ScriptName::trim, sending, 4)
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

}  // namespace signalbox
