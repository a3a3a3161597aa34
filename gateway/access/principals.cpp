#include "gateway/access/principals.hpp"

#include <cstring>

#include "event/ascii.hpp"

namespace signalbox {

CallOutcome outcome_of(unsigned status) noexcept {
  if (status < 400) return CallOutcome::success;
  return status < 500 ? CallOutcome::refused : CallOutcome::failed;
}

std::string_view to_string(Principal::Role role) noexcept {
  switch (role) {
    case Principal::Role::agent:
      return "agent";
    case Principal::Role::operator_:
      return "operator";
    case Principal::Role::monitoring:
      break;
  }
  return "monitoring";
}

std::size_t Principals::DigestHash::operator()(const Digest& digest) const noexcept {
  std::size_t value;
  std::memcpy(&value, digest.data(), sizeof value);
  return value;
}

Principals::Principals(const Config& config, const Principals* before)
    : guard_monitoring_{!config.monitoring_tokens.empty()} {
  for (const AgentConfig& agent : config.agents) {
    add({Principal::Role::agent, agent.name, &agent}, agent.tokens, before);
  }
  for (const OperatorConfig& person : config.operators) {
    add({Principal::Role::operator_, person.name}, person.tokens, before);
  }
  if (guard_monitoring_) {
    add({Principal::Role::monitoring, "monitoring"}, config.monitoring_tokens, before);
  }
}

void Principals::add(Principal principal, const std::vector<Token>& tokens,
                     const Principals* before) {
  if (before != nullptr) principal.calls = before->counters_of(principal.role, principal.name);
  if (!principal.calls) principal.calls = std::make_shared<CallCounters>();
  parties_.push_back({principal.role, principal.name, principal.calls});
  for (const Token& token : tokens) {
    principal.scope = token.scope;
    principal.expires = token.expires;
    by_digest_.emplace(digest_of(token), principal);
  }
}

std::shared_ptr<CallCounters> Principals::counters_of(Principal::Role role,
                                                      const std::string& name) const {
  for (const Party& party : parties_) {
    if (party.role == role && party.name == name) return party.calls;
  }
  return nullptr;
}

const Principal* Principals::find(std::string_view token) const {
  const auto found = by_digest_.find(sha256(token));
  return found == by_digest_.end() ? nullptr : &found->second;
}

Result<const Principal*> Principals::authenticate(const Headers& headers, Time now) const {
  constexpr std::string_view scheme = "Bearer ";
  const auto header = headers.find("Authorization");
  if (!header) return header.error();
  if (!*header) return Error{Reason::token_missing, {}};
  const std::string_view value = **header;
  if (value.size() <= scheme.size() || !iequals(value.substr(0, scheme.size()), scheme)) {
    return Error{Reason::token_missing, {}};
  }
  const Principal* principal = find(value.substr(scheme.size()));
  if (principal == nullptr) return Error{Reason::token_invalid, {}};
  if (principal->expires && now >= *principal->expires) {
    return Error{Reason::token_expired, std::string{to_string(principal->role)} + " " +
                                            principal->name + ", since " +
                                            format_time(*principal->expires)};
  }
  return principal;
}

}  // namespace signalbox
