// What an error reply of Redis means for who waits. Pure.
#pragma once

#include <string_view>

namespace signalbox {

enum class ServerError : unsigned char {
  script_missing,  // NOSCRIPT: send the text
  not_now,       // loading, busy, failing over: nothing was executed, and a moment later it may be
  wrong_server,  // a replica: another connection may reach the primary
  refused,       // out of memory, disk errors, no right to: an operator has to act
  defect,        // anything else: this program asked for nonsense
};

ServerError classify(std::string_view error_reply) noexcept;

}  // namespace signalbox
