#include "connectors/request/body.hpp"

#include <fmt/format.h>

#include <array>

namespace signalbox {
namespace {

constexpr std::string_view blank = " \t";

// The value of the one field, still encoded. Its name is compared as it stands: no sender encodes
// the letters of a field's name.
Result<std::string_view> encoded_field(std::string_view form, std::string_view name) {
  const bool begins = form.starts_with(name) && form.substr(name.size()).starts_with('=');
  if (!begins) {
    return Error{Reason::malformed_body, fmt::format("the form does not begin with '{}='", name)};
  }
  const std::string_view value = form.substr(name.size() + 1);
  if (value.find('&') != std::string_view::npos) {
    return Error{Reason::malformed_body, fmt::format("the form has more than '{}'", name)};
  }
  return value;
}

// No form begins so.
bool begins_as_json(std::string_view body) noexcept {
  return !body.empty() && std::string_view{"{[ \t\r\n"}.find(body.front()) != body.npos;
}

// Which of the two a body is, JSON or a form, or why it is neither.
Result<ContentType> kind_of(const Unverified& request, std::string_view form_name) {
  const auto header = request.headers.find("Content-Type");
  if (!header) return header.error();
  const std::string_view type = media_type(header->value_or(std::string_view{}));
  const bool form = !form_name.empty() && iequals(type, "application/x-www-form-urlencoded");
  if (!form && !iequals(type, "application/json")) {
    return Error{Reason::unsupported_media_type,
                 form_name.empty() ? "the content type must be application/json"
                                   : "the content type must be application/json or "
                                     "application/x-www-form-urlencoded"};
  }
  return form && !begins_as_json(request.body) ? ContentType::form : ContentType::json;
}

}  // namespace

std::string_view media_type(std::string_view content_type) noexcept {
  std::string_view type = content_type.substr(0, content_type.find(';'));
  type.remove_prefix(std::min(type.find_first_not_of(blank), type.size()));
  return type.substr(0, type.find_last_not_of(blank) + 1);
}

Result<std::string_view> form_field(std::string_view form, std::string_view name,
                                    std::string& out) {
  const auto encoded = encoded_field(form, name);
  if (!encoded) return encoded.error();
  out.clear();
  out.reserve(encoded->size() + json_padding);
  for (std::size_t i = 0; i < encoded->size(); ++i) {
    const char c = (*encoded)[i];
    if (c != '%') {
      out += c == '+' ? ' ' : c;
      continue;
    }
    std::array<std::uint8_t, 1> byte;
    if (!from_hex(encoded->substr(i + 1, 2), byte)) {
      return Error{
          Reason::malformed_body,
          fmt::format("form field '{}' has an incomplete percent code at byte {}", name, i)};
    }
    out += static_cast<char>(byte[0]);
    i += 2;
  }
  const std::size_t size = out.size();
  out.append(json_padding, ' ');
  return std::string_view{out}.substr(0, size);
}

std::optional<Error> encoding_error(const Headers& headers) {
  const auto encoding = headers.find("Content-Encoding");
  if (!encoding) return encoding.error();
  if (!*encoding || (*encoding)->empty() || iequals(**encoding, "identity")) return std::nullopt;
  return Error{
      Reason::unsupported_media_type,
      "the body has a Content-Encoding: providers sign and send bodies as they are, and so "
      "must whatever stands before the gateway"};
}

Result<Json> read_object(const Unverified& request, std::string_view form_name,
                         ParseScratch& scratch, ContentType only) {
  if (auto encoded = encoding_error(request.headers)) return *std::move(encoded);
  const auto kind = kind_of(request, form_name);
  if (!kind) return kind.error();
  if (only != ContentType::any && only != *kind) {
    return Error{Reason::unsupported_media_type,
                 fmt::format("the source's content_type is {}, and this is the other",
                             only == ContentType::json ? "json" : "form")};
  }
  std::string_view text = request.body;
  if (*kind == ContentType::form) {
    const auto field = form_field(request.body, form_name, scratch.decoded);
    if (!field) return field.error();
    text = *field;
  }
  const auto json = scratch.document.parse(text);
  if (!json) return json.error();
  if (!json->is(JsonKind::object))
    return Error{Reason::malformed_body, "the body is no JSON object"};
  return *json;
}

}  // namespace signalbox
