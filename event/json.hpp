// Reading JSON (RFC 8259): the one parse of a webhook's body that connector, rules and templates
// share.
//
// simdjson finds the structure (its run-time dispatched stage 1, which also checks UTF-8); on top
// of it this file checks the grammar, links each bracket to its partner, and leaves everything else
// in place: a `Json` is an index into the text. So numbers keep their spelling, integers of any
// size are fine, duplicate keys are visible, and nothing is copied unless a string with escapes is
// read.
//
// A `Json` is a view: valid until its document parses again, or the parsed bytes change. Not
// thread-safe.
#pragma once

#include <boost/unordered/unordered_flat_map.hpp>

#include <array>
#include <cassert>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "event/error.hpp"

namespace simdjson::internal {
class dom_parser_implementation;
}

namespace signalbox {

// Bytes that must be readable behind a parsed text; their content does not matter.
inline constexpr std::size_t json_padding = 64;
inline constexpr std::size_t json_depth_max = 512;

enum class JsonKind : std::uint8_t { null, boolean, number, string, array, object };

class JsonDocument;

class Json {
 public:
  class Fields;
  class Elements;

  Json() = default;  // missing: what a lookup that finds nothing returns

  explicit operator bool() const noexcept { return document_ != nullptr; }
  JsonKind kind() const noexcept;  // requires a value
  bool is(JsonKind kind_wanted) const noexcept { return *this && kind() == kind_wanted; }

  // The value under a key; of equal keys the last. Missing where there is none or this is no
  // object.
  Json operator[](std::string_view key) const;
  // What operator[] finds for each of several keys, in one walk over the object.
  template <std::size_t n>
  std::array<Json, n> pick(const std::array<std::string_view, n>& keys) const {
    std::array<Json, n> found{};
    find(keys.data(), found.data(), n);
    return found;
  }
  // The element at a position. Missing where there is none or this is no array. Linear time.
  Json at(std::size_t position) const;

  // Each is empty where the value is missing or of another kind.
  std::optional<std::string_view> string() const;  // escapes resolved; a lone surrogate is U+FFFD
  // The same for a string without escapes; empty where it has any.
  std::optional<std::string_view> plain_string() const noexcept;
  std::optional<bool> boolean() const;
  // Also empty for 1.0, 1e3 and what 64 bits cannot hold.
  std::optional<std::int64_t> integer() const;
  // Also empty for what a double cannot hold: 1e999, 1e-999.
  std::optional<double> number() const;

  std::string_view string_or(std::string_view otherwise) const {
    return string().value_or(otherwise);
  }

  // The text of the value as it stands in the source: numbers as spelled, strings with quotes and
  // escapes, containers from bracket to bracket. Empty where missing.
  std::string_view raw() const noexcept;

  // Tells the values of one document apart. Grows in the order of the text.
  std::uint32_t position() const noexcept { return position_; }
  // Greater than the positions of all values within this one, less than those of all behind it.
  std::uint32_t end_position() const noexcept;

  // In source order, duplicates included. Empty ranges where this is no object or no array.
  Fields fields() const;
  Elements elements() const;

 private:
  friend class JsonDocument;
  Json(const JsonDocument* document, std::uint32_t position) noexcept
      : document_{document}, position_{position} {}
  void find(const std::string_view* keys, Json* found, std::size_t count) const;
  template <class Range>
  Range inner() const;  // of a container

  const JsonDocument* document_ = nullptr;
  std::uint32_t position_ = 0;  // into the document's structural positions
};

struct JsonField {
  std::string_view key;  // escapes resolved
  Json value;
};

class JsonDocument {
 public:
  JsonDocument();
  ~JsonDocument();
  JsonDocument(const JsonDocument&) = delete;
  JsonDocument& operator=(const JsonDocument&) = delete;

  // `text` must stay alive and unchanged while views are used, and have `json_padding` readable
  // bytes behind it. malformed_body, with the byte offset where known, for anything that is not one
  // JSON text.
  Result<Json> parse(std::string_view text);

  // The same over an own copy, for text without padding.
  Result<Json> parse_copy(std::string_view text);

 private:
  friend class Json;
  friend class Json::Fields;
  friend class Json::Elements;
  class Validator;

