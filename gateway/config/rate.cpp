#include "gateway/config/rate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "gateway/config/sections.hpp"

namespace signalbox {
namespace {

constexpr Milliseconds second{1000};

// As many as come in `burst_seconds`, or in the period if that is longer.
std::uint32_t usual_burst(const Rate& rate) noexcept {
  const std::uint64_t span =
      std::max<std::uint64_t>(static_cast<std::uint64_t>(burst_seconds) * 1000,
                              static_cast<std::uint64_t>(rate.period.count()));
  const std::uint64_t burst = rate.count * span / static_cast<std::uint64_t>(rate.period.count());
  return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(burst, 1, rate_count_max));
}

std::optional<Rate> parse_rate(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  Rate rate;
  const std::string_view count = text.substr(0, slash);
  const auto [end, failed] = std::from_chars(count.data(), count.data() + count.size(), rate.count);
  if (failed != std::errc{} || end != count.data() + count.size()) return std::nullopt;
  if (rate.count == 0 || rate.count > rate_count_max) return std::nullopt;
  const auto period = parse_duration(text.substr(slash + 1));
  if (!period || *period < second || *period > rate_period_max) return std::nullopt;
  rate.period = *period;
  rate.burst = usual_burst(rate);
  return rate;
}

}  // namespace

void read_rate(YamlFile& file, const YAML::Node& node, std::string_view what, Rate& into) {
  if (!node.IsDefined()) return;
  YAML::Node text = node;
  YAML::Node burst{YAML::NodeType::Undefined};
  if (node.IsMap()) {
    YamlMapping section{file, node, what};
    text.reset(section.need("rate"));
    burst.reset(section.take("burst"));
    section.finish();
    if (!text.IsDefined()) return;
  }
  const auto written = file.text(text, what);
  if (!written) return;
  if (*written == "off") {
    into.count = 0;
    return;
  }
  const auto rate = parse_rate(*written);
  if (!rate) {
    file.error(
        text, "wrong-rate",
        fmt::format("{} needs a rate from 1/1h to {}/1s, as 20/1s, or off", what, rate_count_max));
    return;
  }
  into = *rate;
  read_count(file, burst, fmt::format("{}.burst", what), 1, rate_count_max, into.burst);
}

}  // namespace signalbox
