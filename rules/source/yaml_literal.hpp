// Literals out of YAML.
//
// A plain scalar is typed as JSON is: true, false, null, and numbers as JSON spells them. What YAML
// readers disagree about (yes, 0x1f, +1, .5) is an error until it is quoted or written as JSON
// would.
#pragma once

#include <yaml-cpp/yaml.h>

#include <optional>

#include "rules/source/literal.hpp"
#include "rules/source/yaml_reader.hpp"

namespace signalbox {

// Reports what cannot be read; nothing then.
std::optional<Literal> read_literal(YamlFile& file, const YAML::Node& node);

// As somebody would write it in YAML's flow style: [{prefix: refs/heads/}, "true"].
std::string to_flow(const Literal& literal);

// Where a node stands.
Place place_of(const YAML::Node& node);

// The place as yaml-cpp has it, for YamlFile::report().
YAML::Mark mark_of(const Place& place);

}  // namespace signalbox
