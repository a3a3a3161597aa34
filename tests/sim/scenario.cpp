#include "tests/sim/scenario.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "rules/source/diagnostic.hpp"

namespace signalbox::sim {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view configuration = R"(site: sim
redis: embedded
data_dir: unused
threads: 1
hooks: {listen: "127.0.0.1:0"}
api: {listen: "127.0.0.1:0"}
mailboxes: {visibility: 30s, max_deliveries: 3, max_messages: 12}
events: {keep: 90m}
sources:
  github:
    connector: github
    secrets: [{env: GITHUB_NEW}, {env: GITHUB_OLD}]
    deduplicate: {id: 30m, digest: 15m}
  linear:
    connector: linear
    secrets: [{env: LINEAR_NEW}, {env: LINEAR_OLD}]
    deduplicate: {id: 30m, digest: 15m}
  jira:
    connector: jira
    secrets: [{env: JIRA_NEW}, {env: JIRA_OLD}]
    deduplicate: {id: 30m, digest: 15m}
  mirror:
    connector: github
    secrets: [{env: MIRROR_NEW}, {env: MIRROR_OLD}]
    deduplicate: {id: off, digest: 15m}
  forge:
    connector: github
    namespace: blue
    secrets: [{env: FORGE_NEW}, {env: FORGE_OLD}]
    deduplicate: {id: 30m, digest: 15m}
agents:
  reviewer: {tokens: [{env: REVIEWER_TOKEN}], topics: [all]}
  coder: {tokens: [{env: CODER_TOKEN}]}
  planner: {tokens: [{env: PLANNER_TOKEN}], topics: [all], may_send: [assign]}
  painter: {tokens: [{env: PAINTER_TOKEN}], topics: [all], namespace: blue}
operators:
  - {name: ops, tokens: [{env: OPS_TOKEN}]}
rules: [rules.yaml]
)";

constexpr std::array<std::string_view, rule_versions> rule_texts{
    R"(rules:
  - name: review
    events: [github.pull_request]
    send:
      - {to: reviewer, kind: assign, task: review, summary: 'Review ${body.pull_request.title}'}
      - {to: 'topic:all', kind: event, data: {number: '${body.number}'}}
  - name: triage
    events: [github.issues]
    send: [{to: planner, kind: assign, summary: '${body.issue.title}'}]
  - name: paint
    events: [github.issues]
    send: [{to: painter, kind: assign, summary: '${body.issue.title}'}]
  - name: dispatch
    events: [github.workflow_dispatch]
    send: [{to: coder, kind: event}]
  - name: tracker
    events: [linear, jira]
    send: [{to: planner, kind: event}, {to: coder, kind: note}]
  - name: unheard-of
    events: ['github.invented_*']
    send: [{to: planner, kind: event}]
)",
    R"(rules:
  - name: review
    events: [github.pull_request]
    send:
      - {to: coder, kind: assign, task: review, summary: 'Look at ${body.pull_request.title}'}
  - name: triage
    events: [github.issues]
    send: [{to: planner, kind: assign}, {to: reviewer, kind: event}, {to: painter, kind: note}]
  - name: dispatch
    events: [github.workflow_dispatch]
    send: [{to: coder, kind: event}]
  - name: tracker
    events: [linear, jira]
    send: [{to: reviewer, kind: event}]
)",
    R"(rules:
  - name: review
    events: [github.pull_request]
    send: [{to: reviewer, kind: assign, summary: 'Review ${body.pull_request.title}'}]
)",
    R"(rules:
  - name: review
    events: [github.pull_request]
    send: [{to: reviewer, kind: assign, summary: 'Review ${body.pull_request.title}'}]
  - name: review-again
    events: [github.pull_request]
    send: [{to: coder, kind: assign, summary: '${body.pull_request.nowhere}'}]
  - name: triage
    events: [github.issues]
    send: [{to: planner, kind: assign, summary: '${body.issue.nowhere}'}]
  - name: tracker
    events: [linear, jira]
    send: [{to: planner, kind: event, summary: '${body.nowhere}'}]
)"};

// A directory with one version of the files, gone with its owner.
class ConfigFiles {
 public:
  ConfigFiles() {
    std::string name = (fs::temp_directory_path() / "signalbox-sim-XXXXXX").string();
    if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary directory");
    path_ = name;
  }
  ~ConfigFiles() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  ConfigFiles(const ConfigFiles&) = delete;
  ConfigFiles& operator=(const ConfigFiles&) = delete;

  std::string write(std::string_view name, std::string_view text) const {
    const fs::path file = path_ / name;
    std::ofstream{file} << text;
    fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
    return file.string();
  }

 private:
  fs::path path_;
};

std::string environment_text() {
  std::string text;
  const auto add = [&](std::string_view name, std::string_view value) {
    text += fmt::format("{}={}\n", name, value);
  };
  constexpr std::array<std::string_view, 5> sources{"GITHUB", "LINEAR", "JIRA", "FORGE", "MIRROR"};
  for (std::size_t i = 0; i < sources.size(); ++i) {
    add(fmt::format("{}_NEW", sources[i]), source_names[i].secrets[0]);
    add(fmt::format("{}_OLD", sources[i]), source_names[i].secrets[1]);
  }
  constexpr std::array<std::string_view, 4> agents{"REVIEWER", "CODER", "PLANNER", "PAINTER"};
  for (std::size_t i = 0; i < agents.size(); ++i) {
    add(fmt::format("{}_TOKEN", agents[i]), agent_names[i].token);
  }
  add("OPS_TOKEN", operator_name.token);
  return text;
}

}  // namespace

const SourceName& source_named(std::string_view name) {
  return *std::find_if(source_names.begin(), source_names.end(),
                       [&](const SourceName& source) { return source.name == name; });
}

std::string_view space_of_mailbox(std::string_view mailbox) {
  constexpr std::string_view dead_prefix = "dead:";
  if (mailbox.starts_with(dead_prefix)) mailbox.remove_prefix(dead_prefix.size());
  for (const PartyName& agent : agent_names) {
    if (agent.name == mailbox) return agent.space;
  }
  return space_names[0];
}

Scenario::Scenario() {
  spdlog::set_default_logger(nullptr);  // thousands of gateways write no log
  const ConfigFiles files;
  Environment environment;
  if (!environment.add_file(files.write("env", environment_text()))) {
    throw std::runtime_error("the simulation's environment is not read");
  }
  for (std::size_t i = 0; i < rule_versions; ++i) {
    files.write("rules.yaml", rule_texts[i]);
    const auto loaded = load_config(files.write("signalbox.yaml", configuration), environment);
    configs_[i] = loaded.config;
    if (loaded.config) continue;
    std::string why = "the simulation's configuration does not load";
    for (const Diagnostic& each : loaded.diagnostics) why += "\n" + to_string(each);
    throw std::runtime_error(why);
  }
}

}  // namespace signalbox::sim
