// What a verified body holds, by its content type: JSON, or a form with JSON in one of its fields.
// Nothing here looks at a body before its signature was checked: callers have a Verified in hand.
#pragma once

#include <string>
#include <string_view>

#include "connectors/connector.hpp"

namespace signalbox {

// "application/json" of "Application/JSON; charset=utf-8" when compared with iequals: parameters
// and the white space around are cut, the case is left.
std::string_view media_type(std::string_view content_type) noexcept;

// Decodes the field `name` of an application/x-www-form-urlencoded body into `out` ('+' is a blank,
// "%41" an 'A') and leaves `json_padding` bytes behind the text that is returned. malformed_body
// where the field is missing, occurs twice, or has an incomplete percent code.
// https://url.spec.whatwg.org/#application/x-www-form-urlencoded
Result<std::string_view> form_field(std::string_view form, std::string_view name, std::string& out);

// Parses an object from a JSON body, or from the field `form_name` of a form body (empty: forms are
// not accepted). unsupported_media_type for other or missing content types, malformed_request when
// the header occurs twice, malformed_body where there is no JSON object. The Json is a view into
// `request` and `scratch`.
Result<Json> read_object(const Unverified& request, std::string_view form_name,
                         ParseScratch& scratch);

}  // namespace signalbox
