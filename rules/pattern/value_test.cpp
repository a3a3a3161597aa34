#include "rules/pattern/value_test.hpp"

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

struct Passes {
  const EventValue& value;

  bool operator()(const EqualsText& test) const {
    return value.kind() == test.kind && value.text() == test.text;
  }
  bool operator()(const EqualsIp& test) const { return value.ip() == test.address; }
  bool operator()(const NumberRange& range) const {
    const auto& number = value.number();
    if (!number) return false;
    if (range.bottom &&
        !(range.bottom_included ? *number >= *range.bottom : *number > *range.bottom)) {
      return false;
    }
    return !range.top || (range.top_included ? *number <= *range.top : *number < *range.top);
  }
  bool operator()(const StartsWith& test) const {
    return value.is_string() && value.text().starts_with(test.text);
  }
  bool operator()(const EndsWith& test) const {
    return value.is_string() && value.text().ends_with(test.text);
  }
  bool operator()(const EqualsCaseless& test) const {
    return value.is_string() && test.text.equals(value.text());
  }
  bool operator()(const StartsCaseless& test) const {
    return value.is_string() && test.text.starts(value.text());
  }
  bool operator()(const EndsCaseless& test) const {
    return value.is_string() && test.text.ends(value.text());
  }
  bool operator()(const Wildcard& test) const {
    return value.is_string() && test.matches(value.text());
  }
  bool operator()(const InBlock& test) const {
    return value.ip() && test.block.contains(*value.ip());
  }
  bool operator()(const Anything&) const { return true; }
  bool operator()(const NoneOf& none) const {
    return std::none_of(none.tests.begin(), none.tests.end(),
                        [this](const ValueTest& test) { return passes(test, value); });
  }
};

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
        return Error{Reason::invalid_argument,
                     fmt::format("two '*' in a row at character {}", i + 1)};
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

bool passes(const ValueTest& test, const EventValue& value) {
  return std::visit(Passes{value}, test);
}

}  // namespace signalbox
