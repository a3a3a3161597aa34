#include "connectors/request/body.hpp"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace signalbox {
namespace {

constexpr std::string_view blank = " \t";

// The value of a field as it stands, still encoded. Names are compared as they stand: no sender
// encodes the letters of a field's name.
Result<std::string_view> encoded_field(std::string_view form, std::string_view name) {
  std::optional<std::string_view> found;
  while (!form.empty()) {
    const std::string_view pair = form.substr(0, form.find('&'));
    form.remove_prefix(std::min(pair.size() + 1, form.size()));
    const std::size_t equals = pair.find('=');
    if (pair.substr(0, equals) != name) continue;
    if (found) {
      return Error{Reason::malformed_body, fmt::format("form field '{}' occurs twice", name)};
    }
    found = equals == std::string_view::npos ? std::string_view{} : pair.substr(equals + 1);
  }
  if (!found) return Error{Reason::malformed_body, fmt::format("no form field '{}'", name)};
  return *found;
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

Result<Json> read_object(const Unverified& request, std::string_view form_name,
                         ParseScratch& scratch) {
  const auto content_type = request.headers.find("Content-Type");
  if (!content_type) return content_type.error();
  const std::string_view type = media_type(content_type->value_or(std::string_view{}));
  std::string_view text = request.body;
  if (!form_name.empty() && iequals(type, "application/x-www-form-urlencoded")) {
    const auto field = form_field(request.body, form_name, scratch.decoded);
    if (!field) return field.error();
    text = *field;
  } else if (!iequals(type, "application/json")) {
    return Error{Reason::unsupported_media_type,
                 form_name.empty() ? "the content type must be application/json"
                                   : "the content type must be application/json or "
                                     "application/x-www-form-urlencoded"};
  }
  const auto json = scratch.document.parse(text);
  if (!json) return json.error();
  if (!json->is(JsonKind::object))
    return Error{Reason::malformed_body, "the body is no JSON object"};
  return *json;
}

}  // namespace signalbox
