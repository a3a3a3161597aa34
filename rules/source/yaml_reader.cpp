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

}  // namespace

YAML::Node YamlFile::parse(const std::string& text) {
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
    report(wrong.mark, Severity::error, "yaml-syntax", wrong.msg);
    return YAML::Node{YAML::NodeType::Undefined};
  }
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

void YamlMapping::finish() {
  const std::vector<std::string_view> known(known_.begin(), known_.end());
  for (const auto& [key, nodes] : entries_) {
    if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
    file_.error(nodes.first, "unknown-key",
                fmt::format("unknown key '{}' in {}{}", key, what_, did_you_mean(key, known)));
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
