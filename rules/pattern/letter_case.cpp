#include "rules/pattern/letter_case.hpp"

#include <cassert>
#include <cstdint>
#include <span>

#include "rules/pattern/letter_case_table.hpp"

namespace signalbox {
namespace {

std::size_t sequence_bytes(char first) noexcept {
  const auto byte = static_cast<unsigned char>(first);
  if (byte < 0xC0) return 1;
  if (byte < 0xE0) return 2;
  return byte < 0xF0 ? 3 : 4;
}

// The code point of a sequence of one to three bytes.
std::uint32_t code_point(std::string_view sequence) noexcept {
  const auto bits = [&](std::size_t i) {
    return static_cast<std::uint32_t>(static_cast<unsigned char>(sequence[i])) & 0x3F;
  };
  if (sequence.size() == 2) return (bits(0) & 0x1F) << 6 | bits(1);
  if (sequence.size() == 3) return (bits(0) & 0x0F) << 12 | bits(1) << 6 | bits(2);
  return static_cast<unsigned char>(sequence[0]);
}

std::string utf8(std::uint32_t code) {
  std::string out;
  const auto byte = [&out](std::uint32_t value) { out += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6);
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xE0 | code >> 12);
    byte(0x80 | (code >> 6 & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
  return out;
}

std::string mapped(std::string_view sequence, std::span<const LetterRun> runs,
                   std::span<const LetterExpansion> expansions) {
  const std::uint32_t code = code_point(sequence);
  for (const LetterExpansion& expansion : expansions) {
    if (expansion.letter == code) return std::string{expansion.to};
  }
  for (const LetterRun& run : runs) {
    if (code < run.first || code > run.last || (code - run.first) % run.stride != 0) continue;
    return utf8(static_cast<std::uint32_t>(static_cast<std::int32_t>(code) + run.shift));
  }
  return std::string{sequence};
}

std::string ascii(char c, char first, char last) {
  return std::string(1, c >= first && c <= last ? static_cast<char>(c ^ 0x20) : c);
}

}  // namespace

bool CaselessText::is_unambiguous(const Letter& letter) noexcept {
  const auto& [lower, upper] = letter;
  if (lower == upper) return true;
  return !lower.starts_with(upper) && !upper.starts_with(lower) && !lower.ends_with(upper) &&
         !upper.ends_with(lower);
}

CaselessText::CaselessText(std::string_view text) {
  while (!text.empty()) {
    const std::string_view sequence = text.substr(0, sequence_bytes(text.front()));
    text.remove_prefix(sequence.size());
    if (sequence.size() == 1) {
      letters_.push_back({ascii(sequence[0], 'A', 'Z'), ascii(sequence[0], 'a', 'z')});
    } else if (sequence.size() == 4) {
      letters_.push_back({std::string{sequence}, std::string{sequence}});
    } else {
      letters_.push_back({mapped(sequence, lower_case_runs, lower_case_expansions),
                          mapped(sequence, upper_case_runs, upper_case_expansions)});
    }
    assert(is_unambiguous(letters_.back()));
  }
}

std::optional<std::string_view> CaselessText::behind(std::string_view text) const noexcept {
  for (const Letter& letter : letters_) {
    if (text.starts_with(letter.lower)) {
      text.remove_prefix(letter.lower.size());
    } else if (text.starts_with(letter.upper)) {
      text.remove_prefix(letter.upper.size());
    } else {
      return std::nullopt;
    }
  }
  return text;
}

bool CaselessText::equals(std::string_view text) const noexcept {
  const auto rest = behind(text);
  return rest && rest->empty();
}

bool CaselessText::starts(std::string_view text) const noexcept { return behind(text).has_value(); }

bool CaselessText::ends(std::string_view text) const noexcept {
  for (auto letter = letters_.rbegin(); letter != letters_.rend(); ++letter) {
    if (text.ends_with(letter->lower)) {
      text.remove_suffix(letter->lower.size());
    } else if (text.ends_with(letter->upper)) {
      text.remove_suffix(letter->upper.size());
    } else {
      return false;
    }
  }
  return true;
}

std::optional<std::string> CaselessText::ascii_lower() const {
  std::string lower;
  for (const Letter& letter : letters_) {
    // The Kelvin sign has an ASCII lower case form, and does not find "K".
    const bool both = letter.lower.size() == 1 && letter.upper.size() == 1;
    if (!both || static_cast<unsigned char>(letter.lower[0]) >= 0x80) return std::nullopt;
    lower += letter.lower;
  }
  return lower;
}

}  // namespace signalbox
