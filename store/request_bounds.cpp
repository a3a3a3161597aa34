#include "store/request_bounds.hpp"

#include <algorithm>

#include "coordination/packed_id.hpp"
#include "store/stored_record.hpp"

namespace signalbox {
namespace {

std::optional<Error> unless(bool good, std::string_view what) {
  return good ? std::nullopt : std::optional{out_of_bounds(what)};
}

bool is_within(std::int64_t value, std::int64_t min, std::int64_t max) {
  return value >= min && value <= max;
}

// Empty, or letters and digits that no other state of a lease is written as.
bool is_lease(std::string_view text) {
  const auto plain = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  return text.size() <= lease_bytes_max && text != "0" &&
         std::all_of(text.begin(), text.end(), plain);
}

std::optional<Error> check(const Record& record) {
  if (!pack_id(record.event)) return out_of_bounds("the event's id");
  if (record.attempt.size() != attempt_chars) return out_of_bounds("the attempt mark");
  if (record.json.size() > record_json_bytes_max) return out_of_bounds("the record");
  if (record.keep.count() <= 0) return out_of_bounds("the time to keep the record");
  const auto received_ms = record.received.time_since_epoch().count();
  return unless(is_within(received_ms, received_ms_min, received_ms_max), "the time");
}

}  // namespace

Error out_of_bounds(std::string_view what) {
  return Error{Reason::invalid_argument, std::string{what}.append(" is out of bounds")};
}

std::optional<Error> check(const Commit& commit) {
  if (auto wrong = check(commit.record)) return wrong;
  if (commit.alias.name.size() > alias_name_bytes_max) return out_of_bounds("the name of the work");
  if (commit.seen.size() > facts_max) return out_of_bounds("the number of facts");
  if (commit.appends.size() > appends_max) return out_of_bounds("the number of messages");
  for (std::size_t i = 0; i < commit.seen.size(); ++i) {
    const Seen& seen = commit.seen[i];
    if (!is_within(seen.window.count(), 1, window_ms_max))
      return out_of_bounds("the window of a fact");
    for (std::size_t k = 0; k < i; ++k) {
      if (commit.seen[k].family == seen.family) return out_of_bounds("a second fact of one family");
    }
  }
  for (const Append& append : commit.appends) {
    if (append.id.empty() || append.id.size() > message_id_bytes_max)
      return out_of_bounds("the id of a message");
  }
  return std::nullopt;
}

std::optional<Error> check(const ReceiveRequest& request) {
  if (!is_within(request.max, 1, receive_max)) return out_of_bounds("max");
  if (request.max_bytes > 0 && request.max_bytes < answer_bytes_least)
    return out_of_bounds("max_bytes");
  if (request.holder.size() > holder_bytes_max || request.holder.find('\0') != std::string::npos)
    return out_of_bounds("holder");
  if (!is_lease(request.lease)) return out_of_bounds("lease");
  return check_visibility(request.visibility);
}

std::optional<Error> check(const RedriveRequest& request) {
  if (!is_within(request.max, 1, redrive_max)) return out_of_bounds("max");
  return unless(request.ids.size() <= redrive_max, "the number of messages");
}

std::optional<Error> check(const EventQuery& query) {
  if (!parse_cursor(query.cursor)) return out_of_bounds("cursor");
  return unless(is_within(query.max, 1, events_max), "max");
}

std::optional<Error> check_receipts(std::size_t count) {
  return unless(count <= receipts_max, "the number of receipts");
}

std::optional<Error> check_visibility(Milliseconds visibility) {
  return unless(visibility.count() > 0, "visibility");
}

std::optional<Error> check_peek(std::uint32_t max) {
  return unless(is_within(max, 1, receive_max), "max");
}

std::optional<Error> check_keep(Milliseconds keep) { return unless(keep.count() > 0, "keep"); }

}  // namespace signalbox
