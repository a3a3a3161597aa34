// RedisStore::commit: one call of commit.lua, which see for the arguments.
#include <algorithm>

#include "coordination/packed_id.hpp"
#include "event/ids.hpp"
#include "store/redis_store.hpp"
#include "store/stored_record.hpp"

namespace signalbox {
namespace {

constexpr std::size_t group_bytes_max = 64;

// Places in a fingerprint: what chooses the bucket, and what is kept in it.
constexpr std::size_t place_bytes = 3;
constexpr std::size_t kept_bytes = 7;

// Groups become parts of sorted members, with a NUL behind them.
std::string group_of(const Append& append) {
  if (append.group.empty()) return append.id;
  const bool plain =
      append.group.size() <= group_bytes_max && append.group.find('\0') == std::string::npos;
  return plain ? append.group : base62(sha256(append.group));
}

// invalid_argument for what the script cannot hold.
std::optional<Error> check(const Commit& commit) {
  const Record& record = commit.record;
  if (!pack_id(record.event)) return out_of_bounds("the event's id");
  if (record.attempt.size() != attempt_chars) return out_of_bounds("the attempt mark");
  if (record.json.size() > record_json_bytes_max) return out_of_bounds("the record");
  if (record.keep.count() <= 0) return out_of_bounds("the time to keep the record");
  for (const Seen& seen : commit.seen) {
    if (seen.window.count() <= 0) return out_of_bounds("the window of a fact");
  }
  return std::nullopt;
}

Result<CommitResult> read_result(const Reply& reply) {
  CommitResult result;
  if (reply.is(Reply::Kind::integer)) return result;
  const auto& elements = reply.elements;
  if (elements.size() == 2) {
    result.status = CommitStatus::mailbox_full;
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

}  // namespace

void RedisStore::encode_commit(std::string& out, Attempt attempt, const Commit& commit) {
  const Record& record = commit.record;
  const Fingerprint own = *pack_id(record.event);
  auto writer =
      begin(out, scripts_.commit, attempt, 7 + 3 * commit.seen.size() + 4 * commit.appends.size());
  writer.add(record.event).add_joined({std::string_view{record.event}.substr(0, 1), view(own)});
  writer.add_joined({stored_record_head(record), record.json, record.body})
      .add(record.keep.count());
  writer.add(commit.mailbox_max).add(record.listed ? "1" : "0").add(commit.seen.size());
  for (const Seen& seen : commit.seen) {
    const std::string_view kind = seen.fingerprint == own ? "o" : "v";
    writer.add(seen.space).add(seen.window.count());
    writer.add_joined({kind, view(seen.fingerprint).substr(0, place_bytes + kept_bytes)});
  }
  for (const Append& append : commit.appends) {
    writer.add(append.mailbox).add(group_of(append)).add(append.id).add(append.json);
  }
}

Task<Result<CommitResult>> RedisStore::commit(const Commit& commit, Deadline deadline) {
  if (auto wrong = check(commit)) co_return std::move(*wrong);
  const Encode encode = [this, &commit](std::string& out, Attempt attempt) {
    encode_commit(out, attempt, commit);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return read_result(*reply);
}

}  // namespace signalbox
