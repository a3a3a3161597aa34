// How a command ends. The exit codes are part of the interface: scripts and agents branch on them.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <string>
#include <utility>

namespace signalbox {

enum class ExitCode : std::uint8_t {
  good = 0,
  refused = 1,        // findings, or the server refused
  usage = 2,          // the command line or the configuration is wrong
  not_reachable = 3,  // the server did not answer
  claim_lost = 4,     // what the caller held is not its own any more: a receipt or a claim
};

struct Failure {
  ExitCode code = ExitCode::usage;
  std::string text;  // one line, no full stop; never a secret
  std::string hint;  // what to try next; may be empty
};

inline Failure usage_failure(std::string text, std::string hint = {}) {
  return {ExitCode::usage, std::move(text), std::move(hint)};
}

// Test, then dereference.
template <class T>
using CommandResult = boost::system::result<T, Failure>;

}  // namespace signalbox
