#include "event/clock.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace signalbox {
namespace {

// Reads exactly `digits` decimal digits and advances.
std::optional<int> read_digits(std::string_view& text, std::size_t digits) {
  if (text.size() < digits) return std::nullopt;
  int value = 0;
  for (char c : text.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  text.remove_prefix(digits);
  return value;
}

bool read_char(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<int> read_fraction_ms(std::string_view& text) {
  if (text.empty() || text.front() != '.') return 0;
  text.remove_prefix(1);
  int ms = 0;
  std::size_t digits = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9') {
    if (digits < 3) ms = ms * 10 + (text.front() - '0');
    ++digits;
    text.remove_prefix(1);
  }
  if (digits == 0) return std::nullopt;
  for (std::size_t i = digits; i < 3; ++i) ms *= 10;
  return ms;
}

std::optional<std::chrono::minutes> read_offset(std::string_view& text) {
  if (read_char(text, "Zz")) return std::chrono::minutes{0};
  if (text.empty() || (text.front() != '+' && text.front() != '-')) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto hours = read_digits(text, 2);
  read_char(text, ":");  // "+0200" is common in tracker payloads
  const auto minutes = read_digits(text, 2);
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return std::chrono::minutes{sign * (*hours * 60 + *minutes)};
}

// The last `digits` decimal digits of a number that is not negative.
void append_digits(std::string& out, std::int64_t number, std::size_t digits) {
  out.append(digits, '0');
  for (auto digit = out.rbegin(); digits > 0; --digits, ++digit, number /= 10)
    *digit = static_cast<char>('0' + number % 10);
}

constexpr std::array<std::pair<std::string_view, std::int64_t>, 5> units{
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

}  // namespace

void append_time(std::string& out, Time time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss clock{time - day};
  append_digits(out, static_cast<int>(date.year()), 4);
  append_digits(out += '-', static_cast<unsigned>(date.month()), 2);
  append_digits(out += '-', static_cast<unsigned>(date.day()), 2);
  append_digits(out += 'T', clock.hours().count(), 2);
  append_digits(out += ':', clock.minutes().count(), 2);
  append_digits(out += ':', clock.seconds().count(), 2);
  const auto ms = clock.subseconds().count();
  if (ms != 0) append_digits(out += '.', ms, 3);
  out += 'Z';
}

std::string format_time(Time time) {
  std::string text;
  append_time(text, time);
  return text;
}

std::optional<Time> parse_time(std::string_view text) {
  const auto year = read_digits(text, 4);
  if (!year || !read_char(text, "-")) return std::nullopt;
  const auto month = read_digits(text, 2);
  if (!month || !read_char(text, "-")) return std::nullopt;
  const auto day = read_digits(text, 2);
  if (!day || !read_char(text, "Tt ")) return std::nullopt;
  const auto hour = read_digits(text, 2);
  if (!hour || !read_char(text, ":")) return std::nullopt;
  const auto minute = read_digits(text, 2);
  if (!minute || !read_char(text, ":")) return std::nullopt;
  const auto second = read_digits(text, 2);
  const auto fraction = second ? read_fraction_ms(text) : std::nullopt;
  const auto offset = fraction ? read_offset(text) : std::nullopt;
  if (!offset || !text.empty()) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{*year},
                                         std::chrono::month{static_cast<unsigned>(*month)},
                                         std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return Time{std::chrono::sys_days{date}} + std::chrono::hours{*hour} +
         std::chrono::minutes{*minute} + std::chrono::seconds{*second} + Milliseconds{*fraction} -
         *offset;
}

std::optional<Milliseconds> parse_duration(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || text.front() == '-') return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  for (const auto& [name, ms] : units) {
    if (name != unit) continue;
    if (count > std::numeric_limits<std::int64_t>::max() / ms) return std::nullopt;
    return Milliseconds{count * ms};
  }
  return std::nullopt;
}

std::string format_duration(Milliseconds duration) {
  if (duration.count() == 0) return "0s";
  for (const auto& [name, ms] : units) {
    if (duration.count() % ms == 0) return fmt::format("{}{}", duration.count() / ms, name);
  }
  return fmt::format("{}ms", duration.count());
}

}  // namespace signalbox
