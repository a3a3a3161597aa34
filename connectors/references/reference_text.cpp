#include "connectors/references/reference_text.hpp"

#include <algorithm>
#include <array>

#include "connectors/request/names.hpp"
#include "event/ascii.hpp"

namespace signalbox {
namespace {

constexpr std::size_t project_chars_max = 32;
constexpr std::size_t digits_max = 9;
constexpr std::size_t owner_chars_max = 39;
constexpr std::size_t repository_chars_max = 100;
constexpr std::size_t url_bytes_max = 1024;

bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
bool is_letter(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }

template <class Is>
std::string_view take_while(std::string_view text, std::size_t chars_max, Is is) noexcept {
  std::size_t size = 0;
  while (size < text.size() && size <= chars_max && is(text[size])) ++size;
  return text.substr(0, size);
}

// Digits of a number that counts something: no leading zero, not part of a longer word.
std::string_view read_digits(std::string_view text) noexcept {
  const auto digits = take_while(text, digits_max, is_digit);
  if (digits.empty() || digits.size() > digits_max || digits.front() == '0') return {};
  const bool ends = digits.size() == text.size() || !is_key_character(text[digits.size()]);
  return ends ? digits : std::string_view{};
}

// A word by its stem and the endings that it may have.
struct Phrase {
  std::string_view stem;
  std::array<std::string_view, 4> endings;
  std::size_t endings_count;
  Linking linking;
};

constexpr auto phrases = std::to_array<Phrase>({
    {"clos", {"e", "es", "ed"}, 3, Linking::closes},
    {"clos", {"ing"}, 1, Linking::closes_on_linear},
    {"fix", {"", "es", "ed"}, 3, Linking::closes},
    {"fix", {"ing"}, 1, Linking::closes_on_linear},
    {"resolv", {"e", "es", "ed"}, 3, Linking::closes},
    {"resolv", {"ing"}, 1, Linking::closes_on_linear},
    {"complet", {"e", "es", "ed", "ing"}, 4, Linking::closes_on_linear},
    {"implement", {"", "s", "ed", "ing"}, 4, Linking::implements},
    {"linear issue", {""}, 1, Linking::closes_on_linear},
    {"ref", {"", "s", "erence", "erences"}, 4, Linking::mentions},
    {"part of", {""}, 1, Linking::mentions},
    {"relate", {"s to", "d to", "s", "d"}, 4, Linking::mentions},
    {"contributes", {" to", ""}, 2, Linking::mentions},
    {"toward", {"s", ""}, 2, Linking::mentions},
});

bool starts_with_word(std::string_view text, std::string_view word) noexcept {
  return std::ranges::equal(text.substr(0, word.size()), word, {},
                            [](char c) { return ascii_lower(c); });
}

// How long the word of a phrase at the start of the text is; 0 where it is another word.
std::size_t size_of(const Phrase& phrase, std::string_view text) noexcept {
  if (!starts_with_word(text, phrase.stem)) return 0;
  const std::string_view rest = text.substr(phrase.stem.size());
  for (std::size_t i = 0; i < phrase.endings_count; ++i) {
    const std::string_view ending = phrase.endings[i];
    if (!starts_with_word(rest, ending)) continue;
    if (rest.size() == ending.size() || is_key_character(rest[ending.size()])) continue;
    return phrase.stem.size() + ending.size();
  }
  return 0;
}

// Behind the next run of exactly `size` backticks (a fence: of at least as many), which for a span
// of code must come before its paragraph ends; npos without one.
std::size_t find_run(std::string_view text, std::size_t from, std::size_t size, bool fence) {
  while (from < text.size()) {
    if (!fence && starts_paragraph(text.substr(from))) return std::string_view::npos;
    if (text[from] != '`') {
      ++from;
      continue;
    }
    const std::size_t end = std::min(text.find_first_not_of('`', from), text.size());
    if (end - from == size || (fence && end - from > size)) return end;
    from = end;
  }
  return std::string_view::npos;
}

}  // namespace

bool is_key_character(char c) noexcept { return is_letter(c) || is_digit(c) || c == '_'; }

std::optional<KeyText> read_key(std::string_view text) noexcept {
  if (text.empty() || !is_letter(text.front())) return std::nullopt;
  const auto project = take_while(text, project_chars_max, is_key_character);
  if (project.size() > project_chars_max || project.size() + 1 >= text.size() ||
      text[project.size()] != '-') {
    return std::nullopt;
  }
  const auto number = read_digits(text.substr(project.size() + 1));
  if (number.empty()) return std::nullopt;
  return KeyText{project, number};
}

std::optional<NumberText> read_number(std::string_view text) noexcept {
  const auto plain = [](char c) { return is_letter(c) || is_digit(c) || c == '-'; };
  std::size_t size = 0;
  const auto owner = take_while(text, owner_chars_max, plain);
  if (!owner.empty()) {
    if (owner.size() > owner_chars_max || owner.size() == text.size() || text[owner.size()] != '/')
      return std::nullopt;
    const auto name = take_while(text.substr(owner.size() + 1), repository_chars_max,
                                 [&](char c) { return plain(c) || c == '.' || c == '_'; });
    if (name.empty() || name.size() > repository_chars_max) return std::nullopt;
    size = owner.size() + 1 + name.size();
  }
  if (size == text.size() || text[size] != '#') return std::nullopt;
  const auto number = read_digits(text.substr(size + 1));
  if (number.empty()) return std::nullopt;
  return NumberText{text.substr(0, size), number, size + 1 + number.size()};
}

std::string_view read_url(std::string_view text) noexcept {
  if (!text.starts_with("https://") && !text.starts_with("http://")) return {};
  const auto url = take_while(text, url_bytes_max, [](char c) {
    return static_cast<unsigned char>(c) > ' ' &&
           std::string_view{"()<>[]\"'`|,"}.find(c) == std::string_view::npos;
  });
  if (url.size() > url_bytes_max) return {};
  return url.substr(0, url.find_last_not_of(".:;!?") + 1);  // the sentence's, not the URL's
}

std::string_view next_part(std::string_view& path) noexcept {
  const std::string_view part = path.substr(0, path.find_first_of("/?#"));
  const std::size_t end = part.size();
  // A query or a fragment ends the path.
  path = end < path.size() && path[end] == '/' ? path.substr(end + 1) : std::string_view{};
  return part;
}

bool starts_paragraph(std::string_view text) noexcept {
  return text.starts_with("\n\n") || text.starts_with("\n\r\n");
}

std::optional<LinkingWord> read_linking_word(std::string_view text) noexcept {
  for (const Phrase& phrase : phrases) {
    const std::size_t size = size_of(phrase, text);
    if (size == 0) continue;
    std::size_t end = size;
    if (text[end] == ':') ++end;
    while (end < text.size() && is_blank(text[end])) ++end;
    if (end == size) return std::nullopt;  // "fix#12", "fix/eng-12": no word of its own
    return LinkingWord{phrase.linking, end};
  }
  return std::nullopt;
}

std::size_t skip_code(std::string_view text, Backticks& failed) noexcept {
  constexpr std::string_view comment = "<!--";
  constexpr std::string_view comment_end = "-->";
  if (text.starts_with(comment)) {
    const std::size_t end = text.find(comment_end, comment.size());
    return end == std::string_view::npos ? text.size() : end + comment_end.size();
  }
  if (!text.starts_with('`')) return 0;
  const std::size_t run = std::min(text.find_first_not_of('`'), text.size());
  bool& in_vain = run == 1 ? failed.no_single : run == 2 ? failed.no_double : failed.no_fence;
  if (!in_vain) {
    const std::size_t end = find_run(text, run, std::min<std::size_t>(run, 3), run >= 3);
    if (end != std::string_view::npos) return end;
    in_vain = true;
    if (run >= 3) return text.size();  // a fence that nobody closes goes on to the end
  }
  return run;
}

}  // namespace signalbox
