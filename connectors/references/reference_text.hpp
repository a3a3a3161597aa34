// The pieces that references are made of: words, issue keys, repositories, addresses. Pure
// functions over the start of a text; a failed one has looked at no more than its bound.
// Thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox {

bool is_key_character(char c) noexcept;  // letters, digits and '_': what a word is made of

// "ENG-123" at the start of a text, not followed by more of a word: its two parts, as written. The
// number has at most nine digits and no leading zero.
struct KeyText {
  std::string_view project;
  std::string_view number;
};
std::optional<KeyText> read_key(std::string_view text) noexcept;

// "acme/api#12" or "#12" (with `repository` empty) at the start of a text.
struct NumberText {
  std::string_view repository;
  std::string_view number;
  std::size_t size = 0;  // of all of it
};
std::optional<NumberText> read_number(std::string_view text) noexcept;

// A URL at the start of a text, cut at the first character that ends it in prose or Markdown.
// Empty where there is none.
std::string_view read_url(std::string_view text) noexcept;

// The parts of a path: "a/b/c" step by step. Empty at the end.
std::string_view next_part(std::string_view& path) noexcept;

// A word that makes a reference of what stands behind it.
enum class Linking : std::uint8_t { closes, closes_on_linear, implements, mentions };
struct LinkingWord {
  Linking linking;
  std::size_t size;  // of the words, with the white space and the colon behind them
};
// At the start of a text, in any case: "Fixes", "part of", "resolves:".
std::optional<LinkingWord> read_linking_word(std::string_view text) noexcept;

// Whether a text starts with the end of a line and an empty line.
bool starts_paragraph(std::string_view text) noexcept;

// How many bytes of code or comment a text starts with: "`x`", a fence, "<!-- -->". 0 for prose. A
// run of backticks without a partner in its paragraph is prose; `Backticks` remembers which were
// looked for in vain there, so that no text is read more than a few times. Start a paragraph with a
// fresh one.
struct Backticks {
  bool no_single = false;
  bool no_double = false;
  bool no_fence = false;
};
std::size_t skip_code(std::string_view text, Backticks& failed) noexcept;

}  // namespace signalbox