  void forget();
  bool fit(std::size_t text_bytes);
  // The structural behind a whole value.
  std::uint32_t after(std::uint32_t position) const noexcept {
    assert(position < count_ && partner_[position] < count_);
    return partner_[position] + 1;
  }
  // Two behind the end of a container. Not inlined: the compiler would see that the same is true of
  // scalars, and make the walk wait for each value's end.
  [[gnu::noinline]] std::uint32_t behind_container(std::uint32_t position) const noexcept;
  // A scalar's text. It ends before the next structural, less the white space between.
  std::string_view token(std::uint32_t position) const noexcept {
    const std::size_t begin = structurals_[position];
    std::size_t end = position + 1 < count_ ? structurals_[position + 1] : text_.size();
    while (end > begin && is_space(text_[end - 1])) --end;
    return text_.substr(begin, end - begin);
  }
  static bool is_space(char c) noexcept { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
  std::string_view unescaped(std::uint32_t position) const;
  // A key, escapes resolved. The next structural is its colon.
  std::string_view key(std::uint32_t position) const {
    if (escaped_keys_) return unescaped(position);
    const std::size_t begin = structurals_[position] + 1;
    std::size_t end = structurals_[position + 1] - 1;
    while (text_[end] != '"') --end;
    return text_.substr(begin, end - begin);
  }
  char at(std::uint32_t position) const noexcept { return text_[structurals_[position]]; }

  std::unique_ptr<simdjson::internal::dom_parser_implementation> parser_;
  std::size_t capacity_ = 0;
  std::string_view text_;
  const std::uint32_t* structurals_ = nullptr;  // byte offsets; owned by parser_
  std::uint32_t count_ = 0;
  // Where each value ends, which is its closing bracket or itself. So a walk steps from value to
  // value without looking at what they are.
  std::vector<std::uint32_t> partner_;
  std::vector<std::uint32_t>
      scalars_;           // only while it is parsed: what is neither string nor container
  bool escapes_ = false;  // any backslash in the text
  bool escaped_keys_ = false;
  std::string copy_;
  mutable std::deque<std::string> unescaped_;  // kept for the texts to come
  mutable std::size_t unescaped_used_ = 0;
  mutable boost::unordered_flat_map<std::uint32_t, std::string_view> unescaped_at_;
};

class Json::Fields {
 public:
  class iterator {
   public:
    JsonField operator*() const { return {document_->key(key_), Json{document_, key_ + 2}}; }
    iterator& operator++() noexcept;
    bool operator==(const iterator& other) const noexcept { return key_ == other.key_; }
    // Behind the quote that opens the key: its characters as they stand, then the closing quote.
    // So two bytes can always be read, and tell most keys apart without finding their end.
    const char* key_begin() const noexcept {
      return document_->text_.data() + document_->structurals_[key_] + 1;
    }

   private:
    friend class Fields;
    iterator(const JsonDocument* document, std::uint32_t key) noexcept
        : document_{document}, key_{key} {}
    const JsonDocument* document_;
    std::uint32_t key_;
  };
  iterator begin() const noexcept { return {document_, first_}; }
  iterator end() const noexcept { return {document_, end_}; }
  // Some key of the document has escapes: then what key_begin() shows may be spelled otherwise.
  bool keys_escaped() const noexcept { return document_ != nullptr && document_->escaped_keys_; }

 private:
  friend class Json;
  const JsonDocument* document_ = nullptr;
  std::uint32_t first_ = 0;
  std::uint32_t end_ = 0;
};

class Json::Elements {
 public:
  class iterator {
   public:
    Json operator*() const noexcept { return Json{document_, position_}; }
    iterator& operator++() noexcept;
    bool operator==(const iterator& other) const noexcept { return position_ == other.position_; }

   private:
    friend class Elements;
    iterator(const JsonDocument* document, std::uint32_t position) noexcept
        : document_{document}, position_{position} {}
    const JsonDocument* document_;
    std::uint32_t position_;
  };
  iterator begin() const noexcept { return {document_, first_}; }
  iterator end() const noexcept { return {document_, end_}; }

 private:
  friend class Json;
  const JsonDocument* document_ = nullptr;
  std::uint32_t first_ = 0;
  std::uint32_t end_ = 0;
};

inline JsonKind Json::kind() const noexcept {
  assert(document_ != nullptr && position_ < document_->count_);
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

inline std::uint32_t Json::end_position() const noexcept { return document_->after(position_); }

// Behind the value stands a comma, or the closing bracket, whose successor is this range's end.
// Most values are scalars: foreseen, so that the next key need not wait for where this one ends.
inline Json::Fields::iterator& Json::Fields::iterator::operator++() noexcept {
  const std::uint32_t value = key_ + 2;
  key_ = document_->partner_[value] == value ? value + 2 : document_->behind_container(value);
  return *this;
}

inline Json::Elements::iterator& Json::Elements::iterator::operator++() noexcept {
  position_ = document_->after(position_) + 1;
  return *this;
}

template <class Range>
Range Json::inner() const {
  Range range;
  const std::uint32_t close = document_->partner_[position_];
  assert(position_ < close && close < document_->count_);
  range.document_ = document_;
  range.first_ = position_ + 1;
  range.end_ = close == position_ + 1 ? range.first_ : close + 1;
  return range;
}

inline Json::Fields Json::fields() const {
  return is(JsonKind::object) ? inner<Fields>() : Fields{};
}
inline Json::Elements Json::elements() const {
  return is(JsonKind::array) ? inner<Elements>() : Elements{};
}

inline std::optional<std::string_view> Json::plain_string() const noexcept {
  if (!is(JsonKind::string)) return std::nullopt;
  const std::string_view quoted = document_->token(position_);
  const std::string_view inner = quoted.substr(1, quoted.size() - 2);
  if (document_->escapes_ && inner.find('\\') != std::string_view::npos) return std::nullopt;
  return inner;
}

}  // namespace signalbox
