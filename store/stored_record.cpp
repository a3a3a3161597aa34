#include "store/stored_record.hpp"

#include <algorithm>
#include <charconv>

#include "event/ids.hpp"

namespace signalbox {
namespace {

// store/script/record.lua has the same places, counted from 1.
constexpr std::size_t length_digits = 8;
constexpr std::size_t time_digits = 13;
constexpr std::size_t time_at = 1 + attempt_chars;
constexpr std::size_t length_at = time_at + time_digits;
static_assert(length_at + length_digits == stored_head_bytes);

// Digits that Lua's numbers hold exactly.
bool is_count(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 15 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

void write_digits(std::span<char> out, std::uint64_t number) noexcept {
  for (std::size_t i = out.size(); i-- > 0; number /= 10)
    out[i] = static_cast<char>('0' + number % 10);
}

std::array<char, stored_head_bytes> stored_record_head(const Record& record) noexcept {
  std::array<char, stored_head_bytes> head{};
  const std::span<char> out{head};
  out[0] = static_cast<char>(record.outcome);
  record.attempt.copy(&out[1], attempt_chars);
  write_digits(out.subspan(time_at, time_digits),
               static_cast<std::uint64_t>(record.received.time_since_epoch().count()));
  write_digits(out.subspan(length_at, length_digits), record.json.size());
  return head;
}

Result<StoredEvent> read_stored_record(std::string_view stored) {
  if (stored.size() < stored_head_bytes) return unexpected_reply("a record");
  const auto outcome = outcome_from(stored[0]);
  const std::string_view digits = stored.substr(length_at, length_digits);
  std::size_t length = 0;
  const auto [end, failed] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
  if (!outcome || failed != std::errc{} || end != digits.data() + digits.size() ||
      stored.size() - stored_head_bytes < length) {
    return unexpected_reply("a record");
  }
  StoredEvent event;
  event.outcome = *outcome;
  event.record = stored.substr(stored_head_bytes, length);
  const std::string_view body = stored.substr(stored_head_bytes + length);
  if (!body.empty()) event.body = body;
  return event;
}

std::optional<Outcome> outcome_from(char letter) noexcept {
  for (const Outcome outcome : all_outcomes) {
    if (static_cast<char>(outcome) == letter) return outcome;
  }
  return std::nullopt;
}

std::optional<EventCursor> parse_cursor(std::string_view cursor) noexcept {
  if (cursor.empty()) return EventCursor{};
  const std::size_t colon = cursor.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const EventCursor parsed{cursor.substr(0, colon), cursor.substr(colon + 1)};
  if (!is_count(parsed.day) || !is_count(parsed.position)) return std::nullopt;
  return parsed;
}

std::string draw_lease() {
  constexpr std::size_t random_chars = 12;  // 71 bits
  return "r" + random_text(random_chars);
}

Error unexpected_reply(std::string_view to) {
  return Error{Reason::internal_error, std::string{"unexpected reply of Redis to "}.append(to)};
}

}  // namespace signalbox
