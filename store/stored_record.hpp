// The forms that records and cursors have between RedisStore and its scripts. Pure.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "store/store.hpp"

namespace signalbox {

// The value of `ev:<id>` is this, the JSON, and the body; script/record.lua has the same layout.
inline constexpr std::size_t stored_head_bytes = 1 + attempt_chars + 13 + 8;
std::array<char, stored_head_bytes> stored_record_head(const Record& record) noexcept;

// The last out.size() decimal digits, with leading zeros.
void write_digits(std::span<char> out, std::uint64_t number) noexcept;

// internal_error for a text that is none.
Result<StoredEvent> read_stored_record(std::string_view stored);

std::optional<Outcome> outcome_from(char letter) noexcept;

// Where a page of events goes on: both empty for the newest.
struct EventCursor {
  std::string_view day;
  std::string_view position;
};
// Reads "" or "<day>:<position>"; nothing for anything else. The views are the argument's.
std::optional<EventCursor> parse_cursor(std::string_view cursor) noexcept;

// What the receipts of one receive end with: random, and no number as earlier versions had.
std::string draw_lease();

Error unexpected_reply(std::string_view to);  // internal_error

}  // namespace signalbox
