// Environment variables as configuration keys: SIGNALBOX__REDIS__URL is `redis.url`. They are laid
// over the file's YAML tree before anything is validated, so one validation covers both. A value in
// brackets
// ([…] or {…}) is YAML, everything else is plain text; an empty value counts as not set.
//
// So that a diagnostic can name the variable, each value is parsed as if it stood behind the file's
// last line; lines beyond the end of the file lead back to the variable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.hpp"
#include "rules/source/yaml_reader.hpp"

namespace signalbox {

class Overrides {
 public:
  Overrides(const Environment& environment, std::string_view file_text);

  // The tree with the variables' values in it; nodes of the given tree are not changed.
  YAML::Node apply(YAML::Node root, YamlFile& file) const;

  // Makes diagnostics of `file` that are about a variable name it.
  void name_variables(std::vector<Diagnostic>& diagnostics, std::string_view file) const;

 private:
  struct Variable {
    std::string name;
    std::vector<std::string> path;  // lower case
    std::string yaml;               // what is parsed
    int first_line = 0;             // 0-based, behind the file's end
    int lines = 1;
  };
  static YAML::Node put_at(const YAML::Node& under, const Variable& variable, std::size_t depth,
                           const YAML::Node& value);

  std::vector<Variable> variables_;
};

}  // namespace signalbox
