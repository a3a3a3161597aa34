// Comparing text without regard to letter case, as the reference of our patterns does: each
// character of the pattern stands for its lower and its upper case form, and the text must have one
// of the two, byte for byte. So "ß" finds "SS", but "SS" does not find "ß". No locale is involved.
// https://github.com/aws/event-ruler#equals-ignore-case-matching
//
// Immutable, thread-safe. Characters beyond the Basic Multilingual Plane have one form: themselves.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

class CaselessText {
 public:
  explicit CaselessText(std::string_view text);

  bool equals(std::string_view text) const noexcept;
  bool starts(std::string_view text) const noexcept;  // `text` begins with this
  bool ends(std::string_view text) const noexcept;    // `text` ends with this
  // The text in lower case where it is ASCII: then what it stands for is what ASCII's folding of
  // case makes equal to this.
  std::optional<std::string> ascii_lower() const;

 private:
  // No form is the beginning or the end of the other, so the first that fits is the right one.
  struct Letter {
    std::string lower;
    std::string upper;
  };
  // What stands behind this at the beginning of the text; nothing where it does not begin so.
  std::optional<std::string_view> behind(std::string_view text) const noexcept;
  static bool is_unambiguous(const Letter& letter) noexcept;
  std::vector<Letter> letters_;
};

}  // namespace signalbox
