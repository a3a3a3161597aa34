#include "event/payload_catalog.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace signalbox {
namespace {

constexpr int shape_depth_max = 8;  // arrays within arrays

// Takes what stands before `separator` off the text.
std::string_view take(std::string_view& text, char separator) noexcept {
  const std::size_t at = text.find(separator);
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at == std::string_view::npos ? text.size() : at + 1);
  return taken;
}

}  // namespace

bool PayloadShape::allows(JsonKind kind) const noexcept {
  switch (kind) {
    case JsonKind::null:
      return any || null;
    case JsonKind::boolean:
      return any || boolean;
    case JsonKind::number:
      return any || number;
    case JsonKind::string:
      return any || text;
    case JsonKind::array:
      return any || element != nullptr;
    case JsonKind::object:
      break;
  }
  return any || object != nullptr;
}

const PayloadField* PayloadObject::find(std::string_view name) const noexcept {
  const auto found = std::ranges::lower_bound(fields, name, {}, &PayloadField::name);
  return found != fields.end() && found->name == name ? &*found : nullptr;
}

class PayloadCatalog::Reader {
 public:
  explicit Reader(PayloadCatalog& catalog) : catalog_{catalog} {}

  // The number of the first wrong line, or 0.
  std::size_t read(std::string_view text) {
    std::size_t number = 0;
    while (!text.empty()) {
      ++number;
      const std::string_view line = take(text, '\n');
      if (!line.empty() && !line.starts_with('#') && !definition(line)) return number;
    }
    return 0;
  }

 private:
  bool definition(std::string_view line) {
    const std::size_t equals = line.find(" = ");
    if (equals == std::string_view::npos) return false;
    std::string_view names = line.substr(0, equals);
    const std::string_view meaning = line.substr(equals + 3);
    if (names.starts_with('<') && names.ends_with('>')) {
      return values(std::string{names.substr(1, names.size() - 2)}, meaning);
    }
    if (names.find('.') == std::string_view::npos) return object(std::string{names}, meaning);
    PayloadShape body;
    if (!shape(meaning, body, 0)) return false;
    while (!names.empty()) {
      if (!catalog_.bodies_.emplace(take(names, ' '), body).second) return false;
    }
    return true;
  }

  bool values(const std::string& name, std::string_view text) {
    auto made = std::make_unique<std::vector<std::string>>();
    while (!text.empty()) {
      if (made->emplace_back(take(text, ',')).empty()) return false;
    }
    std::ranges::sort(*made);
    const bool twice = std::ranges::adjacent_find(*made) != made->end();
    if (made->empty() || twice || !known_values_.emplace(name, made.get()).second) return false;
    catalog_.values_.push_back(std::move(made));
    return true;
  }

  bool object(const std::string& name, std::string_view text) {
    auto made = std::make_unique<PayloadObject>();
    while (!text.empty()) {
      std::string_view group = take(text, ' ');
      if (group == "...") {
        made->open = true;
        continue;
      }
      const std::size_t colon = group.find(':');
      PayloadField field;
      if (colon == std::string_view::npos || !shape(group.substr(0, colon), field.shape, 0))
        return false;
      group.remove_prefix(colon + 1);
      while (!group.empty()) {
        std::string_view word = take(group, ',');
        field.always = word.ends_with('!');
        if (field.always) word.remove_suffix(1);
        if (word.empty()) return false;
        field.name = word;
        made->fields.push_back(field);
      }
    }
    std::ranges::sort(made->fields, {}, &PayloadField::name);
    const auto twice = std::ranges::adjacent_find(made->fields, {}, &PayloadField::name);
    if (twice != made->fields.end() || !objects_.emplace(name, made.get()).second) return false;
    catalog_.objects_.push_back(std::move(made));
    return true;
  }

  bool shape(std::string_view text, PayloadShape& into, int depth) {
    if (text.empty() || depth > shape_depth_max) return false;
    while (!text.empty()) {
      const char letter = text.front();
      text.remove_prefix(1);
      if (letter == '{') {
        into.object = find_object(take(text, '}'));
        if (into.object == nullptr) return false;
      } else if (letter == '[') {
        const std::size_t end = text.rfind(']');
        PayloadShape element;
        if (end == std::string_view::npos || !shape(text.substr(0, end), element, depth + 1))
          return false;
        text.remove_prefix(end + 1);
        catalog_.elements_.push_back(std::make_unique<PayloadShape>(element));
        into.element = catalog_.elements_.back().get();
      } else if (letter == '<') {
        const auto known = known_values_.find(take(text, '>'));
        if (known == known_values_.end() || into.text) return false;
        into.text = true;
        into.values = known->second;
      } else if (!scalar(letter, into)) {
        return false;
      }
    }
    return true;
  }

  static bool scalar(char letter, PayloadShape& into) noexcept {
    if (letter == '*') return into.any = true;
    if (letter == 's') return into.values == nullptr && (into.text = true);
    if (letter == 'n') return into.number = true;
    if (letter == 'b') return into.boolean = true;
    if (letter == 'z') return into.null = true;
    return false;
  }

  const PayloadObject* find_object(std::string_view name) {
    if (name == "*") {
      if (open_ == nullptr) {
        auto made = std::make_unique<PayloadObject>();
        made->open = true;
        open_ = made.get();
        catalog_.objects_.push_back(std::move(made));
      }
      return open_;
    }
    const auto found = objects_.find(name);
    return found == objects_.end() ? nullptr : found->second;
  }

  PayloadCatalog& catalog_;
  std::map<std::string, const PayloadObject*, std::less<>> objects_;
  std::map<std::string, const std::vector<std::string>*, std::less<>> known_values_;
  const PayloadObject* open_ = nullptr;
};

Result<PayloadCatalog> PayloadCatalog::parse(std::span<const std::string_view> texts) {
  PayloadCatalog catalog;
  for (const std::string_view text : texts) {
    if (const std::size_t line = Reader{catalog}.read(text); line != 0) {
      return Error{Reason::invalid_argument, fmt::format("line {} of a payload's shape", line)};
    }
  }
  return catalog;
}

const PayloadShape* PayloadCatalog::body(std::string_view type) const {
  if (const auto found = bodies_.find(type); found != bodies_.end()) return &found->second;
  const std::size_t dot = type.rfind('.');
  if (dot == std::string_view::npos) return nullptr;
  const auto found = bodies_.find(fmt::format("{}.*", type.substr(0, dot)));
  return found == bodies_.end() ? nullptr : &found->second;
}

}  // namespace signalbox
