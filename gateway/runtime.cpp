#include "gateway/runtime.hpp"

#include <cstring>

namespace signalbox {

Runtime::Runtime(std::shared_ptr<const Config> loaded) : config{std::move(loaded)} {
  for (const AgentConfig& agent : config->agents) {
    for (const Secret& token : agent.tokens) {
      principals_.emplace(sha256(token.value),
                          Principal{Principal::Role::agent, agent.name, &agent});
    }
  }
  for (const OperatorConfig& person : config->operators) {
    for (const Secret& token : person.tokens) {
      principals_.emplace(sha256(token.value),
                          Principal{Principal::Role::operator_, person.name, nullptr});
    }
  }
  for (const RuleInfo& rule : config->rules->rules()) {
    rules_.emplace(rule.name, std::make_unique<RuleCounters>());
  }
}

const Principal* Runtime::find_principal(std::string_view token) const {
  const auto found = principals_.find(sha256(token));
  return found == principals_.end() ? nullptr : &found->second;
}

std::optional<std::size_t> Runtime::find_source(std::string_view name) const {
  for (std::size_t i = 0; i < config->sources.size(); ++i) {
    if (config->sources[i].name == name) return i;
  }
  return std::nullopt;
}

RuleCounters* Runtime::find_rule(std::string_view name) const {
  const auto found = rules_.find(std::string{name});
  return found == rules_.end() ? nullptr : found->second.get();
}

std::size_t Runtime::DigestHash::operator()(const Digest& digest) const noexcept {
  std::size_t value;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

}  // namespace signalbox
