// What the calls of a store take, whichever store it is: invalid_argument, which names what is out
// of its bounds, or nothing. Pure; thread-safe.
#pragma once

#include <optional>

#include "store/store.hpp"

namespace signalbox {

inline constexpr std::size_t record_json_bytes_max = 1024 * 1024;
inline constexpr std::size_t alias_name_bytes_max = 1024;
inline constexpr std::size_t message_id_bytes_max = 999;  // three digits say how long it is
inline constexpr std::size_t holder_bytes_max = 128;
inline constexpr std::size_t lease_bytes_max = 16;
inline constexpr std::size_t facts_max = 9;         // of one commit: a digit counts them
inline constexpr std::size_t appends_max = 65'535;  // of one commit: two bytes count them
// Times have 13 digits of milliseconds: 2001 to 2286. A window, twice, behind now has them too
// until 2096.
inline constexpr std::int64_t received_ms_min = 1'000'000'000'000;
inline constexpr std::int64_t received_ms_max = 9'999'999'999'999;
inline constexpr std::int64_t window_ms_max = 3'000'000'000'000;

std::optional<Error> check(const Commit& commit);
std::optional<Error> check(const ReceiveRequest& request);
std::optional<Error> check(const RedriveRequest& request);
std::optional<Error> check(const EventQuery& query);
std::optional<Error> check_receipts(std::size_t count);
std::optional<Error> check_visibility(Milliseconds visibility);
std::optional<Error> check_peek(std::uint32_t max);
std::optional<Error> check_keep(Milliseconds keep);

Error out_of_bounds(std::string_view what);

}  // namespace signalbox
