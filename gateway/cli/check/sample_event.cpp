#include "gateway/cli/check/sample_event.hpp"

#include <algorithm>

#include "connectors/samples/samples.hpp"
#include "event/json.hpp"
#include "rules/source/literal.hpp"

namespace signalbox {
namespace {

constexpr std::uint64_t seed = 1;  // that of `signalbox sample`

Result<Literal> literal_of(std::string_view json) {
  JsonDocument document;
  const auto parsed = document.parse_copy(json);
  if (!parsed) return parsed.error();
  auto literal = read_literal(*parsed);
  if (literal) return std::move(*literal);
  return Error{Reason::invalid_argument, "nested too deeply"};
}

Literal with_action(Literal body, std::string_view action) {
  for (Literal::Field& field : body.fields) {
    if (field.key == "action") field.value.text = action;
  }
  return body;
}

// "github.pull_request" of "github.pull_request.closed"
std::string_view event_of(std::string_view type) {
  const std::size_t first = std::min(type.find('.'), type.size());
  return type.substr(0, type.find('.', std::min(first + 1, type.size())));
}

// A body of the same event with another action.
std::optional<Literal> sibling(std::string_view connector, std::string_view type) {
  const std::string_view event = event_of(type);
  if (event.size() == type.size()) return std::nullopt;
  for (const std::string_view other : sample_types(connector)) {
    if (event_of(other) != event) continue;
    const auto sample = make_sample(connector, other, seed);
    auto body = sample ? literal_of(sample->body) : Result<Literal>{Literal{}};
    if (!body) return std::nullopt;
    return with_action(std::move(*body), type.substr(event.size() + 1));
  }
  return std::nullopt;
}

std::optional<Literal> sample_of(std::string_view type) {
  const std::string_view connector = type.substr(0, type.find('.'));
  const auto sample = make_sample(connector, type, seed);
  if (!sample) return sibling(connector, type);
  auto body = literal_of(sample->body);
  return body ? std::optional{std::move(*body)} : std::nullopt;
}

}  // namespace

Result<std::string> sample_with(std::string_view type, std::string_view over) {
  auto body = sample_of(type);
  if (over.empty()) {
    if (body) return to_json(*body);
    return Error{Reason::not_found, "there is no sample of this type: the test needs an 'event'"};
  }
  if (!body) return std::string{over};
  const auto laid = literal_of(over);
  if (!laid) return laid.error();
  return to_json(merged(std::move(*body), *laid));
}

bool is_variant_of(std::string_view sample, std::string_view type) {
  if (!sample.starts_with(type) || sample.size() == type.size()) return false;
  // A type with its action has three parts; what stands behind is no part of it.
  if (std::ranges::count(type, '.') != 2) return false;
  const auto known = sample_types(sample.substr(0, sample.find('.')));
  return sample[type.size()] == '.' && std::ranges::find(known, sample) != known.end();
}

}  // namespace signalbox
