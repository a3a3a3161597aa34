#include "gateway/cli/contract/typed_ids.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace signalbox {
namespace {

std::string_view kind_of_id(std::string_view text) noexcept {
  if (is_receipt(text)) return "the receipt of a message";
  if (text.starts_with("m_")) return "a message's id";
  if (text.starts_with("e_")) return "an event's id";
  if (text.starts_with("w_")) return "a work's id";
  return {};
}

Failure wrong_id(std::string_view command, std::string_view text, std::string_view wanted,
                 std::string hint) {
  const std::string_view kind = kind_of_id(text);
  return usage_failure(
      kind.empty() ? fmt::format("'{}' is not {}", text, wanted)
                   : fmt::format("'{}' is {}, and {} takes {}", text, kind, command, wanted),
      std::move(hint));
}

}  // namespace

bool is_receipt(std::string_view text) noexcept {
  const std::size_t dot = text.rfind('.');
  if (!text.starts_with("m_") || dot == std::string_view::npos) return false;
  const std::string_view behind = text.substr(dot + 1);
  return !behind.empty() && std::ranges::all_of(behind, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  });
}

std::optional<Failure> refuse_receipt(std::string_view command, const std::string& text) {
  if (is_receipt(text)) return std::nullopt;
  return wrong_id(command, text, "a receipt, as m_….2",
                  "a receipt comes with `signalbox receive`, and holds until its lease ends");
}

std::optional<Failure> refuse_event_id(std::string_view command, const std::string& text) {
  if (text.starts_with("e_")) return std::nullopt;
  const std::string message = text.substr(0, text.find('.'));
  return wrong_id(
      command, text, "an event's id, as e_…",
      text.starts_with("m_")
          ? fmt::format("signalbox message {} names the event that it follows from", message)
          : "signalbox events");
}

}  // namespace signalbox
