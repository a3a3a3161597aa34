// What is wrong with a file, and where: `rules.yaml:14:7: error: unknown operator 'start_with'; did
// you mean 'prefix'?`
#pragma once

#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/error.hpp"

namespace signalbox {

struct Diagnostic {
  std::string file;
  int line = 0;    // 1-based; 0 where the whole file is meant
  int column = 0;  // 1-based
  Severity severity = Severity::error;
  std::string code;     // stable: "unknown-key", "unknown-operator", ...
  std::string message;  // one line, lower case, no full stop
  std::string owner{};  // of the rule file; may be empty
};

// "file:line:column: error: message [code]", with " (owner: …)" where there is one.
std::string to_string(const Diagnostic& diagnostic);

bool has_errors(std::span<const Diagnostic> diagnostics) noexcept;

// "; did you mean 'x'?" for the nearest candidate within a third of its length, or an empty text.
std::string did_you_mean(std::string_view wrong, std::span<const std::string_view> candidates);

}  // namespace signalbox
