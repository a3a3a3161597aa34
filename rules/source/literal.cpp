#include "rules/source/literal.hpp"

#include <algorithm>
#include <charconv>

#include "event/json_escape.hpp"

namespace signalbox {
namespace {

constexpr std::string_view replacement_character = "\xEF\xBF\xBD";

std::uint32_t hex4(std::string_view digits) noexcept {
  std::uint32_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

// Resolves escapes as unescape_json() does, except that a lone surrogate keeps its identity.
std::string unescape_exactly(std::string_view inner) {
  std::string out;
  while (!inner.empty()) {
    std::size_t length = inner.front() != '\\' ? 1 : inner[1] == 'u' ? 6 : 2;
    const std::uint32_t code = length == 6 ? hex4(inner.substr(2, 4)) : 0;
    const bool high = code >= 0xD800 && code < 0xDC00;
    const bool low = code >= 0xDC00 && code < 0xE000;
    const std::uint32_t next =
        high && inner.substr(6).starts_with("\\u") ? hex4(inner.substr(8, 4)) : 0;
    const bool pair = next >= 0xDC00 && next < 0xE000;
    if ((high && !pair) || low) {
      out += static_cast<char>(0xE0 | code >> 12);
      out += static_cast<char>(0x80 | (code >> 6 & 0x3F));
      out += static_cast<char>(0x80 | (code & 0x3F));
    } else {
      if (pair) length = 12;
      out += unescape_json(inner.substr(0, length));
    }
    inner.remove_prefix(length);
  }
  return out;
}

std::optional<Literal> read_json(Json json, int depth) {
  if (depth > literal_depth_max) return std::nullopt;
  Literal literal;
  literal.kind = json.kind();
  if (literal.is(JsonKind::object)) {
    for (const JsonField field : json.fields()) {
      auto value = read_json(field.value, depth + 1);
      if (!value) return std::nullopt;
      literal.fields.push_back({std::string{field.key}, {}, std::move(*value)});
    }
  } else if (literal.is(JsonKind::array)) {
    for (const Json element : json.elements()) {
      auto value = read_json(element, depth + 1);
      if (!value) return std::nullopt;
      literal.elements.push_back(std::move(*value));
    }
  } else if (literal.is(JsonKind::string)) {
    std::string kept;
    literal.text = exact_text(json, kept);
  } else {
    literal.text = json.raw();
  }
  return literal;
}

void append_json(std::string& out, const Literal& literal) {
  switch (literal.kind) {
    case JsonKind::object: {
      char before = '{';
      if (literal.fields.empty()) out += before;
      for (const Literal::Field& field : literal.fields) {
        out += before;
        before = ',';
        append_json_string(out, field.key);
        out += ':';
        append_json(out, field.value);
      }
      out += '}';
      break;
    }
    case JsonKind::array: {
      char before = '[';
      if (literal.elements.empty()) out += before;
      for (const Literal& element : literal.elements) {
        out += before;
        before = ',';
        append_json(out, element);
      }
      out += ']';
      break;
    }
    case JsonKind::string:
      append_json_string(out, literal.text);
      break;
    default:
      out += literal.text;
  }
}

}  // namespace

std::optional<Literal> read_literal(Json json) { return read_json(json, 0); }

std::string_view exact_text(Json string, std::string& kept) {
  if (const auto plain = string.plain_string()) return *plain;
  const std::string_view text = string.string().value_or("");
  if (text.find(replacement_character) == std::string_view::npos) return text;
  const std::string_view raw = string.raw();
  if (raw.find("\\u") == std::string_view::npos) return text;
  kept = unescape_exactly(raw.substr(1, raw.size() - 2));
  return kept;
}

std::string to_json(const Literal& literal) {
  std::string out;
  append_json(out, literal);
  return out;
}

Literal merged(Literal base, const Literal& over) {
  if (!base.is(JsonKind::object) || !over.is(JsonKind::object)) return over;
  for (const Literal::Field& field : over.fields) {
    const auto same = std::find_if(base.fields.begin(), base.fields.end(),
                                   [&](const auto& known) { return known.key == field.key; });
    if (same == base.fields.end()) {
      base.fields.push_back(field);
    } else {
      *same = {field.key, field.place, merged(std::move(same->value), field.value)};
    }
  }
  base.place = over.place;
  return base;
}

std::size_t value_count(const Literal& literal) noexcept {
  std::size_t count = 1;
  for (const Literal::Field& field : literal.fields) count += value_count(field.value);
  for (const Literal& element : literal.elements) count += value_count(element);
  return count;
}

}  // namespace signalbox
