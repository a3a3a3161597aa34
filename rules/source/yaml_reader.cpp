#include "rules/source/yaml_reader.hpp"

#include <fmt/format.h>
#include <simdjson.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <set>

namespace signalbox {
namespace {

constexpr std::array<std::pair<std::string_view, std::uint64_t>, 8> byte_units{
    {{"", 1},
     {"B", 1},
     {"KB", 1000},
     {"MB", 1000 * 1000},
     {"GB", 1000 * 1000 * 1000},
     {"KiB", 1024},
     {"MiB", 1024 * 1024},
     {"GiB", 1024 * 1024 * 1024}}};

std::string_view kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Map:
      return "a mapping";
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Null:
      return "nothing";
    case YAML::NodeType::Scalar:
      return "a value";
    default:
      return "nothing";
  }
}

bool names_key(std::string_view words, std::string_view word) {
  const std::string padded = fmt::format(" {} ", words);
  return padded.find(fmt::format(" {} ", word)) != std::string::npos;
}

// The first line, up to the one given, that is indented with a tab. Null: none is.
YAML::Mark indenting_tab(std::string_view text, int last_line) {
  YAML::Mark mark;
  for (mark.line = 0; mark.line <= last_line && !text.empty(); ++mark.line) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::size_t tab = line.find_first_not_of(' ');
    if (tab != std::string_view::npos && line[tab] == '\t' &&
        line.find_first_not_of(" \t\r", tab) != std::string_view::npos) {
      mark.column = static_cast<int>(tab);
      return mark;
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return YAML::Mark::null_mark();
}

}  // namespace

YAML::Node YamlFile::parse(const std::string& text) {
  source_ = text;
  // yaml-cpp passes bytes on as they are, and what we write must be UTF-8.
  if (!simdjson::validate_utf8(text)) {
    report(YAML::Mark::null_mark(), Severity::error, "not-utf8", "the file is not UTF-8");
    return YAML::Node{YAML::NodeType::Undefined};
  }
  try {
    const std::vector<YAML::Node> documents = YAML::LoadAll(text);
    if (documents.empty()) return YAML::Node{YAML::NodeType::Null};
    if (documents.size() > 1) {
      error(documents[1], "several-documents", "a second YAML document; one file holds one");
      return YAML::Node{YAML::NodeType::Undefined};
    }
    find_repeated_keys(documents[0], 0);
    return failed_ ? YAML::Node{YAML::NodeType::Undefined} : documents[0];
  } catch (const YAML::Exception& wrong) {
    syntax_error(wrong);
    return YAML::Node{YAML::NodeType::Undefined};
  }
}

// A tab confuses the parser, which then complains about something further down.
void YamlFile::syntax_error(const YAML::Exception& wrong) {
  const YAML::Mark tab = indenting_tab(source_, wrong.mark.is_null() ? 0 : wrong.mark.line);
  if (!tab.is_null())
    return report(tab, Severity::error, "yaml-syntax", "a tab is no indentation: use blanks");
  report(wrong.mark, Severity::error, "yaml-syntax", wrong.msg);
}

YAML::Mark YamlFile::place_within(const YAML::Mark& scalar, std::string_view part,
                                  std::size_t nth) const {
  if (scalar.is_null()) return scalar;
  std::size_t at = 0;
  for (int line = 0; line < scalar.line; ++line) {
    const std::size_t end = source_.find('\n', at);
    if (end == std::string_view::npos) return scalar;
    at = end + 1;
  }
  at += static_cast<std::size_t>(scalar.column);
  for (std::size_t count = 0;; ++count) {
    at = source_.find(part, at);
    if (at == std::string_view::npos) return scalar;
    if (count == nth) break;
    at += part.size();
  }
  YAML::Mark mark;
  const std::string_view before = source_.substr(0, at);
  mark.line = static_cast<int>(std::ranges::count(before, '\n'));
  mark.column = static_cast<int>(at - (before.rfind('\n') + 1));  // npos + 1 is the first line
  return mark;
}

void YamlFile::find_repeated_keys(const YAML::Node& node, int depth) {
  if (depth > yaml_depth_max) {
    error(node, "too-deep", fmt::format("nested deeper than {}", yaml_depth_max));
    return;
  }
  if (++values_ > yaml_values_max) {
    if (values_ == yaml_values_max + 1) {
      error(node, "too-large", fmt::format("more than {} values", yaml_values_max));
    }
    return;
  }
  if (node.IsSequence()) {
    for (const auto& element : node) {
      find_repeated_keys(element, depth + 1);
      if (values_ > yaml_values_max) return;
    }
  }
  if (!node.IsMap()) return;
  std::set<std::string> keys;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      error(entry.first, "key-not-text", "a key must be text");
    } else if (!keys.insert(entry.first.Scalar()).second) {
      error(entry.first, "repeated-key", fmt::format("'{}' occurs twice", entry.first.Scalar()));
    }
    find_repeated_keys(entry.second, depth + 1);
    if (values_ > yaml_values_max) return;
  }
}

