#include "gateway/api/inbox_answers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "event/json.hpp"
#include "event/json_escape.hpp"
#include "event/json_writer.hpp"

namespace signalbox::api {
namespace {

constexpr std::size_t summary_bytes_max = 1024;  // of a truncated message
constexpr std::size_t works_max = 20;            // in a digest
constexpr std::string_view cut_mark = "…";

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

// The text as a JSON string of at most `bytes` bytes, cut between characters. Empty where there is
// no room for one.
std::string quoted_within(std::string_view text, std::size_t bytes) {
  std::string whole = quoted(text);
  if (whole.size() <= bytes) return whole;
  std::size_t least = 0;
  std::size_t most = text.size();
  std::string best;
  while (least < most) {
    const std::size_t middle = least + (most - least + 1) / 2;
    std::size_t end = middle;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
    std::string cut = quoted(std::string{text.substr(0, end)}.append(cut_mark));
    if (cut.size() <= bytes) {
      least = middle;
      best = std::move(cut);
    } else {
      most = middle - 1;
    }
  }
  return best;
}

// A message cut down: its ids, then as much of its summary as there is room for.
class TruncatedMessage {
 public:
  explicit TruncatedMessage(const LeasedMessage& leased) : leased_{leased} {
    const auto parsed = document_.parse_copy(leased.json);
    if (parsed) message_ = *parsed;
    id_ = std::string_view{leased.receipt}.substr(0, leased.receipt.rfind('.'));
    add("id", id_);
    add("type", message_["type"].string_or(""));
    for (const char* name : {"workid", "taskid", "causationid", "sequence"}) {
      add(name, message_[name].string_or(""));
    }
  }

  std::size_t size() const { return json().size(); }

  // Takes what it can use of the bytes that are left over; the number that it took.
  std::size_t grow(std::size_t bytes) {
    const std::size_t before = size();
    room_ = before + bytes;
    add("subject", message_["subject"].string_or(""));
    assert(size() <= room_);
    const std::size_t left = room_ - size();
    // Its quotes are there already.
    summary_ = quoted_within(message_["data"]["summary"].string_or(""),
                             std::min(left + 2, summary_bytes_max));
    if (summary_.empty()) summary_ = "\"\"";
    return size() - before;
  }

  std::string json() const {
    return fmt::format(
        R"({{"receipt":{},"deliveries":{},"truncated":true,"reference":"/v1/messages/{}",)"
        R"("message":{{{},"data":{{"summary":{}}}}}}})",
        quoted(leased_.receipt), leased_.deliveries, id_, fields_, summary_);
  }

 private:
  // Nothing that does not fit is added; only the id and the type always do.
  void add(std::string_view name, std::string_view value) {
    if (value.empty()) return;
    std::string field = fmt::format("{}\"{}\":{}", fields_.empty() ? "" : ",", name, quoted(value));
    if (size() + field.size() + 1 <= room_) fields_ += field;  // with the comma behind it
  }

  const LeasedMessage& leased_;
  JsonDocument document_;
  Json message_;
  std::string_view id_;
  std::size_t room_ = answer_truncated_bytes;
  std::string fields_;
  std::string summary_ = "\"\"";
};

// `[{"work":"w_…","count":3},…]`, as many as fit.
std::string works_json(const std::vector<Tally>& works, std::size_t bytes) {
  std::string list = "[";
  for (std::size_t i = 0; i < std::min(works.size(), works_max); ++i) {
    const std::string one = fmt::format("{}{{\"work\":{},\"count\":{}}}", i > 0 ? "," : "",
                                        quoted(works[i].name), works[i].count);
    if (list.size() + one.size() + 1 > bytes) break;
    list += one;
  }
  return list + "]";
}

std::vector<Tally> most_first(std::vector<Tally> tallies) {
  std::stable_sort(tallies.begin(), tallies.end(),
                   [](const Tally& a, const Tally& b) { return a.count > b.count; });
  return tallies;
}

// `,"digest":{…}` in at most `bytes` bytes, with as much detail as fits.
std::string digest_json(const Received& received, std::size_t bytes) {
  std::string start = fmt::format(",\"digest\":{{\"count\":{}", received.remaining);
  const std::string_view end = ",\"reference\":\"/v1/inbox\"}";
  std::string kinds;
  for (const Tally& tally : most_first(received.left_by_kind)) {
    kinds += fmt::format("{}{}:{}", kinds.empty() ? "" : ",", quoted(tally.name), tally.count);
  }
  kinds = ",\"by_kind\":{" + kinds + "}";
  if (start.size() + kinds.size() + end.size() > bytes) return start.append(end);
  start += kinds;
  constexpr std::string_view name = ",\"by_work\":";
  const std::size_t used = start.size() + name.size() + end.size();
  if (used + 2 <= bytes) {
    const std::string works = works_json(most_first(received.left_by_work), bytes - used);
    if (works.size() > 2) start.append(name).append(works);
  }
  return start.append(end);
}

}  // namespace

std::optional<Error> why_full(const Commit& commit, const CommitResult& result) {
  const bool senders = result.status == CommitStatus::sender_full;
  if (!senders && result.status != CommitStatus::mailbox_full) return std::nullopt;
  std::string_view why = "is full";
  if (!commit.quota.sender.empty()) why = "is half full, and the rest is kept for rules";
  if (senders) why = "holds all that one agent may have in it: a quarter";
  return Error{Reason::mailbox_full, fmt::format("mailbox '{}' {}", result.full_mailbox, why)};
}

std::string leased_json(const LeasedMessage& leased) {
  std::string out;
  JsonObject object{out};
  object.text("receipt", leased.receipt).number("deliveries", leased.deliveries);
  object.raw("message", leased.json).close();
  return out;
}

std::string received_json(const Received& received) {
  std::string out;
  JsonObject body{out};
  JsonArray messages{body.value("messages")};
  for (const LeasedMessage& leased : received.messages) messages.element() += leased_json(leased);
  messages.close();
  body.number("remaining", received.remaining).close();
  return out;
}

std::string received_json_within(const Received& received, std::uint64_t max_bytes) {
  const std::string tail = fmt::format("],\"remaining\":{}", received.remaining);
  const std::string least_digest = received.remaining > 0 ? digest_json(received, 0) : "";
  std::size_t used = std::string_view{"{\"messages\":["}.size() + tail.size() +
                     least_digest.size() + 1 + received.messages.size();
  std::vector<std::unique_ptr<TruncatedMessage>> truncated;
  for (const LeasedMessage& leased : received.messages) {
    truncated.push_back(leased.truncated ? std::make_unique<TruncatedMessage>(leased) : nullptr);
    used += leased.truncated ? truncated.back()->size() : leased_json(leased).size();
  }
  std::size_t left = max_bytes - std::min<std::size_t>(max_bytes, used);
  std::string out = "{\"messages\":[";
  for (std::size_t i = 0; i < received.messages.size(); ++i) {
    if (i > 0) out += ',';
    if (truncated[i]) left -= truncated[i]->grow(left);
    out += truncated[i] ? truncated[i]->json() : leased_json(received.messages[i]);
  }
  out += tail;
  if (received.remaining > 0) out += digest_json(received, least_digest.size() + left);
  return out + "}";
}

}  // namespace signalbox::api
