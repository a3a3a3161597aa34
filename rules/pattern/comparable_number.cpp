#include "rules/pattern/comparable_number.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace signalbox {
namespace {

constexpr std::size_t digits_max = 17;  // of a 64-bit float

// Significant digits without zeros around them; the value is 0.d1d2d3… × 10^exponent. Zero has no
// digits.
struct Decimal {
  char digits[digits_max];
  std::size_t count = 0;
  std::int64_t exponent = 0;

  bool operator==(const Decimal& other) const noexcept {
    if (count != other.count) return false;
    if (count == 0) return true;
    return exponent == other.exponent && std::equal(digits, digits + count, other.digits);
  }
};

// Reads digits and point; false when there are more digits than a float can hold.
bool read_digits(std::string_view mantissa, Decimal& out) noexcept {
  bool fraction = false;
  std::size_t pending_zeros = 0;
  for (const char c : mantissa) {
    if (c == '.') {
      fraction = true;
      continue;
    }
    if (out.count == 0 && c == '0') {
      if (fraction) --out.exponent;
      continue;
    }
    if (!fraction) ++out.exponent;
    if (c == '0') {
      ++pending_zeros;
      continue;
    }
    if (out.count + pending_zeros + 1 > digits_max) return false;
    while (pending_zeros > 0) {
      out.digits[out.count++] = '0';
      --pending_zeros;
    }
    out.digits[out.count++] = c;
  }
  return true;
}

std::optional<Decimal> read_decimal(std::string_view text) noexcept {
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t e = std::min(text.find_first_of("eE"), text.size());
  Decimal decimal;
  if (!read_digits(text.substr(0, e), decimal)) return std::nullopt;
  if (e == text.size()) return decimal;
  std::string_view power = text.substr(e + 1);
  if (power.starts_with('+')) power.remove_prefix(1);
  std::int32_t exponent = 0;
  const auto [end, failed] = std::from_chars(power.data(), power.data() + power.size(), exponent);
  if (failed != std::errc{}) return std::nullopt;
  decimal.exponent += exponent;
  return decimal;
}

// The decimal that identifies the float. Where one digit does, the reference writes the nearest
// two: the smallest float is 4.9e-324 and not 5e-324.
std::optional<Decimal> shortest_decimal(double value) noexcept {
  char text[32];
  auto written = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific);
  auto decimal = read_decimal({text, static_cast<std::size_t>(written.ptr - text)});
  if (!decimal || decimal->count != 1) return decimal;
  written = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific, 1);
  return read_decimal({text, static_cast<std::size_t>(written.ptr - text)});
}

bool is_small_integer(std::string_view spelled) noexcept {
  constexpr std::size_t exact_digits = 15;
  return spelled.size() <= exact_digits &&
         std::all_of(spelled.begin(), spelled.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

std::optional<double> comparable_number(std::string_view spelled) {
  double value = 0;
  const auto [end, failed] =
      std::from_chars(spelled.data(), spelled.data() + spelled.size(), value);
  if (failed != std::errc{} || end != spelled.data() + spelled.size()) return std::nullopt;
  value += 0.0;  // -0 is 0
  if (is_small_integer(spelled)) return value;
  const auto wanted = read_decimal(spelled);
  const auto found = shortest_decimal(value);
  if (!wanted || !found || *wanted != *found) return std::nullopt;
  return value;
}

}  // namespace signalbox
