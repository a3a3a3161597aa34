// What a verified body holds, by its content type: JSON, or a form with JSON in one of its fields.
// Nothing here looks at a body before its signature was checked: callers have a Verified in hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "connectors/connector.hpp"

namespace signalbox {

// "application/json" of "Application/JSON; charset=utf-8" when compared with iequals: parameters
// and the white space around are cut, the case is left.
std::string_view media_type(std::string_view content_type) noexcept;

// Decodes the field `name` of an application/x-www-form-urlencoded body into `out` ('+' is a blank,
// "%41" an 'A') and leaves `json_padding` bytes behind the text that is returned. malformed_body
// where that is not all there is, or it has an incomplete percent code: providers send one field,
// and within a text of somebody else's another could stand.
// https://url.spec.whatwg.org/#application/x-www-form-urlencoded
Result<std::string_view> form_field(std::string_view form, std::string_view name, std::string& out);

// What the unsigned Content-Type and Content-Encoding may say of a body: unsupported_media_type for
// an encoding, which is not ours to undo behind the signature.
std::optional<Error> encoding_error(const Headers& headers);

// Parses an object from a JSON body, or from the field `form_name` of a form body (empty: forms are
// not accepted). The header is unsigned, so it does not decide: a body that begins as JSON does is
// JSON, and `only` says which of the two the source takes. unsupported_media_type for the other
// one, for other or missing content types and for encodings, malformed_request when a header occurs
// twice, malformed_body where there is no JSON object. The Json is a view into `request` and
// `scratch`.
Result<Json> read_object(const Unverified& request, std::string_view form_name,
                         ParseScratch& scratch, ContentType only = ContentType::any);

}  // namespace signalbox