void YamlFile::error(const YAML::Node& at, std::string_view code, std::string message) {
  report(at.Mark(), Severity::error, code, std::move(message));
}

void YamlFile::warning(const YAML::Node& at, std::string_view code, std::string message) {
  report(at.Mark(), Severity::warning, code, std::move(message));
}

void YamlFile::report(const YAML::Mark& at, Severity severity, std::string_view code,
                      std::string message) {
  failed_ = failed_ || severity == Severity::error;
  const bool placed = !at.is_null();
  diagnostics_.push_back({name_, placed ? at.line + 1 : 0, placed ? at.column + 1 : 0, severity,
                          std::string{code}, std::move(message)});
}

std::optional<std::string> YamlFile::text(const YAML::Node& node, std::string_view what) {
  if (node.IsDefined() && node.IsScalar()) return node.Scalar();
  error(node, "wrong-type", fmt::format("{} must be text, not {}", what, kind_of(node)));
  return std::nullopt;
}

std::optional<bool> YamlFile::boolean(const YAML::Node& node, std::string_view what) {
  if (node.IsScalar() && node.Scalar() == "true") return true;
  if (node.IsScalar() && node.Scalar() == "false") return false;
  error(node, "wrong-type", fmt::format("{} must be true or false", what));
  return std::nullopt;
}

std::optional<std::int64_t> YamlFile::integer(const YAML::Node& node, std::string_view what,
                                              std::int64_t least, std::int64_t most) {
  if (node.IsScalar()) {
    const std::string& text = node.Scalar();
    std::int64_t value = 0;
    const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (failed == std::errc{} && end == text.data() + text.size() && value >= least &&
        value <= most) {
      return value;
    }
  }
  error(node, "wrong-type",
        fmt::format("{} must be a whole number from {} to {}", what, least, most));
  return std::nullopt;
}

std::optional<Milliseconds> YamlFile::duration(const YAML::Node& node, std::string_view what) {
  const auto value = node.IsScalar() ? parse_duration(node.Scalar()) : std::nullopt;
  if (!value)
    error(node, "wrong-type", fmt::format("{} must be a duration like 30s, 5m, 72h or 3d", what));
  return value;
}

std::optional<std::uint64_t> YamlFile::bytes(const YAML::Node& node, std::string_view what) {
  const auto value = node.IsScalar() ? parse_bytes(node.Scalar()) : std::nullopt;
  if (!value) error(node, "wrong-type", fmt::format("{} must be a size like 64KiB or 25MiB", what));
  return value;
}

std::vector<std::string> YamlFile::texts(const YAML::Node& node, std::string_view what) {
  std::vector<std::string> values;
  if (node.IsSequence()) {
    for (const auto& element : node) {
      if (auto value = text(element, what)) values.push_back(std::move(*value));
    }
  } else if (auto value = text(node, what)) {
    values.push_back(std::move(*value));
  }
  return values;
}

YamlMapping::YamlMapping(YamlFile& file, const YAML::Node& node, std::string_view what)
    : file_{file}, node_{node}, what_{what} {
  if (!node.IsDefined()) return;
  if (!node.IsMap()) {
    file_.error(node, "wrong-type",
                fmt::format("{} must be a mapping, not {}", what, kind_of(node)));
    return;
  }
  defined_ = true;
  for (const auto& entry : node)
    entries_.emplace(entry.first.Scalar(), std::pair{entry.first, entry.second});
}

YAML::Node YamlMapping::take(std::string_view key) {
  known_.emplace_back(key);
  const auto found = entries_.find(std::string{key});
  return found == entries_.end() ? YAML::Node{YAML::NodeType::Undefined} : found->second.second;
}

YAML::Node YamlMapping::need(std::string_view key) {
  YAML::Node value = take(key);
  if (defined_ && !value.IsDefined()) {
    file_.error(node_, "missing-key", fmt::format("{} needs '{}'", what_, key));
  }
  return value;
}

void YamlMapping::finish(std::span<const KeyHint> hints) {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& [key, nodes] : entries_) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    const auto hint = std::ranges::find_if(
        hints, [&name = key](const KeyHint& row) { return names_key(row.keys, name); });
    file_.error(nodes.first, "unknown-key",
                fmt::format("unknown key '{}' in {}{}", key, what_,
                            hint == hints.end() ? did_you_mean(key, known)
                                                : fmt::format(": {}", hint->says)));
  }
}

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  std::uint64_t count = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (failed != std::errc{}) return std::nullopt;
  const std::string_view unit{end, static_cast<std::size_t>(text.data() + text.size() - end)};
  for (const auto& [name, factor] : byte_units) {
    if (name != unit) continue;
    if (count > std::numeric_limits<std::uint64_t>::max() / factor) return std::nullopt;
    return count * factor;
  }
  return std::nullopt;
}

}  // namespace signalbox
