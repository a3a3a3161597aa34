// A rule as it was written, with the places of what the linter may point at. Made beside the
// compiled rule, only where somebody asks for it: a gateway keeps none.
#pragma once

#include <yaml-cpp/yaml.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "rules/rule_set.hpp"
#include "rules/source/literal.hpp"

namespace signalbox {

struct PlacedText {
  std::string text;
  Place place;
};

// A text that may hold `${…}`.
struct WrittenTemplate {
  std::string text;
  Place place;
  std::string for_each;            // of its `send`, with its `${…}`; empty where there is none
  bool is_text = false;            // `summary`, `work`: a null is no text
  bool is_list = false;            // `for_each` itself
  std::optional<Literal> where{};  // of its `send`: a pattern that each item meets
};

// An entry of `tests`.
struct WrittenTest {
  PlacedText type;
  PlacedText event_file;  // empty: it has a body of its own, or none
};

// By key, as the file has them.
using RuleDefaults = std::map<std::string, YAML::Node, std::less<>>;

struct WrittenRule {
  RuleInfo info;
  Place place;  // of its name
  int last_line = 0;
  std::vector<PlacedText> events;
  std::optional<Literal> match;
  std::vector<WrittenTemplate> templates;
  std::string send;      // all of it as one text: equal texts send the same
  bool assigns = false;  // one of its messages is an `assign`
  std::vector<WrittenTest> tests;

  // `node` must be one that loaded without errors, `defaults` those of its file.
  static WrittenRule read(const RuleInfo& info, const YAML::Node& node,
                          const RuleDefaults& defaults);
};

}  // namespace signalbox
