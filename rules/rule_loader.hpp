// Rule files (YAML) into compiled rules. All that is wrong is reported with its place, everything
// at once.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule.hpp"
#include "rules/rule_set.hpp"
#include "rules/source/yaml_literal.hpp"
#include "rules/written_rule.hpp"

namespace signalbox {

inline constexpr std::size_t rule_events_max = 64;
inline constexpr std::size_t rule_sends_max = 32;
inline constexpr std::size_t send_recipients_max = 256;
inline constexpr std::size_t rule_tests_max = 100;
inline constexpr std::size_t rule_name_bytes_max = 64;
inline constexpr std::size_t rule_owner_bytes_max = 64;
inline constexpr std::int64_t rule_priority_max = 1'000'000;  // and its negative

// [a-z0-9][a-z0-9._-]*, at most `rule_name_bytes_max` bytes: names of rules and tasks.
bool is_rule_name(std::string_view text) noexcept;

// The owner that a rule file names, also where the file is no YAML; empty where it names none.
std::string owner_of(std::string_view text);

class RuleLoader {
 public:
  // Rules as they were written are added to `written`, in the order of take_rules(); may be null.
  RuleLoader(const Recipients& recipients, std::vector<Diagnostic>& diagnostics,
             std::vector<WrittenRule>* written = nullptr);

  void load(const RuleFile& source);

  std::vector<Rule> take_rules() { return std::move(rules_); }
  std::vector<RuleTest> take_tests() { return std::move(tests_); }

 private:
  // What a file says for all of its rules.
  struct FileScope {
    std::string owner;
    std::string prefix;
    RuleDefaults defaults;
    std::optional<Literal> match;
  };

  void read(YamlFile& file, const std::string& text);
  void file_scope(YamlFile& file, YamlMapping& mapping);
  void defaults(YamlFile& file, const YAML::Node& node);
  // The rule's own value, or its file's default.
  YAML::Node own_or_default(YamlMapping& mapping, std::string_view key, bool needed) const;
  void rule(YamlFile& file, const YAML::Node& node);
  void precedence(YamlFile& file, YamlMapping& mapping, Rule& rule);
  void name(YamlFile& file, const YAML::Node& node, Rule& rule);
  void events(YamlFile& file, const YAML::Node& node, Rule& rule);
  void match(YamlFile& file, const YAML::Node& node, Rule& rule);
  static void report(YamlFile& file, const PatternProblems& problems, const std::string& rule);
  void sends(YamlFile& file, const YAML::Node& node, Rule& rule);
  void send(YamlFile& file, const YAML::Node& node, Rule& rule);
  void data(YamlFile& file, const YAML::Node& node, RuleSend& send);
  void for_each(YamlFile& file, const YAML::Node& node, RuleSend& send);
  void where(YamlFile& file, const YAML::Node& node, bool has_items, RuleSend& send);
  void tests(YamlFile& file, const YAML::Node& node, const Rule& rule);
  void test(YamlFile& file, const YAML::Node& node, const Rule& rule);
  void expectation(YamlFile& file, const YAML::Node& node, RuleTest& test);

  // The mailboxes of `to:`, topics expanded, each once; what is unknown is reported.
  std::vector<std::string> mailboxes(YamlFile& file, const YAML::Node& node);
  std::optional<Template> text_template(YamlFile& file, const YAML::Node& node,
                                        std::string_view what, bool has_item);
  std::optional<MessageKind> kind(YamlFile& file, const YAML::Node& node);
  std::optional<std::string> task(YamlFile& file, const YAML::Node& node);

  std::vector<Diagnostic>& diagnostics_;
  std::vector<WrittenRule>* written_;
  std::map<std::string, std::vector<std::string>> recipients_;  // as `to:` names them -> mailboxes
  std::vector<std::string_view> recipient_names_;
  bool any_recipient_;
  std::map<std::string, std::string> places_;  // rule -> "file:line" of its name
  FileScope scope_;                            // of the file being read
  ConditionPool conditions_;
  std::vector<Rule> rules_;
  std::vector<RuleTest> tests_;
};

}  // namespace signalbox
