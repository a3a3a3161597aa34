#include "tests/event/json_reference.hpp"

#include <fmt/format.h>

#include <cstdint>

namespace signalbox::test {
namespace {

void append_code_point(std::string& out, std::uint32_t code) {
  if (code < 0x80) {
    out += static_cast<char>(code);
    return;
  }
  const int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
  constexpr std::uint32_t lead[] = {0, 0xC0, 0xE0, 0xF0};
  out += static_cast<char>(lead[more] | (code >> (6 * more)));
  for (int i = more - 1; i >= 0; --i) out += static_cast<char>(0x80 | ((code >> (6 * i)) & 0x3F));
}

class Reader {
 public:
  Reader(std::string_view text, std::size_t depth_max) : text_{text}, depth_max_{depth_max} {}

  bool whole(std::string& out) {
    if (!value(out)) return false;
    space();
    return text_.empty();
  }

 private:
  bool take(std::string_view wanted) {
    if (!text_.starts_with(wanted)) return false;
    text_.remove_prefix(wanted.size());
    return true;
  }
  void space() {
    while (take(" ") || take("\t") || take("\n") || take("\r")) {
    }
  }

  bool value(std::string& out) {
    space();
    for (const std::string_view word : {"true", "false", "null"}) {
      if (take(word)) {
        out += word;
        return true;
      }
    }
    if (take("{")) return nested(out, '{', '}');
    if (take("[")) return nested(out, '[', ']');
    if (take("\"")) return string(out);
    return number(out);
  }

  bool nested(std::string& out, char opening, char closing) {
    if (depth_ == depth_max_) return false;
    ++depth_;
    out += opening;
    const std::string_view end{&closing, 1};
    space();
    if (!take(end)) {
      do {
        if (!item(out, opening == '{')) return false;
        out += ',';
        space();
      } while (take(","));
      if (!take(end)) return false;
    }
    out += closing;
    --depth_;
    return true;
  }

  bool item(std::string& out, bool with_key) {
    if (with_key) {
      space();
      if (!take("\"") || !string(out)) return false;
      space();
      if (!take(":")) return false;
      out += ':';
    }
    return value(out);
  }

  bool string(std::string& out) {
    std::string content;
    while (true) {
      if (text_.empty() || static_cast<unsigned char>(text_[0]) < 0x20) return false;
      const char c = text_[0];
      text_.remove_prefix(1);
      if (c == '"') break;
      if (c != '\\') {
        content += c;
      } else if (!escape(content)) {
        return false;
      }
    }
    out += fmt::format("s{}:{}", content.size(), content);
    return true;
  }

  bool escape(std::string& content) {
    constexpr std::string_view names = "\"\\/bfnrt";
    constexpr std::string_view values = "\"\\/\b\f\n\r\t";
    if (text_.empty()) return false;
    const char name = text_[0];
    text_.remove_prefix(1);
    if (name == 'u') return code_point(content);
    const std::size_t at = names.find(name);
    if (at == std::string_view::npos) return false;
    content += values[at];
    return true;
  }

  std::optional<std::uint32_t> hex4() {
    if (text_.size() < 4) return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : text_.substr(0, 4)) {
      const std::size_t digit = std::string_view{"0123456789abcdefABCDEF"}.find(c);
      if (digit == std::string_view::npos) return std::nullopt;
      value = value * 16 + static_cast<std::uint32_t>(digit < 16 ? digit : digit - 6);
    }
    text_.remove_prefix(4);
    return value;
  }

  bool code_point(std::string& content) {
    const auto first = hex4();
    if (!first) return false;
    std::uint32_t code = *first;
    if (code >= 0xD800 && code < 0xE000) {
      const std::string_view before = text_;
      std::optional<std::uint32_t> second;
      if (code < 0xDC00 && take("\\u")) second = hex4();
      if (second && *second >= 0xDC00 && *second < 0xE000) {
        code = 0x10000 + (code - 0xD800) * 0x400 + (*second - 0xDC00);
      } else {
        text_ = before;
        code = 0xFFFD;
      }
    }
    append_code_point(content, code);
    return true;
  }

  bool digits(std::string& out) {
    const std::size_t before = out.size();
    while (!text_.empty() && text_[0] >= '0' && text_[0] <= '9') {
      out += text_[0];
      text_.remove_prefix(1);
    }
    return out.size() > before;
  }

  bool number(std::string& out) {
    if (take("-")) out += '-';
    if (take("0")) {
      out += '0';
    } else if (!digits(out)) {
      return false;
    }
    if (take(".")) {
      out += '.';
      if (!digits(out)) return false;
    }
    for (const std::string_view mark : {"e", "E"}) {
      if (!take(mark)) continue;
      out += mark;
      if (take("+"))
        out += '+';
      else if (take("-"))
        out += '-';
      return digits(out);
    }
    return true;
  }

  std::string_view text_;
  std::size_t depth_max_;
  std::size_t depth_ = 0;
};

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i++]);
    if (lead < 0x80) continue;
    const std::size_t more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : 1;
    if (lead < 0xC2 || lead > 0xF4 || text.size() - i < more) return false;
    std::uint32_t code = lead & (0x3FU >> more);
    for (std::size_t k = 0; k < more; ++k, ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if ((byte & 0xC0) != 0x80) return false;
      code = (code << 6) | (byte & 0x3F);
    }
    constexpr std::uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    if (code < least[more] || code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) return false;
  }
  return true;
}

std::optional<std::string> reference_outline(std::string_view text, std::size_t depth_max) {
  if (!is_utf8(text)) return std::nullopt;
  std::string out;
  if (!Reader{text, depth_max}.whole(out)) return std::nullopt;
  return out;
}

}  // namespace signalbox::test
