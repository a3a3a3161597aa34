#include "rules/template/template.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cassert>

#include "event/json_escape.hpp"
#include "rules/source/yaml_literal.hpp"

namespace signalbox {
namespace {

Error wrong(std::string message) { return Error{Reason::invalid_argument, std::move(message)}; }

Error too_large() {
  return Error{Reason::body_too_large,
               fmt::format("the message is larger than {} bytes", message_bytes_max)};
}

// Without white space: a message is one line. Recursion is bounded by json_depth_max.
void append_compact(std::string& out, Json value) {
  const char* separator = "";
  if (value.is(JsonKind::object)) {
    out += '{';
    for (const JsonField field : value.fields()) {
      out += separator;
      separator = ",";
      append_json_string(out, field.key);
      out += ':';
      append_compact(out, field.value);
    }
    out += '}';
  } else if (value.is(JsonKind::array)) {
    out += '[';
    for (const Json element : value.elements()) {
      out += separator;
      separator = ",";
      append_compact(out, element);
    }
    out += ']';
  } else if (value.is(JsonKind::string)) {
    append_json_string(out, value.string_or(""));
  } else {
    out += value.raw();
  }
}

bool is_too_large(const PathValue& value, const TemplateScope& scope) {
  if (scope.cut_behind > 0) return false;  // it will be cut
  const auto* json = std::get_if<Json>(&value);
  return (json ? json->raw().size() : std::get<std::string>(value).size()) > message_bytes_max;
}

bool is_continuation(char c) noexcept { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// The text as far as it is to be kept, cut at a character, with where all of it is.
std::string fitted(std::string_view text, const TemplateScope& scope) {
  if (scope.cut_behind == 0 || text.size() <= scope.cut_behind) return std::string{text};
  std::size_t kept = scope.cut_behind;
  while (kept > 0 && is_continuation(text[kept])) --kept;
  return fmt::format("{} … [cut after {} of {} bytes; all of it: signalbox event {}]",
                     text.substr(0, kept), kept, text.size(), scope.event.id);
}

// What a path leads to, as text.
std::string text_of(const PathValue& value, const TemplateScope& scope) {
  if (const auto* own = std::get_if<std::string>(&value)) return fitted(*own, scope);
  const Json json = std::get<Json>(value);
  if (json.is(JsonKind::string)) return fitted(json.string_or(""), scope);
  // What is cut anyway is not made compact first.
  if (scope.cut_behind > 0 && json.raw().size() > message_bytes_max)
    return fitted(json.raw(), scope);
  std::string compact;
  append_compact(compact, json);
  return fitted(compact, scope);
}

}  // namespace

Result<std::string> Template::text(const TemplateScope& scope) const {
  std::string out;
  for (const Part& part : parts_) {
    out += part.literal;
    if (!part.path) continue;
    const auto value = part.path->resolve(scope);
    if (!value) return value.error();
    if (is_too_large(*value, scope)) return too_large();
    const auto* json = std::get_if<Json>(&*value);
    if (json != nullptr && json->is(JsonKind::null))
      return wrong(fmt::format("{} is null", part.path->text()));
    out += text_of(*value, scope);
    if (out.size() > message_bytes_max) return too_large();
  }
  return out;
}

std::vector<TemplatePath> Template::paths() const {
  std::vector<TemplatePath> paths;
  for (const Part& part : parts_) {
    if (part.path) paths.push_back(*part.path);
  }
  return paths;
}

bool Template::is_one_path() const noexcept {
  return parts_.size() == 2 && parts_.front().literal.empty() && parts_.back().literal.empty();
}

Result<bool> Template::append_json(std::string& out, const TemplateScope& scope) const {
  assert(!parts_.empty() && !parts_.back().path);
  const Part& first = parts_.front();
  if (!is_one_path()) {
    const auto rendered = text(scope);
    if (!rendered) return rendered.error();
    append_json_string(out, *rendered);
    return true;
  }
  const auto value = first.path->resolve(scope);
  if (!value) return value.error();
  if (is_too_large(*value, scope)) return too_large();
  const auto* json = std::get_if<Json>(&*value);
  const bool is_text = json == nullptr || json->is(JsonKind::string);
  if (is_text || (scope.cut_behind > 0 && json->raw().size() > scope.cut_behind)) {
    append_json_string(out, text_of(*value, scope));  // a list or an object that is cut is a text
  } else {
    append_compact(out, *json);
  }
  return true;
}

std::optional<DataTemplate> DataTemplate::parse(YamlFile& file, const Literal& literal,
                                                bool has_item) {
  DataTemplate data;
  data.kind_ = literal.kind;
  bool whole = true;
  switch (literal.kind) {
    case JsonKind::object:
      for (const Literal::Field& field : literal.fields) {
        auto value = parse(file, field.value, has_item);
        whole = whole && value;
        if (value) data.fields_.push_back({field.key, std::move(*value)});
      }
      break;
    case JsonKind::array:
      for (const Literal& element : literal.elements) {
        auto value = parse(file, element, has_item);
        whole = whole && value;
        if (value) data.elements_.push_back(std::move(*value));
      }
      break;
    case JsonKind::string: {
      data.template_ = Template::read(file, literal.place, literal.text, has_item);
      whole = data.template_.has_value();
      break;
    }
    default:
      data.plain_ = literal.text;
  }
  return whole ? std::optional{std::move(data)} : std::nullopt;
}

Result<bool> DataTemplate::append_json(std::string& out, const TemplateScope& scope) const {
  if (out.size() > message_bytes_max) return too_large();
  if (template_) return template_->append_json(out, scope);
  if (kind_ == JsonKind::object) {
    std::string fields;
    if (auto done = append_fields(fields, scope); !done) return done;
    out += '{';
    out += fields.empty() ? std::string_view{} : std::string_view{fields}.substr(1);
    out += '}';
  } else if (kind_ == JsonKind::array) {
    char before = '[';
    if (elements_.empty()) out += before;
    for (const DataTemplate& element : elements_) {
      out += before;
      before = ',';
      if (auto done = element.append_json(out, scope); !done) return done;
    }
    out += ']';
  } else {
    out += plain_;
  }
  return true;
}

Result<bool> DataTemplate::append_fields(std::string& out, const TemplateScope& scope) const {
  for (const Field& field : fields_) {
    out += ',';
    append_json_string(out, field.key);
    out += ':';
    if (auto done = field.value.append_json(out, scope); !done) return done;
  }
  return true;
}

bool DataTemplate::has_field(std::string_view key) const noexcept {
  return std::any_of(fields_.begin(), fields_.end(),
                     [&](const Field& field) { return field.key == key; });
}

}  // namespace signalbox
