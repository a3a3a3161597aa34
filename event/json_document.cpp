// The parse: simdjson's stage 1 finds the structure, the validator checks the grammar on top of it.
#include "event/json.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <bit>
#include <cstring>

#include "event/json_escape.hpp"

// The parser beneath is one that simdjson keeps to itself: what is used of it was read in this
// version, and another one is to be read before it is taken.
static_assert(simdjson::SIMDJSON_VERSION_MAJOR == 3 && simdjson::SIMDJSON_VERSION_MINOR == 0);

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

using SixteenBytes __attribute__((vector_size(16))) = unsigned char;

SixteenBytes sixteen_bytes(const void* from) noexcept {
  SixteenBytes bytes;
  std::memcpy(&bytes, from, sizeof bytes);
  return bytes;
}

// A literal, or a whole number of up to 16 digits without a sign. Told without a branch: which of
// them comes next is nothing that a processor could foresee. Reads 16 bytes. It is worth 1 % of a
// body whose fields stand as in the one before, and 16 % of one with its fields in another order
// ("parse shuffled" of sb_bench_match).
bool is_plain_scalar(const char* text, std::size_t size) noexcept {
  static_assert(std::endian::native == std::endian::little);
  constexpr std::uint64_t t_r_u_e = 0x65757274;
  constexpr std::uint64_t n_u_l_l = 0x6C6C756E;
  constexpr std::uint64_t f_a_l_s_e = 0x65736C6166;
  // From the 16th byte back as many ones as are wanted, and zeros behind.
  static constexpr unsigned char ones_and_zeros[32] = {255, 255, 255, 255, 255, 255, 255, 255,
                                                       255, 255, 255, 255, 255, 255, 255, 255};
  const SixteenBytes wanted = sixteen_bytes(ones_and_zeros + 16 - std::min<std::size_t>(size, 16));
  const SixteenBytes bytes = sixteen_bytes(text);
  const SixteenBytes kept = bytes & wanted;
  std::uint64_t first = 0;
  std::memcpy(&first, &kept, sizeof first);
  const bool literal = ((size == 4) & ((first == t_r_u_e) | (first == n_u_l_l))) |
                       ((size == 5) & (first == f_a_l_s_e));
  const SixteenBytes wrong = (bytes - '0' > 9) & wanted;
  std::uint64_t halves[2];
  std::memcpy(halves, &wrong, sizeof halves);
  const bool whole = ((halves[0] | halves[1]) == 0) & ((text[0] != '0') | (size == 1));
  return (size <= 16) & (literal | whole);
}

Error malformed(std::string_view what, std::size_t offset) {
  return Error{Reason::malformed_body, fmt::format("invalid JSON: {} at byte {}", what, offset)};
}

}  // namespace

// One pass over the structural positions: the grammar, and where each value ends.
class JsonDocument::Validator {
 public:
  explicit Validator(JsonDocument& document)
      : document_{document},
        text_{document.text_.data()},
        places_{document.structurals_},
        ends_{document.partner_.data()},
        scalars_{document.scalars_.data()},
        count_{document.count_} {}

  // Empty when the text is one valid JSON value.
  std::string_view run() {
    const std::string_view wrong_structure = structure();
    // What is none of these came before whatever is wrong with the structure.
    for (std::uint32_t i = 0; i < scalar_count_; ++i) {
      const std::uint32_t at = scalars_[i];
      if (!is_scalar(at)) return wrong(at < count_ ? "not a value" : "a value is missing", at);
    }
    return wrong_structure;
  }
  std::size_t offset() const noexcept { return offset_; }

 private:
  // Whatever is neither a container nor a string is noted, to be looked at when this is done.
  std::string_view structure() {
    std::uint32_t at = 0;
    std::uint32_t depth = 0;
    char closer = 0;  // of the innermost open container
    while (true) {
      const char c = here(at);
      if (c == '{' || c == '[') {
        if (depth == json_depth_max) return wrong("nested too deeply", at);
        closer = closer_of(c);
        open_[depth++] = at++;
        if (here(at) != closer) {
          if (c == '[') continue;
          if (const auto missing = key(at); !missing.empty()) return wrong(missing, at);
          continue;
        }
      } else {
        scalars_[scalar_count_] = at;
        scalar_count_ += c != '"' ? 1 : 0;
        ends_[at] = at;
        ++at;
      }
      while (depth > 0 && here(at) == closer) {
        ends_[open_[--depth]] = at++;
        closer = depth > 0 ? closer_of(here(open_[depth - 1])) : '\0';
      }
      if (depth == 0) return at == count_ ? "" : wrong("text behind the value", at);
      if (here(at) != ',') return wrong(unclosed(at), at);
      ++at;
      if (closer == ']') continue;
      if (const auto missing = key(at); !missing.empty()) return wrong(missing, at);
    }
  }

  // '{' and '}', '[' and ']' are two apart.
  static char closer_of(char opener) noexcept { return static_cast<char>(opener + 2); }

  // No structural of a valid text is a null byte.
  char here(std::uint32_t at) const noexcept { return at < count_ ? text_[places_[at]] : '\0'; }

  std::string_view wrong(std::string_view what, std::uint32_t at) noexcept {
    offset_ = at < count_ ? places_[at] : document_.text_.size();
    return what;
  }

  std::string_view unclosed(std::uint32_t at) const noexcept {
    return at < count_ ? "a comma or a closing bracket is missing" : "a bracket is not closed";
  }

  // A key and its colon.
  [[gnu::always_inline]] std::string_view key(std::uint32_t& at) {
    if (here(at) != '"') return "a key is missing";
    if (document_.escapes_ && document_.token(at).find('\\') != std::string_view::npos) {
      document_.escaped_keys_ = true;
    }
    ++at;
    if (here(at) != ':') return "a colon is missing";
    ++at;
    return {};
  }

  bool is_scalar(std::uint32_t at) const noexcept {
    if (at >= count_) return false;
    const std::string_view text = document_.token(at);
    return is_plain_scalar(text.data(), text.size()) || is_number(text);
  }

  JsonDocument& document_;
  const char* const text_;
  const std::uint32_t* const places_;
  std::uint32_t* const ends_;
  std::uint32_t* const scalars_;  // room for one behind the last structural
  std::uint32_t scalar_count_ = 0;
  const std::uint32_t count_;
  std::uint32_t open_[json_depth_max];
  std::size_t offset_ = 0;
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
  if (partner_.size() <= count_) {
    partner_.resize(std::bit_ceil(count_ + 1));
    scalars_.resize(partner_.size());
  }
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
  for (const std::string& text : unescaped_) kept_bytes += sizeof(std::string) + text.capacity();
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
  if (oversized) partner_ = scalars_ = {};
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
