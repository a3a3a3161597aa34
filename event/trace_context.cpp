#include "event/trace_context.hpp"

#include <algorithm>
#include <span>

namespace signalbox {
namespace {

// version "-" trace-id "-" parent-id "-" flags
constexpr std::size_t version_chars = 2;
constexpr std::size_t trace_begin = 3;
constexpr std::size_t trace_chars = 32;
constexpr std::size_t parent_begin = 36;
constexpr std::size_t parent_chars = 16;
constexpr std::size_t flags_begin = 53;
constexpr std::size_t traceparent_chars = 55;
constexpr std::size_t dashes[] = {2, 35, 52};

bool is_hex(char c) noexcept { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); }

// The bit that says that the caller may have recorded the trace.
bool is_sampled(char digit) noexcept {
  return ((digit <= '9' ? digit - '0' : digit - 'a' + 10) & 1) != 0;
}

bool all_zero(std::string_view digits) noexcept {
  return digits.find_first_not_of('0') == std::string_view::npos;
}

}  // namespace

std::optional<std::string> parse_traceparent(std::string_view text) {
  if (text.size() < traceparent_chars) return std::nullopt;
  for (std::size_t i = 0; i < traceparent_chars; ++i) {
    const bool dash = std::ranges::find(dashes, i) != std::end(dashes);
    if (dash ? text[i] != '-' : !is_hex(text[i])) return std::nullopt;
  }
  const std::string_view version = text.substr(0, version_chars);
  if (version == "ff") return std::nullopt;
  // Later versions may have more behind another dash.
  if (text.size() > traceparent_chars && (version == "00" || text[traceparent_chars] != '-')) {
    return std::nullopt;
  }
  if (all_zero(text.substr(trace_begin, trace_chars)) ||
      all_zero(text.substr(parent_begin, parent_chars))) {
    return std::nullopt;
  }
  std::string out{"00"};
  out.append(text.substr(version_chars, flags_begin - version_chars));
  out.append(is_sampled(text[flags_begin + 1]) ? "01" : "00");
  return out;
}

std::string traceparent_of(const Headers& headers) {
  const auto header = headers.find("traceparent");
  if (!header || !*header) return {};
  return parse_traceparent(**header).value_or("");
}

std::string child_traceparent(std::string_view parent, std::string_view what) {
  if (parent.empty()) return {};
  const Digest digest = sha256_of_parts({"span", parent.substr(trace_begin, trace_chars), what});
  std::string span = to_hex(std::span{digest}.first(parent_chars / 2));
  if (all_zero(span)) span.back() = '1';
  std::string out{parent};
  return out.replace(parent_begin, parent_chars, span);
}

std::string_view trace_id_of(std::string_view traceparent) noexcept {
  return traceparent.empty() ? traceparent : traceparent.substr(trace_begin, trace_chars);
}

}  // namespace signalbox
