// What the samples of all providers are made from: facts that a seed decides, and objects around
// them. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "event/json_writer.hpp"

namespace signalbox::sample {

inline constexpr std::uint64_t number_max = 100'000;

// Wraps a function over a JsonObject into the text of a whole object.
template <class Fill>
std::string object(Fill fill) {
  std::string out;
  JsonObject json{out};
  fill(json);
  json.close();
  return out;
}

// What a seed decides.
class Facts {
 public:
  // `sent`: when the provider sends the sample; else the seed decides that as well.
  explicit Facts(std::uint64_t seed, std::optional<Time> sent = std::nullopt)
      : number{static_cast<std::int64_t>(1 + seed % number_max)}, seed_{seed}, sent_{sent} {}

  // Different for each `what`: an object's id.
  std::int64_t id(std::uint64_t what) const;

  std::string sha(std::uint64_t what) const;

  // Within 2026, or when it was sent; `later` seconds after the start of this sample's story.
  std::string time(unsigned later = 0) const;
  Time start() const;
  std::int64_t seconds() const;  // the same since 1970

  std::string uuid(std::uint64_t what) const;  // RFC 9562, version 4

  // A GitHub node id.
  std::string node(std::string_view prefix, std::uint64_t what) const;

  std::int64_t number;

 private:
  std::uint64_t mix(std::uint64_t what) const;
  std::uint64_t seed_;
  std::optional<Time> sent_;
};

}  // namespace signalbox::sample
