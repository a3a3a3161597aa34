// The only maker of a Verified. Thread-safe as long as each thread has its own SourceKeys.
#include "connectors/connector.hpp"

namespace signalbox {
namespace {

const TrackerKeys no_trackers;

}  // namespace

Verified::Verified(const Unverified& request, const SignatureMatch& match,
                   const SourceKeys& keys) noexcept
    : request_{request},
      digest_{match.digest},
      key_index_{match.key_index},
      replay_window_{keys.replay_window},
      trackers_{keys.trackers ? keys.trackers.get() : &no_trackers} {}

Result<Verified> verify(SourceKeys& keys, const Unverified& request) {
  // A source without keys verifies nothing, whatever its connector would say about an empty list.
  if (keys.connector == nullptr || keys.keys.empty()) {
    return Error{Reason::signature_invalid, "the source has no secret"};
  }
  const auto match = keys.connector->check_signature(keys.keys, request);
  if (!match) return match.error();
  return Verified{request, *match, keys};
}

}  // namespace signalbox
