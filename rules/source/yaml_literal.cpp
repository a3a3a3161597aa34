#include "rules/source/yaml_literal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "event/ascii.hpp"
#include "event/json_escape.hpp"

namespace signalbox {
namespace {

bool is_json_number(std::string_view text) {
  JsonDocument document;
  const auto parsed = document.parse_copy(text);
  return parsed && parsed->is(JsonKind::number) && parsed->raw().size() == text.size();
}

// Words that some YAML readers take for a boolean or nothing, and others for text.
bool is_disputed_word(std::string_view text) {
  constexpr std::array<std::string_view, 9> words{"true", "false", "null", "yes", "no",
                                                  "on",   "off",   ".inf", ".nan"};
  std::string lower = ascii_lower(text);
  if (lower.starts_with('-') || lower.starts_with('+')) lower.erase(0, 1);
  return std::find(words.begin(), words.end(), lower) != words.end();
}

// Numbers of YAML that JSON would spell otherwise: +1, .5, 1., 012, 0x1f, 0o17.
bool is_disputed_number(std::string_view text) {
  if (text.starts_with('+') || text.starts_with('-')) text.remove_prefix(1);
  if (text.starts_with("0x") || text.starts_with("0o")) {
    return text.size() > 2 &&
           text.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string_view::npos;
  }
  double value = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool letters = text.find_first_of("infaINFA") != std::string_view::npos;
  return !letters && failed != std::errc::invalid_argument && end == text.data() + text.size();
}

// A text as it is where every reader takes it for one, in quotes otherwise.
std::string flow_text(const std::string& text) {
  constexpr std::string_view plain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./$";
  const bool unquoted =
      !text.empty() && text.front() != '-' && text.back() != ' ' && text.front() != ' ' &&
      text.find_first_not_of("- ", 0) != std::string::npos &&
      std::ranges::all_of(text,
                          [&](char c) {
                            return plain.find(c) != std::string_view::npos || c == '-' || c == ' ';
                          }) &&
      !is_json_number(text) && !is_disputed_word(text) && !is_disputed_number(text);
  if (unquoted) return text;
  std::string quoted;
  append_json_string(quoted, text);
  return quoted;
}

std::optional<Literal> read_scalar(YamlFile& file, const YAML::Node& node) {
  Literal literal;
  literal.place = place_of(node);
  literal.text = node.Scalar();
  literal.kind = JsonKind::string;
  // yaml-cpp tags quoted scalars and blocks "!", plain ones "?".
  if (node.Tag() == "!") return literal;
  const std::string& text = literal.text;
  if (text == "true" || text == "false") {
    literal.kind = JsonKind::boolean;
  } else if (is_json_number(text)) {
    literal.kind = JsonKind::number;
  } else if (is_disputed_word(text) || is_disputed_number(text)) {
    file.error(node, "ambiguous-value",
               fmt::format("'{}' is text to some YAML readers and not to others; quote it if it is "
                           "text, or write it as JSON would",
                           text));
    return std::nullopt;
  }
  return literal;
}

std::optional<Literal> read_yaml(YamlFile& file, const YAML::Node& node, int depth) {
  if (depth > literal_depth_max) {
    file.error(node, "too-deep", fmt::format("nested deeper than {}", literal_depth_max));
    return std::nullopt;
  }
  if (node.IsScalar()) return read_scalar(file, node);
  Literal literal;
  literal.place = place_of(node);
  literal.text = "null";
  bool whole = true;
  if (node.IsMap()) {
    literal.kind = JsonKind::object;
    for (const auto& entry : node) {
      auto value = read_yaml(file, entry.second, depth + 1);
      whole = whole && value;
      if (!value) continue;
      literal.fields.push_back({entry.first.Scalar(), place_of(entry.first), std::move(*value)});
    }
  } else if (node.IsSequence()) {
    literal.kind = JsonKind::array;
    for (const auto& element : node) {
      auto value = read_yaml(file, element, depth + 1);
      whole = whole && value;
      if (value) literal.elements.push_back(std::move(*value));
    }
  }
  return whole ? std::optional{std::move(literal)} : std::nullopt;
}

}  // namespace

std::string to_flow(const Literal& literal) {
  std::string out;
  if (literal.is(JsonKind::object)) {
    for (const Literal::Field& field : literal.fields) {
      out += fmt::format("{}{}: {}", out.empty() ? "" : ", ", flow_text(field.key),
                         to_flow(field.value));
    }
    return '{' + out + '}';
  }
  if (literal.is(JsonKind::array)) {
    for (const Literal& element : literal.elements)
      out += fmt::format("{}{}", out.empty() ? "" : ", ", to_flow(element));
    return '[' + out + ']';
  }
  return literal.is(JsonKind::string) ? flow_text(literal.text) : literal.text;
}

Place place_of(const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return mark.is_null() ? Place{} : Place{mark.line + 1, mark.column + 1};
}

std::optional<Literal> read_literal(YamlFile& file, const YAML::Node& node) {
  return read_yaml(file, node, 0);
}

YAML::Mark mark_of(const Place& place) {
  if (place.line == 0) return YAML::Mark::null_mark();
  YAML::Mark mark;
  mark.line = place.line - 1;
  mark.column = place.column - 1;
  return mark;
}

}  // namespace signalbox
