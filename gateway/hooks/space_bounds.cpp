#include "gateway/hooks/space_bounds.hpp"

#include <fmt/format.h>

namespace signalbox {

void keep_within(std::string_view space, const Config& config, Decision& decision) {
  std::erase_if(decision.messages, [&](const OutgoingMessage& message) {
    const AgentConfig* agent = config.find_agent(message.mailbox);
    if (agent == nullptr || agent->space == space) return false;
    decision.failures.push_back(
        {message.rule, fmt::format("'{}' is in namespace '{}', the source in '{}'", message.mailbox,
                                   agent->space, space)});
    return true;
  });
}

}  // namespace signalbox
