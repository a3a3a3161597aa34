// `# signalbox:ignore code, code` in a rule file: somebody knows better.
#include <fmt/format.h>

#include <algorithm>

#include "rules/lint/lint.hpp"
#include "rules/lint/lint_checks.hpp"

namespace signalbox {
namespace {

constexpr std::string_view marker = "signalbox:ignore";

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t\r");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
}

// The comment that holds the marker begins here, or npos.
std::size_t comment_of(std::string_view line) noexcept {
  for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1)) {
    const bool begins = at == 0 || line[at - 1] == ' ' || line[at - 1] == '\t';
    if (begins && trimmed(line.substr(at + 1)).starts_with(marker)) return at;
  }
  return std::string_view::npos;
}

// The codes behind the marker, up to the first word that no comma joins.
std::vector<std::string> codes_of(std::string_view comment) {
  std::vector<std::string> codes;
  std::string_view rest = trimmed(comment.substr(comment.find(marker) + marker.size()));
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find_first_of(", \t"), rest.size());
    codes.emplace_back(rest.substr(0, end));
    rest = trimmed(rest.substr(end));
    if (!rest.starts_with(',')) break;
    rest = trimmed(rest.substr(1));
  }
  return codes;
}

std::string meant(const std::string& code) {
  std::vector<std::string_view> known;
  for (const LintCode& row : all_lint_codes()) known.push_back(row.code);
  if (std::ranges::find(known, code) != known.end()) return {};
  return did_you_mean(code, known);
}

}  // namespace

std::vector<IgnoreComment> ignore_comments(const RuleFile& file) {
  std::vector<IgnoreComment> comments;
  std::vector<std::size_t>
      waiting;  // comments on lines of their own, for the next line that is none
  std::string_view rest = file.text;
  for (int number = 1; !rest.empty(); ++number) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const std::size_t at = comment_of(line);
    const bool alone = trimmed(line).empty() || trimmed(line).front() == '#';
    if (at != std::string_view::npos) {
      for (std::string& code : codes_of(line.substr(at))) {
        if (alone) waiting.push_back(comments.size());
        comments.push_back({file.name,
                            {number, static_cast<int>(at) + 1},
                            alone ? 0 : number,
                            std::move(code),
                            false});
      }
    }
    if (alone) continue;
    for (const std::size_t index : waiting) comments[index].target = number;
    waiting.clear();
  }
  return comments;
}

std::vector<Diagnostic> apply_ignores(std::vector<LintReport::Found> found,
                                      std::vector<IgnoreComment> comments) {
  std::vector<Diagnostic> kept;
  for (LintReport::Found& finding : found) {
    const Diagnostic& diagnostic = finding.diagnostic;
    bool silenced = false;
    for (IgnoreComment& comment : comments) {
      if (comment.file != diagnostic.file || comment.code != diagnostic.code) continue;
      const bool of_rule =
          comment.target == finding.rule->info.line || comment.target == finding.rule->place.line;
      if (!of_rule && comment.target != diagnostic.line) continue;
      comment.used = true;
      silenced = true;
    }
    if (!silenced) kept.push_back(std::move(finding.diagnostic));
  }
  for (const IgnoreComment& comment : comments) {
    if (comment.used) continue;
    kept.push_back({comment.file, comment.place.line, comment.place.column, Severity::warning,
                    "unused-ignore",
                    fmt::format("'{}' is not found here{}", comment.code, meant(comment.code))});
  }
  return kept;
}

}  // namespace signalbox
