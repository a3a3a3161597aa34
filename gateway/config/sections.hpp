// The sections of the configuration file, each read into its part of Config. All faults go to the
// YamlFile; what was read is complete only if none was an error. Defaults and bounds stand in
// the .cpp files.
#pragma once

#include "gateway/config/config.hpp"
#include "gateway/config/secrets.hpp"
#include "rules/source/yaml_reader.hpp"

namespace signalbox {

// [a-z0-9][a-z0-9_-]{0,62}: names of sources, agents, operators, topics and the site.
bool is_config_name(std::string_view text) noexcept;
// The same for people.
std::string config_name_form();

// Everything except `rules:`; the globs of it are returned as written, with their places.
struct RulePattern {
  std::string glob;
  YAML::Node at;
};
std::vector<RulePattern> read_sections(YamlFile& file, const YAML::Node& root,
                                       SecretReader& secrets, Config& config);

// `sources`, `agents` and `operators`: parties.cpp.
void read_sources(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config);
void read_agents(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config);
void read_operators(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config);
// `monitoring`, who may scrape metrics.
void read_monitoring(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config);

// `redis`: redis.cpp.
void read_redis(YamlFile& file, const YAML::Node& node, SecretReader& secrets, Config& config);

// `hooks` and `api`: listeners.cpp.
void read_listeners(YamlFile& file, const YAML::Node& hooks, const YAML::Node& api,
                    SecretReader& secrets, Config& config);
// Reports listeners of one address and port.
void check_listeners_differ(YamlFile& file, const YAML::Node& root, const Config& config);

// Reads an optional value within bounds; without one, or with a wrong one, `into` keeps its
// default.
void read_within(YamlFile& file, const YAML::Node& node, std::string_view what, Milliseconds least,
                 Milliseconds most, Milliseconds& into);
inline constexpr std::uint64_t kib = 1024;
inline constexpr std::uint64_t mib = 1024 * kib;
void read_size(YamlFile& file, const YAML::Node& node, std::string_view what, std::uint64_t least,
               std::uint64_t most, std::uint64_t& into);
template <class Value>
void read_count(YamlFile& file, const YAML::Node& node, std::string_view what, std::int64_t least,
                std::int64_t most, Value& into) {
  if (!node.IsDefined()) return;
  if (const auto value = file.integer(node, what, least, most)) into = static_cast<Value>(*value);
}

// Reads an optional list of IP addresses and blocks of them: parties.cpp.
void read_addresses(YamlFile& file, const YAML::Node& node, std::string_view what,
                    AddressList& into);

// `content_type`, `exclude_body` and `max_age` of a source: source_bodies.cpp. Reports those that
// do not belong to its connector, which may be null.
BodyTerms read_body_terms(YamlFile& file, YamlMapping& section, const std::string& what,
                          const Connector* connector);

// Takes keys that later versions know, and refuses them by name.
void refuse_keys(YamlFile& file, YamlMapping& mapping,
                 std::initializer_list<std::string_view> keys);

}  // namespace signalbox
