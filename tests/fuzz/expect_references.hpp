// What holds of the references and places of any event, whoever signed it.
#pragma once

#include <algorithm>

#include "connectors/request/names.hpp"
#include "event/event.hpp"
#include "tests/fuzz/expect.hpp"

namespace signalbox::fuzz {

inline constexpr std::size_t target_bytes_max = 1024;
inline constexpr std::size_t place_bytes_max = 1024;

inline void expect_references(const std::vector<Reference>& references, std::string_view own) {
  expect(references.size() <= references_max, "references are bounded");
  for (const Reference& reference : references) {
    expect(reference.target != own, "no work refers to itself");
    expect(reference.target.size() <= target_bytes_max, "a target is bounded");
    // A branch may have any other character.
    expect(std::ranges::none_of(
               reference.target,
               [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; }),
           "a target is one plain line");
    expect(reference.relation == Relation::head ||
               is_plain_name(reference.target, ":/#=", target_bytes_max),
           "the name of a work is plain");
  }
}

inline void expect_places(const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    expect(is_plain_name(place, ":/", place_bytes_max), "a place is plain");
  }
}

}  // namespace signalbox::fuzz
