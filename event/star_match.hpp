// Patterns in which '*' stands for any characters, none included, and every other character for
// itself. Thread-safe.
#pragma once

#include <algorithm>
#include <functional>
#include <string_view>

namespace signalbox {

// Whether the whole text is matched; `same` says which characters are alike. Going back to the last
// star only is enough, so the time is bounded by the product of the lengths: both should be short.
template <class Same = std::equal_to<>>
constexpr bool star_matches(std::string_view pattern, std::string_view text, Same same = {}) {
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t retry = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      retry = t;
    } else if (p < pattern.size() && same(pattern[p], text[t])) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++retry;
    } else {
      return false;
    }
  }
  return std::ranges::all_of(pattern.substr(p), [](char c) { return c == '*'; });
}

}  // namespace signalbox
