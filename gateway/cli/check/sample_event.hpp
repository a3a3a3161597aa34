// The body of a rule's test: what the test says, laid upon the sample of its event type, so that it
// says only what matters. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "event/error.hpp"

namespace signalbox {

// The body of `signalbox sample <type>` with the fields of `over` laid upon it, mapping by mapping;
// any other value, a list too, takes the place of the sample's. Of a type that has no sample it is
// another sample of the same event, with its own action; without one `over` is all of the body.
// `over` is a JSON object, or empty.
Result<std::string> sample_with(std::string_view type, std::string_view over);

// "github.issue_comment.created.on_pull_request" is a sample of "github.issue_comment.created".
bool is_variant_of(std::string_view sample, std::string_view type);

}  // namespace signalbox
