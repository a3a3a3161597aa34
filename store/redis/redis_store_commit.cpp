// RedisStore::commit: one call of commit.lua, which see for the arguments.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "coordination/packed_id.hpp"
#include "event/ids.hpp"
#include "store/redis/redis_store.hpp"
#include "store/request_bounds.hpp"
#include "store/stored_record.hpp"

namespace signalbox {
namespace {

constexpr std::size_t group_bytes_max = 64;

// What a fingerprint is made into: digits of base 4 that choose a bucket, and what is kept in it.
constexpr std::size_t place_bytes = 3;
constexpr std::size_t place_digits = 10;
constexpr std::size_t kept_bytes = 7;

// The script's answers, beside the usual ones.
constexpr std::int64_t name_differs = 3;
constexpr std::int64_t to_be_followed = 4;
constexpr std::int64_t senders_share_is_full = 5;

// Groups become parts of sorted members, with a NUL behind them. A view of the argument's, or of
// `scratch`.
std::string_view group_of(const Append& append, std::string& scratch) {
  if (append.group.empty()) return append.id;
  const bool plain =
      append.group.size() <= group_bytes_max && append.group.find('\0') == std::string::npos;
  if (plain) return append.group;
  scratch = base62(sha256(append.group));
  return scratch;
}

Result<CommitResult> read_result(const Reply& reply) {
  CommitResult result;
  if (reply.is(Reply::Kind::integer)) {
    if (reply.integer != 0) return unexpected_reply("commit");
    return result;
  }
  const auto& elements = reply.elements;
  if (elements.size() == 2 && elements[0].integer == name_differs) {
    result.status = CommitStatus::event_mismatch;
    result.first_event = elements[1].text;
    return result;
  }
  if (elements.size() == 3 && elements[0].integer == to_be_followed) {
    result.status = CommitStatus::partly_dropped;
    result.first_attempt = elements[1].text;
    result.first_record = elements[2].text;
    return result;
  }
  if (elements.size() == 2) {
    const bool senders = elements[0].integer == senders_share_is_full;
    result.status = senders ? CommitStatus::sender_full : CommitStatus::mailbox_full;
    result.full_mailbox = elements[1].text;
    return result;
  }
  const auto outcome = elements.size() == 4 && elements[2].text.size() == 1
                           ? outcome_from(elements[2].text[0])
                           : std::nullopt;
  if (!outcome) return unexpected_reply("commit");
  result.status = CommitStatus::duplicate;
  result.first_event = elements[1].text;
  result.first_outcome = *outcome;
  result.first_record = elements[3].text;
  return result;
}

std::string_view view(const Fingerprint& fingerprint) {
  return {fingerprint.data(), fingerprint.size()};
}

std::array<char, place_digits> place_of(const Fingerprint& fingerprint) {
  std::array<char, place_digits> digits;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    const auto byte = static_cast<unsigned char>(fingerprint[i / 4]);
    digits[i] = static_cast<char>('0' + (byte >> (2 * (i % 4)) & 3));
  }
  static_assert(place_digits <= 4 * place_bytes);
  return digits;
}

// As mailbox.lua reads what comes in.
void add_item(CommandWriter& writer, const Append& append) {
  std::string scratch;
  const std::string_view group = group_of(append, scratch);
  std::array<char, 6> lengths{};
  write_digits(std::span{lengths}.first(3), append.id.size());
  write_digits(std::span{lengths}.last(3), group.size());
  writer.add_joined({{lengths.data(), lengths.size()}, append.id, group, append.json});
}

void add_fact(CommandWriter& writer, const Seen& seen) {
  const auto place = place_of(seen.fingerprint);
  const std::string_view kept = view(seen.fingerprint).substr(place_bytes, kept_bytes);
  const std::string guard = seen.guard ? fmt::format(":{}", seen.guard->count()) : std::string{};
  writer.add(seen.family);
  writer.add_joined(
      {kept, {place.data(), place.size()}, std::to_string(seen.window.count()), guard});
}

// Behind the messages: what the record follows, and the quota, which has an empty one of the former
// before it.
std::size_t last_arguments(const Commit& commit) {
  if (!commit.quota.sender.empty()) return 4;
  return commit.follows.empty() ? 0 : 1;
}

void add_last(CommandWriter& writer, const Commit& commit) {
  if (last_arguments(commit) > 0) writer.add(commit.follows);
  const SenderQuota& quota = commit.quota;
  if (quota.sender.empty()) return;
  writer.add(quota.sender).add(quota.messages_max).add(quota.bytes_max);
}

// The record is the memory of its own id while it is kept.
bool is_kept_by_record(const Seen& seen, const Fingerprint& own, const Record& record) {
  return seen.fingerprint == own && record.keep >= seen.window;
}

}  // namespace

void RedisStore::encode_commit(std::string& out, Sending sending, const Commit& commit) {
  const Record& record = commit.record;
  const Fingerprint own = *pack_id(record.event);
  std::size_t facts = 0;
  for (const Seen& seen : commit.seen) {
    if (!is_kept_by_record(seen, own, record)) ++facts;
  }
  assert(facts <= facts_max && commit.appends.size() <= appends_max);
  auto writer = begin(out, ScriptName::commit, sending,
                      9 + 2 * facts + 2 * commit.appends.size() + last_arguments(commit));
  const std::array tag{static_cast<char>(record.name_tag >> 8),
                       static_cast<char>(record.name_tag & 0xFF)};
  writer.add(record.event)
      .add_joined({std::string_view{record.event}.substr(0, 1),
                   view(own),
                   {tag.data(), record.name_tag == 0 ? 0 : tag.size()}});
  const auto head = stored_record_head(record);
  writer.add_joined({{head.data(), head.size()}, record.json, record.body});
  writer.add(record.keep.count()).add(commit.mailbox_max);
  const std::size_t messages = commit.appends.size();
  const std::array terms{record.listed ? 'l' : 'u', facts < commit.seen.size() ? '1' : '0',
                         static_cast<char>('0' + facts), static_cast<char>(messages >> 8),
                         static_cast<char>(messages & 0xFF)};
  writer.add_joined({{terms.data(), terms.size()}, std::to_string(alias_keep.count())});
  writer.add(commit.alias.name).add(commit.alias.work).add(commit.mailbox_bytes_max);
  for (const Seen& seen : commit.seen) {
    if (!is_kept_by_record(seen, own, record)) add_fact(writer, seen);
  }
  for (const Append& append : commit.appends) {
    writer.add(append.mailbox);
    add_item(writer, append);
  }
  add_last(writer, commit);
}

Task<Result<CommitResult>> RedisStore::commit(const Commit& commit, Deadline deadline) {
  if (auto wrong = check(commit)) co_return std::move(*wrong);
  const Encode encode = [this, &commit](std::string& out, Sending sending) {
    encode_commit(out, sending, commit);
  };
  // The usual way, without another coroutine.
  const bool now = connection_->connected() && connection_->has_room() &&
                   std::chrono::steady_clock::now() < deadline;
  if (now) {
    encode(connection_->output(), Sending{});
    const Answer answer = co_await connection_->submit(deadline);
    if (answer.end == Answer::End::late)
      co_return Error{Reason::store_unavailable, "Redis did not answer in time"};
    const bool answered = answer.end == Answer::End::reply;
    if (answered && !answer.reply.is(Reply::Kind::error)) {
      refusals_->taken();
      co_return read_result(answer.reply);
    }
  }
  const auto reply = co_await run(encode, Repeat::yes, deadline, spooled_);
  if (!reply) co_return reply.error();
  refusals_->taken();
  co_return read_result(*reply);
}

}  // namespace signalbox
