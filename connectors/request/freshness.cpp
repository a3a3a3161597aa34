#include "connectors/request/freshness.hpp"

#include <fmt/format.h>

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
    const Reason reason =
        verified.retries_refused() ? Reason::timestamp_out_of_range : Reason::timestamp_in_future;
    return Error{reason,
                 fmt::format("the signed time is {} s ahead of this machine's clock",
                             std::chrono::floor<std::chrono::seconds>(sent - received).count())};
  }
  return std::nullopt;
}

std::optional<Time> signed_time(Json milliseconds) {
  const auto sent = milliseconds_of(milliseconds);
  if (!sent) return std::nullopt;
  return Time{Milliseconds{*sent}};
}

std::optional<Error> age_error(const Verified& verified, Time happened) {
  const auto age = verified.terms().max_age;
  if (!age || happened >= verified.request().received - *age) return std::nullopt;
  return Error{Reason::timestamp_out_of_range,
               "the time that the body tells of is older than the source's max_age"};
}

}  // namespace signalbox
