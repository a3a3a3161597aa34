#include "event/json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "event/json_escape.hpp"

namespace signalbox {
namespace {

bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

bool skip_digits(std::string_view& text) noexcept {
  const std::size_t before = text.size();
  while (!text.empty() && is_digit(text.front())) text.remove_prefix(1);
  return text.size() != before;
}

// The number of RFC 8259, section 6.
bool is_number(std::string_view text) noexcept {
  if (!text.empty() && text.front() == '-') text.remove_prefix(1);
  if (text.empty() || !is_digit(text.front())) return false;
  if (text.front() == '0') {
    text.remove_prefix(1);
  } else {
    skip_digits(text);
  }
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  if (!text.empty() && (text.front() == 'e' || text.front() == 'E')) {
    text.remove_prefix(1);
    if (!text.empty() && (text.front() == '+' || text.front() == '-')) text.remove_prefix(1);
    if (!skip_digits(text)) return false;
  }
  return text.empty();
}

Error malformed(std::string_view what, std::size_t offset) {
  return Error{Reason::malformed_body, fmt::format("invalid JSON: {} at byte {}", what, offset)};
}

}  // namespace

// One pass over the structural positions: the grammar, and the partner of each bracket.
class JsonDocument::Validator {
 public:
  explicit Validator(JsonDocument& document) : document_{document} {}

  // Empty when the text is one valid JSON value.
  std::string_view run() {
    while (true) {
      if (const auto wrong = value(); !wrong.empty()) return wrong;
      if (opened_) continue;
      const auto wrong = after_value();
      if (!wrong.empty()) return wrong;
      if (done_) return {};
    }
  }
  std::size_t offset() const noexcept {
    return position_ < document_.count_ ? document_.structurals_[position_] : document_.text_.size();
  }

 private:
  bool more() const noexcept { return position_ < document_.count_; }
  char here() const noexcept { return document_.at(position_); }

  std::string_view value() {
    opened_ = false;
    if (!more()) return "a value is missing";
    switch (here()) {
      case '{':
      case '[':
        return open();
      case '"':
        ++position_;
        return {};
      default:
        return scalar();
    }
  }

  std::string_view open() {
    if (depth_ == json_depth_max) return "nested too deeply";
    const bool object = here() == '{';
    open_[depth_++] = position_++;
    if (more() && here() == (object ? '}' : ']')) {
      close();
      return {};
    }
    opened_ = true;
    return object ? key() : std::string_view{};
  }

  void close() {
    document_.partner_[open_[--depth_]] = position_++;
  }

  std::string_view key() {
    if (!more() || here() != '"') return "a key is missing";
    if (document_.escapes_ &&
        document_.token(position_).find('\\') != std::string_view::npos) {
      document_.escaped_keys_ = true;
    }
    ++position_;
    if (!more() || here() != ':') return "a colon is missing";
    ++position_;
    return {};
  }

  std::string_view scalar() {
    const std::string_view text = document_.token(position_);
    if (text != "true" && text != "false" && text != "null" && !is_number(text)) {
      return "not a value";
    }
    ++position_;
    return {};
  }

  // Behind a value: closes what ends here, then stands before the next value or at the end.
  std::string_view after_value() {
    while (depth_ > 0) {
      if (!more()) return "a bracket is not closed";
      const bool object = document_.at(open_[depth_ - 1]) == '{';
      if (here() == ',') {
        ++position_;
        return object ? key() : std::string_view{};
      }
      if (here() != (object ? '}' : ']')) return "a comma or a closing bracket is missing";
      close();
    }
    done_ = !more();
    return done_ ? std::string_view{} : "text behind the value";
  }

