#include "rules/pattern/value_test.hpp"

#include <cassert>
#include <cstring>

#include <fmt/format.h>

#include <algorithm>

#include "rules/pattern/comparable_number.hpp"
#include "rules/source/literal.hpp"

namespace signalbox {
namespace {

// memmem is linear in the worst case; std::string_view::find is not.
std::size_t find(std::string_view text, std::string_view piece) noexcept {
  const void* found = memmem(text.data(), text.size(), piece.data(), piece.size());
  if (found == nullptr) return std::string_view::npos;
  return static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

}  // namespace

EventValue::EventValue(Json value) : kind_{value.kind()} {
  text_ = is_string() ? exact_text(value, kept_) : value.raw();
}

const std::optional<double>& EventValue::number() const {
  if (!number_known_ && kind_ == JsonKind::number) number_ = comparable_number(text_);
  number_known_ = true;
  return number_;
}

const std::optional<IpAddress>& EventValue::ip() const {
  if (!ip_known_ && is_string()) ip_ = parse_ip(text_);
  ip_known_ = true;
  return ip_;
}

Result<Wildcard> Wildcard::parse(std::string_view pattern) {
  Wildcard wildcard;
  std::string piece;
  bool star_before = false;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if (c == '*') {
      if (star_before) {
        return Error{
            Reason::invalid_argument,
            fmt::format("two '*' in a row at character {}: one crosses '/' already", i + 1)};
      }
      wildcard.pieces_.push_back(std::move(piece));
      piece.clear();
      star_before = true;
      continue;
    }
    star_before = false;
    if (c == '\\') {
      ++i;
      if (i == pattern.size() || (pattern[i] != '*' && pattern[i] != '\\')) {
        return Error{Reason::invalid_argument,
                     fmt::format("'\\' at character {} must stand before '*' or '\\'", i)};
      }
    }
    piece += pattern[i];
  }
  wildcard.pieces_.push_back(std::move(piece));
  return wildcard;
}

bool Wildcard::matches(std::string_view text) const noexcept {
  assert(!pieces_.empty());
  const std::string& first = pieces_.front();
  if (pieces_.size() == 1) return text == first;
  const std::string& last = pieces_.back();
  if (text.size() < first.size() + last.size()) return false;
  if (!text.starts_with(first) || !text.ends_with(last)) return false;
  text.remove_prefix(first.size());
  text.remove_suffix(last.size());
  // The leftmost place of each piece leaves the most room for those behind it.
  for (std::size_t i = 1; i + 1 < pieces_.size(); ++i) {
    const std::size_t found = find(text, pieces_[i]);
    if (found == std::string_view::npos) return false;
    text.remove_prefix(found + pieces_[i].size());
  }
  return true;
}

bool NumberRange::passes(const EventValue& value) const {
  const auto& number = value.number();
  if (!number) return false;
  if (bottom && !(bottom_included ? *number >= *bottom : *number > *bottom)) return false;
  return !top || (top_included ? *number <= *top : *number < *top);
}

bool NoneOf::passes(const EventValue& value) const {
  return std::none_of(tests.begin(), tests.end(),
                      [&](const ValueTest& test) { return signalbox::passes(test, value); });
}

std::size_t NoneOf::searches() const { return searches_of(tests); }

std::size_t searches_of(std::span<const ValueTest> tests) {
  std::size_t count = 0;
  for (const ValueTest& test : tests) {
    count += std::visit([](const auto& one) { return one.searches(); }, test);
  }
  return count;
}

}  // namespace signalbox
