// What a secret or a body may have been before a common mistake: forms that a diagnosis tries.
// Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace signalbox {

// One form, and what had to happen for it.
struct Variant {
  std::string text;
  std::string what;  // "a line feed behind it"
};

// What a sender signs with who has more than this secret: `what` is behind "its copy has".
std::vector<Variant> secrets_of_sender(std::string_view secret);

// What a sender signs with where it is this copy that has more: `what` is behind "this copy has".
// None where it has nothing of the kind.
std::vector<Variant> secrets_without_addition(std::string_view secret);

// What a body may have been before it was changed on its way: each is another text than `body`.
// JSON that was written anew is tried with the habits of common writers.
std::vector<Variant> bodies_before(std::string_view body);

}  // namespace signalbox
