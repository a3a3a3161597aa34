#include "gateway/config/overrides.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>

#include "event/ascii.hpp"
#include "event/json_escape.hpp"

namespace signalbox {
namespace {

constexpr std::string_view variable_prefix = "SIGNALBOX__";

std::vector<std::string> split_path(std::string_view text) {
  std::vector<std::string> parts;
  while (true) {
    const auto end = text.find("__");
    parts.push_back(ascii_lower(text.substr(0, end)));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 2);
  }
}

std::string as_yaml(std::string_view value) {
  const bool bracketed = (value.front() == '[' && value.back() == ']') ||
                         (value.front() == '{' && value.back() == '}');
  if (bracketed) return std::string{value};
  std::string quoted;
  append_json_string(quoted, value);
  return quoted;
}

// A node whose mark is the given place.
YAML::Node node_at(int line, int column, std::string_view yaml) {
  return YAML::Load(fmt::format("{}{}{}", std::string(static_cast<std::size_t>(line), '\n'),
                                std::string(static_cast<std::size_t>(column), ' '), yaml));
}

YAML::Node empty_like(const YAML::Node& node, int line, std::string_view yaml) {
  const YAML::Mark mark = node.IsDefined() ? node.Mark() : YAML::Mark::null_mark();
  return mark.is_null() ? node_at(line, 0, yaml) : node_at(mark.line, mark.column, yaml);
}

std::optional<std::size_t> position_in(const YAML::Node& list, std::string_view part) {
  std::size_t position = 0;
  const auto [end, failed] = std::from_chars(part.data(), part.data() + part.size(), position);
  if (failed != std::errc{} || end != part.data() + part.size()) return std::nullopt;
  return position <= list.size() ? std::optional{position} : std::nullopt;
}

// A variable's name cannot hold the '-' of a key.
bool names_key(std::string_view part, std::string_view key) {
  std::string plain = ascii_lower(key);
  std::replace(plain.begin(), plain.end(), '-', '_');
  return part == plain;
}

}  // namespace

Overrides::Overrides(const Environment& environment, std::string_view file_text) {
  int line = static_cast<int>(std::count(file_text.begin(), file_text.end(), '\n')) + 2;
  for (const auto& [name, value] : environment.all()) {
    if (!name.starts_with(variable_prefix) || value.empty()) continue;
    Variable variable{name, split_path(std::string_view{name}.substr(variable_prefix.size())),
                      as_yaml(value), line, 1};
    variable.lines +=
        static_cast<int>(std::count(variable.yaml.begin(), variable.yaml.end(), '\n'));
    line += variable.lines;
    variables_.push_back(std::move(variable));
  }
}

YAML::Node Overrides::apply(YAML::Node root, YamlFile& file) const {
  for (const Variable& variable : variables_) {
    const std::string place(static_cast<std::size_t>(variable.first_line), '\n');
    const YAML::Node value = file.parse(place + variable.yaml);
    if (!value.IsDefined()) continue;
    root.reset(put_at(root, variable, 0, value));
  }
  return root;
}

// Containers on the way are copied rather than changed, since an alias may show them elsewhere too.
YAML::Node Overrides::put_at(const YAML::Node& under, const Variable& variable, std::size_t depth,
                             const YAML::Node& value) {
  if (depth == variable.path.size()) return value;
  const std::string& part = variable.path[depth];
  if (under.IsDefined() && under.IsSequence()) {
    if (const auto position = position_in(under, part)) {
      YAML::Node list = empty_like(under, variable.first_line, "[]");
      for (std::size_t i = 0; i < std::max(under.size(), *position + 1); ++i) {
        const YAML::Node old = i < under.size() ? under[i] : YAML::Node{YAML::NodeType::Undefined};
        list.push_back(i == *position ? put_at(old, variable, depth + 1, value) : old);
      }
      return list;
    }
  }
  const bool mapping = under.IsDefined() && under.IsMap();
  YAML::Node map = mapping ? empty_like(under, variable.first_line, "{}")
                           : node_at(variable.first_line, 0, "{}");
  bool laid = false;
  if (mapping) {
    for (const auto& entry : under) {
      const bool here = !laid && entry.first.IsScalar() && names_key(part, entry.first.Scalar());
      map.force_insert(entry.first,
                       here ? put_at(entry.second, variable, depth + 1, value) : entry.second);
      laid = laid || here;
    }
  }
  if (!laid) {
    std::string key;
    append_json_string(key, part);
    map.force_insert(node_at(variable.first_line, 0, key),
                     put_at(YAML::Node{YAML::NodeType::Undefined}, variable, depth + 1, value));
  }
  return map;
}

void Overrides::name_variables(std::vector<Diagnostic>& diagnostics, std::string_view file) const {
  for (Diagnostic& diagnostic : diagnostics) {
    if (diagnostic.file != file || diagnostic.line == 0) continue;
    for (const Variable& variable : variables_) {
      const int line = diagnostic.line - 1;
      if (line < variable.first_line || line >= variable.first_line + variable.lines) continue;
      diagnostic.file = fmt::format("environment variable {}", variable.name);
      diagnostic.line = diagnostic.column = 0;
      break;
    }
  }
}

}  // namespace signalbox
