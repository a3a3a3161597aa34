#include "gateway/hooks/refusal_variants.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

namespace signalbox {
namespace {

constexpr std::string_view utf8_mark = "\xEF\xBB\xBF";
constexpr std::string_view white_space = " \t\r\n";

std::string with(std::string_view before, std::string_view text, std::string_view after) {
  return std::string{before}.append(text).append(after);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(white_space), text.size());
  const std::size_t end = text.find_last_not_of(white_space) + 1;
  return text.substr(begin, end > begin ? end - begin : 0);
}

std::string_view without_mark(std::string_view text) {
  return text.substr(text.starts_with(utf8_mark) ? utf8_mark.size() : 0);
}

std::string_view unquoted(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == text.back() &&
                      (text.front() == '"' || text.front() == '\'');
  return quoted ? text.substr(1, text.size() - 2) : text;
}

std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  for (std::size_t at; (at = text.find(from)) != std::string_view::npos;) {
    out.append(text.substr(0, at)).append(to);
    text.remove_prefix(at + from.size());
  }
  return out.append(text);
}

// How a writer of JSON writes what may be written in several ways.
struct JsonHabit {
  bool blanks = false;         // behind colons and commas
  bool escapes_slash = false;  // "\/"
  bool escapes_html = false;   // < > & as \u003c
  enum class Ascii : std::uint8_t { no, lower, upper } ascii = Ascii::no;  // \u00e9, \u00E9
};

// Writes JSON anew. What is no JSON goes through as it is, more or less: it is only compared.
class JsonRewriter {
 public:
  JsonRewriter(std::string_view text, JsonHabit habit) : rest_{text}, habit_{habit} {}

  std::string write() {
    while (!rest_.empty()) {
      const char c = take();
      if (c == '"') {
        write_text();
      } else if (white_space.find(c) == white_space.npos) {
        out_ += c;
        if (habit_.blanks && (c == ':' || c == ',')) out_ += ' ';
      }
    }
    return std::move(out_);
  }

 private:
  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    return c;
  }

  void write_text() {
    out_ += '"';
    while (!rest_.empty()) {
      const char c = rest_.front();
      if (c == '"') break;
      if (c == '\\') {
        write_escaped();
      } else if (static_cast<unsigned char>(c) < 0x80) {
        write_ascii(take());
      } else {
        write_beyond_ascii(decode());
      }
    }
    if (!rest_.empty()) out_ += take();
  }

  void write_escaped() {
    take();
    if (rest_.empty()) return;
    const char kind = take();
    if (kind == '/') return write_ascii('/');
    const auto unit = kind == 'u' ? take_unit() : std::nullopt;
    if (!unit) {
      out_ += '\\';
      out_ += kind;
      return;
    }
    if (*unit >= 0xD800 && *unit < 0xDC00 && rest_.starts_with("\\u")) {
      rest_.remove_prefix(2);
      const auto low = take_unit();
      return write_beyond_ascii(0x10000 + ((*unit - 0xD800) << 10) +
                                (low.value_or(0xDC00) - 0xDC00));
    }
    if (*unit < 0x20 || *unit == '"' || *unit == '\\') return write_unit(*unit);
    if (*unit < 0x80) return write_ascii(static_cast<char>(*unit));
    write_beyond_ascii(*unit);
  }

  std::optional<std::uint32_t> take_unit() {
    std::uint32_t unit = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      if (i >= rest_.size()) return std::nullopt;
      const char c = rest_[i];
      const int digit = c >= '0' && c <= '9'   ? c - '0'
                        : c >= 'a' && c <= 'f' ? c - 'a' + 10
                        : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                               : -1;
      if (digit < 0) return std::nullopt;
      unit = unit * 16 + static_cast<std::uint32_t>(digit);
    }
    rest_.remove_prefix(4);
    return unit;
  }

  // One character of UTF-8.
  std::uint32_t decode() {
    const auto first = static_cast<unsigned char>(take());
    const int more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : first >= 0xC0 ? 1 : 0;
    std::uint32_t code = more == 3 ? first & 0x07U : more == 2 ? first & 0x0FU : first & 0x1FU;
    for (int i = 0; i < more && !rest_.empty(); ++i) {
      code = code << 6 | (static_cast<unsigned char>(take()) & 0x3FU);
    }
    return code;
  }

  void write_ascii(char c) {
    if (c == '/' && habit_.escapes_slash) {
      out_ += "\\/";
    } else if (habit_.escapes_html && (c == '<' || c == '>' || c == '&')) {
      write_unit(static_cast<unsigned char>(c));
    } else {
      out_ += c;
    }
  }

  void write_beyond_ascii(std::uint32_t code) {
    if (habit_.ascii == JsonHabit::Ascii::no) return encode(code);
    if (code < 0x10000) return write_unit(code);
    write_unit(0xD800 + ((code - 0x10000) >> 10));
    write_unit(0xDC00 + ((code - 0x10000) & 0x3FF));
  }

  void write_unit(std::uint32_t unit) {
    out_ += habit_.ascii == JsonHabit::Ascii::upper ? fmt::format("\\u{:04X}", unit)
                                                    : fmt::format("\\u{:04x}", unit);
  }

  void encode(std::uint32_t code) {
    const auto byte = [this](std::uint32_t value) { out_ += static_cast<char>(value); };
    if (code >= 0x10000) {
      byte(0xF0 | code >> 18);
      byte(0x80 | (code >> 12 & 0x3F));
    } else if (code >= 0x800) {
      byte(0xE0 | code >> 12);
    }
    if (code >= 0x800) {
      byte(0x80 | (code >> 6 & 0x3F));
    } else {
      byte(0xC0 | code >> 6);
    }
    byte(0x80 | (code & 0x3F));
  }

  std::string_view rest_;
  JsonHabit habit_;
  std::string out_;
};

