// Bodies as a provider sends them, written for this project: for `signalbox sample`, which lets a
// newcomer see a message without a provider, and for tests. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "event/clock.hpp"

namespace signalbox {

struct Sample {
  std::string body;  // JSON
};

// The body of an event about the repository acme/api, or the issues ENG-… and PROJ-… of Acme.
// `type` is with or without the connector in front: "github.push", "push"; some types have a
// variant behind the action, such as "github.issue_comment.created.on_pull_request". The same seed
// gives the same bytes; another seed gives another number, other commits and other times, so that
// it is no duplicate. `sent` is the time in the body of a provider that signs one, as a gateway
// that receives it wants it to be fresh; without it the seed decides. Nothing where there is no
// such sample.
std::optional<Sample> make_sample(std::string_view connector, std::string_view type,
                                  std::uint64_t seed, std::optional<Time> sent = std::nullopt);

// Full event types that make_sample knows, sorted; empty for a connector without samples.
std::span<const std::string_view> sample_types(std::string_view connector) noexcept;

// The type that a newcomer tries first, without the connector in front; empty for a connector
// without samples.
std::string_view first_sample_type(std::string_view connector) noexcept;

}  // namespace signalbox
