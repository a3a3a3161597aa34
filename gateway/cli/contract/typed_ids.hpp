// Ids as people type them: what they typed instead of what a command takes is told to them. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/cli/contract/command_result.hpp"

namespace signalbox {

// "m_0b9akjgInM5O53Uhu.2"
bool is_receipt(std::string_view text) noexcept;

// Why `text` is no receipt, with the command that gives one; nothing for a receipt.
std::optional<Failure> refuse_receipt(std::string_view command, const std::string& text);

// Why `text` is no event's id; nothing for one.
std::optional<Failure> refuse_event_id(std::string_view command, const std::string& text);

}  // namespace signalbox
