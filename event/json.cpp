// The views into a parsed text.
#include "event/json.hpp"

#include <algorithm>
#include <charconv>

#include "event/json_escape.hpp"

namespace signalbox {

std::uint32_t JsonDocument::behind_container(std::uint32_t position) const noexcept {
  return partner_[position] + 2;
}

std::string_view JsonDocument::unescaped(std::uint32_t position) const {
  const std::string_view quoted = token(position);
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  if (!escapes_ || inner.find('\\') == std::string_view::npos) return inner;
  const auto [entry, added] = unescaped_at_.try_emplace(position);
  if (added) {
    if (unescaped_used_ == unescaped_.size()) unescaped_.emplace_back();
    std::string& text = unescaped_[unescaped_used_++];
    text.clear();
    append_unescaped(text, inner);
    entry->second = text;
  }
  return entry->second;
}

Json Json::operator[](std::string_view key) const {
  Json found;
  find(&key, &found, 1);
  return found;
}

void Json::find(const std::string_view* keys, Json* found, std::size_t count) const {
  if (!is(JsonKind::object)) return;
  // Most keys of an object have a length that none of those wanted has.
  const auto length_bit = [](std::string_view key) {
    return std::uint64_t{1} << std::min<std::size_t>(key.size(), 63);
  };
  std::uint64_t lengths = 0;
  for (std::size_t i = 0; i < count; ++i) lengths |= length_bit(keys[i]);
  const std::uint32_t end = document_->partner_[position_];
  for (std::uint32_t at = position_ + 1; at < end;) {
    const std::string_view name = document_->key(at);
    const bool possible = (lengths & length_bit(name)) != 0;
    for (std::size_t i = 0; possible && i < count; ++i) {
      if (keys[i] == name) found[i] = Json{document_, at + 2};
    }
    at = document_->after(at + 2) + 1;
  }
}

Json Json::at(std::size_t position) const {
  for (const Json element : elements()) {
    if (position-- == 0) return element;
  }
  return {};
}

std::optional<std::string_view> Json::string() const {
  if (!is(JsonKind::string)) return std::nullopt;
  return document_->unescaped(position_);
}

std::optional<bool> Json::boolean() const {
  if (!is(JsonKind::boolean)) return std::nullopt;
  return document_->at(position_) == 't';
}

std::optional<std::int64_t> Json::integer() const {
  if (!is(JsonKind::number)) return std::nullopt;
  const std::string_view text = raw();
  std::int64_t value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<double> Json::number() const {
  if (!is(JsonKind::number)) return std::nullopt;
  const std::string_view text = raw();
  double value = 0;
  // Out of range leaves `value` as it was: the caller learns it as missing.
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (failed != std::errc{}) return std::nullopt;
  return value;
}

std::string_view Json::raw() const noexcept {
  if (!*this) return {};
  const char c = document_->at(position_);
  if (c != '{' && c != '[') return document_->token(position_);
  const std::size_t begin = document_->structurals_[position_];
  return document_->text_.substr(
      begin, document_->structurals_[document_->partner_[position_]] + 1 - begin);
}

}  // namespace signalbox
