// The parse: simdjson's stage 1 finds the structure, the validator checks the grammar on top of it.
#include "event/json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>

#include "event/json_escape.hpp"

namespace signalbox {
namespace {

constexpr std::size_t capacity_bytes_least = 16 * 1024;
// A document keeps its buffers for texts up to this size.
constexpr std::size_t retained_bytes = 1024 * 1024;

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
    return position_ < document_.count_ ? document_.structurals_[position_]
                                        : document_.text_.size();
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

  void close() { document_.partner_[open_[--depth_]] = position_++; }

  std::string_view key() {
    if (!more() || here() != '"') return "a key is missing";
    if (document_.escapes_ && document_.token(position_).find('\\') != std::string_view::npos) {
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
  forget();
  text_ = text;
  if (text.empty()) return malformed("no text", 0);
  if (!fit(text.size())) return Error{Reason::overloaded, "no memory to parse the body"};
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(text.data());
  if (const auto failed = parser_->stage1(bytes, text.size(), simdjson::stage1_mode::regular)) {
    return Error{Reason::malformed_body,
                 fmt::format("invalid JSON: {}", simdjson::error_message(failed))};
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

// Drops what the text before this one left behind. Its strings' memory serves the next, unless it
// was much.
void JsonDocument::forget() {
  count_ = 0;
  if (unescaped_used_ == 0) return;
  std::size_t kept_bytes = 0;
  for (const std::string& text : unescaped_) kept_bytes += sizeof text + text.capacity();
  if (kept_bytes > retained_bytes) unescaped_.clear();
  unescaped_used_ = 0;
  // Clearing costs by capacity: one text full of escapes must not slow down all that follow.
  if (unescaped_at_.bucket_count() > retained_bytes / 64) unescaped_at_ = {};
  unescaped_at_.clear();
}

// Makes the parser ready for a text of this size. A document that parsed a huge text once gives the
// memory back with the next ordinary one.
bool JsonDocument::fit(std::size_t text_bytes) {
  const bool oversized = capacity_ > retained_bytes && text_bytes <= retained_bytes;
  if (parser_ && text_bytes <= capacity_ && !oversized) return true;
  if (oversized) partner_ = {};
  const std::size_t wanted = std::bit_ceil(std::max(text_bytes, capacity_bytes_least));
  capacity_ = 0;
  if (simdjson::get_active_implementation()->create_dom_parser_implementation(
          wanted, json_depth_max, parser_) != simdjson::SUCCESS) {
    return false;
  }
  capacity_ = wanted;
  return true;
}

Result<Json> JsonDocument::parse_copy(std::string_view text) {
  copy_.reserve(text.size() + json_padding);
  copy_.assign(text);
  copy_.append(json_padding, ' ');
  return parse(std::string_view{copy_}.substr(0, text.size()));
}

}  // namespace signalbox
