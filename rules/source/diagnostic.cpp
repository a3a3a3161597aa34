#include "rules/source/diagnostic.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace signalbox {
namespace {

// Nobody mistypes a name this long, and the distance costs the product of both lengths.
constexpr std::size_t suggestion_bytes_max = 128;

std::string_view word(Severity severity) noexcept {
  switch (severity) {
    case Severity::debug:
    case Severity::info:
      return "note";
    case Severity::warning:
      return "warning";
    case Severity::error:
      break;
  }
  return "error";
}

// Levenshtein distance.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0]++;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t substituted = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({substituted, row[j] + 1, row[j + 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

std::string to_string(const Diagnostic& diagnostic) {
  const std::string place = diagnostic.line == 0 ? diagnostic.file
                                                 : fmt::format("{}:{}:{}", diagnostic.file,
                                                               diagnostic.line, diagnostic.column);
  const std::string owner =
      diagnostic.owner.empty() ? std::string{} : fmt::format(" (owner: {})", diagnostic.owner);
  return fmt::format("{}: {}: {} [{}]{}", place, word(diagnostic.severity), diagnostic.message,
                     diagnostic.code, owner);
}

bool has_errors(std::span<const Diagnostic> diagnostics) noexcept {
  return std::any_of(diagnostics.begin(), diagnostics.end(),
                     [](const Diagnostic& d) { return d.severity == Severity::error; });
}

std::string did_you_mean(std::string_view wrong, std::span<const std::string_view> candidates) {
  std::string_view nearest;
  std::size_t nearest_distance = 0;
  if (wrong.size() > suggestion_bytes_max) return {};
  for (std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(wrong, candidate);
    const std::size_t allowed =
        std::max<std::size_t>(1, std::max(wrong.size(), candidate.size()) / 3);
    if (distance > allowed) continue;
    if (nearest.empty() || distance < nearest_distance) {
      nearest = candidate;
      nearest_distance = distance;
    }
  }
  return nearest.empty() ? std::string{} : fmt::format("; did you mean '{}'?", nearest);
}

}  // namespace signalbox