  JsonDocument& document_;
  std::uint32_t position_ = 0;
  std::uint32_t open_[json_depth_max];
  std::size_t depth_ = 0;
  bool opened_ = false;  // a container was opened and its first value comes next
  bool done_ = false;
};

JsonDocument::JsonDocument() = default;
JsonDocument::~JsonDocument() = default;

Result<Json> JsonDocument::parse(std::string_view text) {
  unescaped_.clear();
  unescaped_at_.clear();
  count_ = 0;
  text_ = text;
  if (text.empty()) return malformed("no text", 0);
  if (text.size() > capacity_ || !parser_) {
    const std::size_t wanted = std::bit_ceil(std::max<std::size_t>(text.size(), 16 * 1024));
    const auto failed = simdjson::get_active_implementation()->create_dom_parser_implementation(
        wanted, json_depth_max, parser_);
    if (failed) return Error{Reason::overloaded, "no memory to parse the body"};
    capacity_ = wanted;
  }
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (const auto failed = parser_->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
    return Error{Reason::malformed_body, fmt::format("invalid JSON: {}", simdjson::error_message(failed))};
  }
  structurals_ = parser_->structural_indexes.get();
  count_ = parser_->n_structural_indexes;
  if (partner_.size() < count_) partner_.resize(std::bit_ceil(count_));
  escapes_ = false;
  escaped_keys_ = false;
  const auto wrong_escape = find_invalid_escape(text, escapes_);
  if (wrong_escape) return malformed("invalid escape", *wrong_escape);
  Validator validator{*this};
  if (const auto wrong = validator.run(); !wrong.empty()) {
    return malformed(wrong, validator.offset());
  }
  return Json{this, 0};
}

Result<Json> JsonDocument::parse_copy(std::string_view text) {
  copy_.reserve(text.size() + json_padding);
  copy_.assign(text);
  copy_.append(json_padding, ' ');
  return parse(std::string_view{copy_}.substr(0, text.size()));
}

std::uint32_t JsonDocument::after(std::uint32_t position) const noexcept {
  const char c = at(position);
  return c == '{' || c == '[' ? partner_[position] + 1 : position + 1;
}

// A scalar ends before the next structural character, less the white space between.
std::string_view JsonDocument::token(std::uint32_t position) const noexcept {
  const std::size_t begin = structurals_[position];
  std::size_t end = position + 1 < count_ ? structurals_[position + 1] : text_.size();
  while (end > begin && is_space(text_[end - 1])) --end;
  return text_.substr(begin, end - begin);
}

std::string_view JsonDocument::unescaped(std::uint32_t position) const {
  const std::string_view quoted = token(position);
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  if (!escapes_ || inner.find('\\') == std::string_view::npos) return inner;
  const auto [entry, added] = unescaped_at_.try_emplace(position);
  if (added) entry->second = unescaped_.emplace_back(unescape_json(inner));
  return entry->second;
}

JsonKind Json::kind() const noexcept {
  switch (document_->at(position_)) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return JsonKind::number;
  }
}

bool Json::key_equals(std::string_view key) const {
  if (document_->escaped_keys_) return document_->unescaped(position_) == key;
  // Keys without escapes are compared where they stand; the next structural is the colon.
  const std::size_t begin = document_->structurals_[position_] + 1;
  const std::size_t colon = document_->structurals_[position_ + 1];
  if (colon - begin < key.size() + 1) return false;
  const char* text = document_->text_.data() + begin;
  return text[key.size()] == '"' && std::memcmp(text, key.data(), key.size()) == 0;
}

Json Json::operator[](std::string_view key) const {
  if (!is(JsonKind::object)) return {};
  const std::uint32_t end = document_->partner_[position_];
  Json found;
  for (std::uint32_t at = position_ + 1; at < end;) {
    const Json name{document_, at};
    const Json value{document_, at + 2};
    if (name.key_equals(key)) found = value;
    at = document_->after(at + 2) + 1;
  }
  return found;
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
  return document_->text_.substr(begin, document_->structurals_[document_->partner_[position_]] + 1 - begin);
}

Json::Fields Json::fields() const {
  Fields fields;
  if (!is(JsonKind::object)) return fields;
  fields.document_ = document_;
  const std::uint32_t close = document_->partner_[position_];
  fields.first_ = position_ + 1;
  fields.end_ = close == position_ + 1 ? fields.first_ : close + 1;
  return fields;
}

Json::Elements Json::elements() const {
  Elements elements;
  if (!is(JsonKind::array)) return elements;
  elements.document_ = document_;
  const std::uint32_t close = document_->partner_[position_];
  elements.first_ = position_ + 1;
  elements.end_ = close == position_ + 1 ? elements.first_ : close + 1;
  return elements;
}

JsonField Json::Fields::iterator::operator*() const {
  return {document_->unescaped(key_), Json{document_, key_ + 2}};
}

// Behind the value stands a comma, or the closing bracket, whose successor is this range's end.
Json::Fields::iterator& Json::Fields::iterator::operator++() noexcept {
  key_ = document_->after(key_ + 2) + 1;
  return *this;
}

Json::Elements::iterator& Json::Elements::iterator::operator++() noexcept {
  position_ = document_->after(position_) + 1;
  return *this;
}

}  // namespace signalbox
