// Who takes part: sources that send webhooks, agents that read messages, operators that watch both.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "connectors/request/names.hpp"
#include "event/text_list.hpp"
#include "gateway/config/sections.hpp"
#include "rules/pattern/event_hints.hpp"

namespace signalbox {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr std::size_t issue_key_chars_max = 32;  // of a team or a project
constexpr std::size_t parties_max = 1000;        // sources, agents, operators: of each

// Calls `read` for each entry with a valid name; reports the others.
template <class Read>
void for_each_named(YamlFile& file, const YAML::Node& node, std::string_view what, Read read) {
  if (!node.IsDefined()) return;
  if (!node.IsMap() || node.size() > parties_max) {
    file.error(node, "wrong-type",
               fmt::format("{} must be a mapping of at most {} names", what, parties_max));
    return;
  }
  for (const auto& entry : node) {
    const std::string& name = entry.first.Scalar();
    if (is_config_name(name)) {
      read(name, entry.second, fmt::format("{}.{}", what, name));
    } else {
      file.error(entry.first, "wrong-name",
                 fmt::format("a name in {} must match {}", what, config_name_form()));
    }
  }
}

const Connector* read_connector(YamlFile& file, const YAML::Node& node, const std::string& what) {
  if (!node.IsDefined()) return nullptr;
  const auto name = file.text(node, what);
  if (!name) return nullptr;
  const Connector* connector = find_connector(*name);
  if (connector != nullptr) return connector;
  file.error(node, "unknown-connector",
             fmt::format("unknown connector '{}'{}", *name, unknown_connector_hint(*name)));
  return nullptr;
}

// A window of deduplication; `off` is zero.
void read_window(YamlFile& file, const YAML::Node& node, const std::string& what,
                 Milliseconds& into) {
  if (node.IsDefined() && node.IsScalar() && node.Scalar() == "off") {
    into = Milliseconds{0};
  } else {
    read_within(file, node, what, seconds{1}, hours{24 * 30}, into);
  }
}

// Upper case, as providers write them: Linear's team ENG, Jira's project MY_PROJ.
std::vector<std::string> read_issue_keys(YamlFile& file, const YAML::Node& node,
                                         const std::string& what) {
  std::vector<std::string> keys;
  if (!node.IsDefined()) return keys;
  for (std::string& key : file.texts(node, what)) {
    const bool plain = std::all_of(key.begin(), key.end(), [](char c) {
      return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!plain || !is_issue_key(key + "-1") || key.size() > issue_key_chars_max) {
      file.error(node, "wrong-name",
                 fmt::format("a key in {} must match [A-Z][A-Z0-9_]*, at most {} characters", what,
                             issue_key_chars_max));
    } else {
      keys.push_back(std::move(key));
    }
  }
  return keys;
}

// A tracker lists what is its own; any other source what it wants to know of both.
std::shared_ptr<const TrackerKeys> read_trackers(YamlFile& file, YamlMapping& section,
                                                 const std::string& what,
                                                 const Connector* connector) {
  const OwnKeys own = connector == nullptr ? OwnKeys::none : connector->own_keys;
  const auto read = [&](std::string_view key, OwnKeys foreign) {
    const YAML::Node node = section.take(key);
    if (node.IsDefined() && own == foreign) {
      file.error(node, "wrong-key",
                 fmt::format("'{}' does not belong to a source of the connector '{}'", key,
                             connector->name));
    }
    return read_issue_keys(file, node, fmt::format("{}.{}", what, key));
  };
  auto teams = read("teams", OwnKeys::projects);
  auto projects = read("projects", OwnKeys::teams);
  if (teams.empty() && projects.empty()) return nullptr;
  return std::make_shared<const TrackerKeys>(
      TrackerKeys{.teams = std::move(teams), .projects = std::move(projects)});
}

// Trackers tell everybody their keys, so that a pull request finds the issue that it names. A
// source that is no tracker and has lists of its own knows only those.
void share_trackers(std::vector<SourceConfig>& sources) {
  auto all = std::make_shared<TrackerKeys>();
  for (const SourceConfig& source : sources) {
    if (!source.trackers || source.connector->own_keys == OwnKeys::none) continue;
    add_missing(all->teams, source.trackers->teams);
    add_missing(all->projects, source.trackers->projects);
  }
  for (SourceConfig& source : sources) {
    if (!source.trackers || source.connector->own_keys != OwnKeys::none) source.trackers = all;
  }
}

// `namespace:`, where there is one.
void read_space(YamlFile& file, const YAML::Node& node, const std::string& what,
                std::string& into) {
  if (!node.IsDefined()) return;
  const auto text = file.text(node, what);
  if (text && is_config_name(*text)) {
    into = *text;
  } else if (text) {
    file.error(node, "wrong-name", fmt::format("{} must match {}", what, config_name_form()));
  }
}

void read_source(YamlFile& file, const std::string& name, const YAML::Node& node,
                 const std::string& what, SecretReader& secrets, Config& config) {
  YamlMapping section{file, node, what};
  SourceConfig source;
  source.name = name;
  source.connector = read_connector(file, section.need("connector"), what + ".connector");
  source.secrets = secrets.read_keys(section.need("secrets"), what + ".secrets", source.connector);
  if (source.connector != nullptr) {
    source.deduplicate_id = source.connector->deduplicate_id;
    source.deduplicate_digest = source.connector->deduplicate_digest;
    source.answer_deadline = source.connector->answer_deadline;
  }
  read_space(file, section.take("namespace"), what + ".namespace", source.space);
  YamlMapping windows{file, section.take("deduplicate"), what + ".deduplicate"};
  read_window(file, windows.take("id"), what + ".deduplicate.id", source.deduplicate_id);
  read_window(file, windows.take("digest"), what + ".deduplicate.digest",
              source.deduplicate_digest);
  windows.finish();
  read_within(file, section.take("answer_deadline"), what + ".answer_deadline", Milliseconds{100},
              seconds{60}, source.answer_deadline);
  read_addresses(file, section.take("allow_ips"), what + ".allow_ips", source.allow_ips);
  source.rate = each_second(2'000);
  read_rate(file, section.take("rate"), what + ".rate", source.rate);
  source.trackers = read_trackers(file, section, what, source.connector);
  source.body = read_body_terms(file, section, what, source.connector);
  section.finish();
  if (source.connector != nullptr) config.sources.push_back(std::move(source));
}

std::vector<std::string> read_topics(YamlFile& file, const YAML::Node& node,
                                     const std::string& what) {
  std::vector<std::string> topics;
  if (!node.IsDefined()) return topics;
  std::set<std::string> seen;
  for (std::string& topic : file.texts(node, what)) {
    if (!is_config_name(topic)) {
      file.error(node, "wrong-name",
                 fmt::format("a topic in {} must match {}", what, config_name_form()));
    } else if (!seen.insert(topic).second) {
      file.error(node, "repeated-topic", fmt::format("topic '{}' occurs twice in {}", topic, what));
    } else {
      topics.push_back(std::move(topic));
    }
  }
  return topics;
}

std::vector<MessageKind> read_kinds(YamlFile& file, const YAML::Node& node,
                                    const std::string& what) {
  // Evidence comes from signed webhooks only, decisions and control from people.
  constexpr std::array<std::string_view, 7> allowed{"event",  "assign",  "progress", "help",
                                                    "answer", "handoff", "note"};
  std::vector<MessageKind> kinds;
  if (!node.IsDefined()) return kinds;
  for (const std::string& text : file.texts(node, what)) {
    const auto kind = parse_message_kind(text);
    if (!kind) {
      file.error(node, "unknown-kind",
                 fmt::format("unknown kind '{}' in {}{}", text, what, did_you_mean(text, allowed)));
    } else if (std::find(allowed.begin(), allowed.end(), text) == allowed.end()) {
      file.error(node, "forbidden-kind",
                 fmt::format("'{}' can be sent by {} only, not by an agent", text,
                             *kind == MessageKind::evidence ? "the gateway" : "operators"));
    } else {
      kinds.push_back(*kind);
    }
  }
  return kinds;
}

}  // namespace

void read_addresses(YamlFile& file, const YAML::Node& node, std::string_view what,
                    AddressList& into) {
  if (!node.IsDefined()) return;
  const auto texts = file.texts(node, what);
  if (texts.empty() || texts.size() > addresses_max) {
    file.error(node, "wrong-address",
               fmt::format("{} must be a list of 1 to {} addresses", what, addresses_max));
    return;
  }
  for (const std::string& text : texts) {
    const auto added = into.add(text);
    if (added) continue;
    file.error(node, "wrong-address",
               fmt::format("'{}' in {}: {}", text, what, added.error().detail));
  }
}

void read_sources(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config) {
  for_each_named(file, node, "sources",
                 [&](const std::string& name, const YAML::Node& entry, const std::string& what) {
                   read_source(file, name, entry, what, secrets, config);
                 });
  share_trackers(config.sources);
}

void read_agents(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config) {
  for_each_named(file, node, "agents",
                 [&](const std::string& name, const YAML::Node& entry, const std::string& what) {
                   YamlMapping section{file, entry, what};
                   AgentConfig agent;
                   agent.name = name;
                   agent.tokens = secrets.read_tokens(section.need("tokens"), what + ".tokens");
                   agent.topics = read_topics(file, section.take("topics"), what + ".topics");
                   read_space(file, section.take("namespace"), what + ".namespace", agent.space);
                   agent.may_send = read_kinds(file, section.take("may_send"), what + ".may_send");
                   agent.rate = each_second(500);
                   read_rate(file, section.take("rate"), what + ".rate", agent.rate);
                   section.finish();
                   config.agents.push_back(std::move(agent));
                 });
}

void read_operators(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config) {
  if (!node.IsDefined()) return;
  if (!node.IsSequence() || node.size() > parties_max) {
    file.error(node, "wrong-type",
               fmt::format("operators must be a list of at most {}, each {{name: …, tokens: […]}}",
                           parties_max));
    return;
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    YamlMapping section{file, entry, "an operator"};
    const YAML::Node name = section.need("name");
    OperatorConfig one;
    one.name = name.IsDefined() ? file.text(name, "an operator's name").value_or("") : "";
    if (!one.name.empty() && !is_config_name(one.name)) {
      file.error(name, "wrong-name",
                 fmt::format("an operator's name must match {}", config_name_form()));
    } else if (!one.name.empty() && !seen.insert(one.name).second) {
      file.error(name, "repeated-name", fmt::format("operator '{}' occurs twice", one.name));
    }
    one.tokens = secrets.read_tokens(section.need("tokens"), fmt::format("operator {}", one.name));
    section.finish();
    config.operators.push_back(std::move(one));
  }
}

void read_monitoring(YamlFile& file, const YAML::Node& node, SecretReader& secrets,
                     Config& config) {
  if (!node.IsDefined()) return;
  YamlMapping section{file, node, "monitoring"};
  config.monitoring_tokens = secrets.read_tokens(section.need("tokens"), "monitoring.tokens");
  section.finish();
}

}  // namespace signalbox