void add_rewritten(std::vector<Variant>& variants, std::string_view body) {
  using Ascii = JsonHabit::Ascii;
  for (const bool blanks : {false, true}) {
    for (const bool slash : {false, true}) {
      for (const bool html : {false, true}) {
        for (const Ascii ascii : {Ascii::no, Ascii::lower, Ascii::upper}) {
          variants.push_back({JsonRewriter{body, {blanks, slash, html, ascii}}.write(),
                              "its JSON was written anew, with other blanks or other escapes"});
        }
      }
    }
  }
}

}  // namespace

std::vector<Variant> secrets_of_sender(std::string_view secret) {
  return {{with("", secret, "\n"), "a line feed behind it"},
          {with("", secret, "\r\n"), "a carriage return and a line feed behind it"},
          {with("", secret, " "), "a blank behind it"},
          {with(" ", secret, ""), "a blank before it"},
          {with("\"", secret, "\""), "double quotes around it"},
          {with("'", secret, "'"), "single quotes around it"},
          {with(utf8_mark, secret, ""), "a byte order mark before it"},
          {with(utf8_mark, secret, "\n"), "a byte order mark before it and a line feed behind"}};
}

std::vector<Variant> secrets_without_addition(std::string_view secret) {
  std::vector<Variant> variants;
  const auto add = [&](std::string_view text, std::string what) {
    const auto same = [&](const Variant& other) { return other.text == text; };
    if (text.empty() || text == secret || std::ranges::any_of(variants, same)) return;
    variants.push_back({std::string{text}, std::move(what)});
  };
  const std::string_view begun =
      secret.substr(std::min(secret.find_first_not_of(white_space), secret.size()));
  add(secret.substr(0, secret.find_last_not_of(white_space) + 1), "a blank behind it");
  add(begun, "a blank before it");
  add(trimmed(secret), "blanks around it");
  add(without_mark(secret), "a byte order mark before it");
  add(unquoted(secret), "quotes around it");
  add(unquoted(trimmed(without_mark(secret))), "a byte order mark, blanks or quotes around it");
  add(trimmed(unquoted(trimmed(without_mark(secret)))),
      "a byte order mark, blanks and quotes around it");
  return variants;
}

std::vector<Variant> bodies_before(std::string_view body) {
  std::vector<Variant> variants{
      {with("", body, "\n"), "a line feed behind it was dropped"},
      {std::string{trimmed(body)}, "blanks or line feeds were added around it"},
      {replaced(body, "\r\n", "\n"), "its line ends became CR LF"},
      {replaced(replaced(body, "\r\n", "\n"), "\n", "\r\n"), "its line ends became LF"},
      {with(utf8_mark, body, ""), "a byte order mark was dropped"},
      {std::string{without_mark(body)}, "a byte order mark was put before it"}};
  add_rewritten(variants, without_mark(body));
  std::erase_if(variants, [&](const Variant& variant) { return variant.text == body; });
  return variants;
}

}  // namespace signalbox
