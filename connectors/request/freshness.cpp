#include "connectors/request/freshness.hpp"

#include <charconv>
#include <cmath>

namespace signalbox {
namespace {

// Doubles are exact up to here, which as milliseconds is far behind any clock.
constexpr double exact_max = 9'007'199'254'740'991.0;

std::optional<std::int64_t> milliseconds_of(Json value) {
  if (const auto exact = value.integer()) return exact;
  if (const auto inexact = value.number()) {
    return std::llround(std::clamp(*inexact, -exact_max, exact_max));
  }
  const auto text = value.string().value_or(std::string_view{});
  std::int64_t parsed = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), parsed);
  if (text.empty() || failed != std::errc{} || end != text.data() + text.size()) return {};
  return parsed;
}

}  // namespace

std::optional<Error> freshness_error(const Verified& verified, Time sent) {
  const auto window = verified.replay_window();
  if (!window) return std::nullopt;
  const Time received = verified.request().received;
  if (sent < received - *window) {
    return Error{Reason::timestamp_out_of_range,
                 "the signed time is older than the deduplication window"};
  }
  if (sent > received + clock_skew_max) {
    return Error{Reason::timestamp_out_of_range, "the signed time is in the future"};
  }
  return std::nullopt;
}

std::optional<Error> freshness_error(const Verified& verified, Json signed_ms) {
  if (!signed_ms) return std::nullopt;
  const auto sent = milliseconds_of(signed_ms);
  if (!sent) return Error{Reason::malformed_body, "the signed time is no number of milliseconds"};
  return freshness_error(verified, Time{Milliseconds{*sent}});
}

}  // namespace signalbox
