// JSON string escapes (RFC 8259, section 7), reading and writing. Thread-safe.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace signalbox {

// The offset of the first backslash that starts no escape sequence. Sets `any` if there is any
// backslash.
std::optional<std::size_t> find_invalid_escape(std::string_view text, bool& any) noexcept;

// Resolves escapes; requires that find_invalid_escape found none. A lone surrogate becomes U+FFFD.
std::string unescape_json(std::string_view inner);
void append_unescaped(std::string& out, std::string_view inner);

// Appends the text in quotes, escaped. The text must be UTF-8.
void append_json_string(std::string& out, std::string_view text);

// The same without the quotes, for a string that is put together from pieces.
void append_json_text(std::string& out, std::string_view text);

// A JSON array of the texts.
void append_json_list(std::string& out, std::span<const std::string> texts);
std::string json_list(std::span<const std::string> texts);

}  // namespace signalbox
