// The installation that is simulated: its configuration, loaded once by production's own loader, in
// one version for each set of rules.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/config/config.hpp"

namespace signalbox::sim {

inline constexpr Milliseconds id_window = std::chrono::minutes{30};
inline constexpr Milliseconds digest_window = std::chrono::minutes{15};
inline constexpr Milliseconds keep_events = std::chrono::minutes{90};
inline constexpr std::uint64_t mailbox_most = 12;
inline constexpr std::uint32_t deliveries_most = 3;

// What the rules of a version make of ordinary events.
enum class RuleVersion : std::uint8_t {
  whole,   // all of them lead to messages
  moved,   // the same, to other recipients
  silent,  // issues and trackers match nothing
  broken,  // the templates for issues and trackers fail
};
inline constexpr std::size_t rule_versions = 4;

struct Scenario {
  // Throws std::runtime_error when the configuration does not load: the simulation is at fault.
  Scenario();
  std::shared_ptr<const Config> of(RuleVersion version) const {
    return configs_[static_cast<std::size_t>(version)];
  }

 private:
  std::array<std::shared_ptr<const Config>, rule_versions> configs_;
};

// Two namespaces: what happens in one is nobody's business in the other.
inline constexpr std::array<std::string_view, 2> space_names{"main", "blue"};

struct PartyName {
  std::string_view name;
  std::string_view token;
  std::string_view space = "main";
};
inline constexpr std::array<PartyName, 4> agent_names{
    {{"reviewer", "token-of-the-reviewer"},
     {"coder", "token-of-the-coder-0"},
     {"planner", "token-of-the-planner"},
     {"painter", "token-of-the-painter", "blue"}}};
inline constexpr PartyName operator_name{"ops", "token-of-the-operator"};

// Secrets of a source, the newest first; all are accepted.
struct SourceName {
  std::string_view name;
  std::string_view connector;
  std::array<std::string_view, 2> secrets;
  std::string_view space = "main";
};
inline constexpr std::array<SourceName, 5> source_names{
    {{"github", "github", {"github-secret-new", "github-secret-old"}},
     {"linear", "linear", {"linear-secret-new", "linear-secret-old"}},
     {"jira", "jira", {"jira-secret-new-1", "jira-secret-old-1"}},
     {"forge", "github", {"forge-secret-new-1", "forge-secret-old-1"}, "blue"},
     {"mirror", "github", {"mirror-secret-new", "mirror-secret-old"}}}};

// Requires a source's name.
const SourceName& source_named(std::string_view name);
// Of the agent whose mailbox it is, dead letters or not.
std::string_view space_of_mailbox(std::string_view mailbox);

}  // namespace signalbox::sim
