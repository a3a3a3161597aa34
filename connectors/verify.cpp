// The only maker of a Verified, and the keys that it needs. Thread-safe as long as each thread has
// its own SourceKeys.
#include <cassert>

#include "connectors/connector.hpp"

namespace signalbox {
namespace {

const TrackerKeys no_trackers;

}  // namespace

Verified::Verified(const Unverified& request, const SignatureMatch& match,
                   const SourceKeys& keys) noexcept
    : request_{request},
      connector_{keys.connector},
      digest_{match.digest},
      key_index_{match.key_index},
      replay_window_{keys.replay_window},
      trackers_{keys.trackers ? keys.trackers.get() : &no_trackers},
      terms_{keys.terms} {}

std::string_view Verified::connector() const noexcept { return connector_->name; }

bool Verified::retries_refused() const noexcept { return connector_->retries_refused; }

SecretPair random_secret() {
  std::string secret = random_text(32);
  return {secret, secret};
}

std::optional<Error> SourceKeys::add(std::string_view secret) {
  assert(connector != nullptr);
  auto key = connector->make_key(secret);
  if (!key) return key.error();
  assert(*key != nullptr);
  keys.push_back(std::move(*key));
  return std::nullopt;
}

Result<Verified> verify(SourceKeys& keys, const Unverified& request) {
  // A source without keys verifies nothing, whatever its connector would say about an empty list.
  if (keys.connector == nullptr || keys.keys.empty()) {
    return Error{Reason::signature_invalid, "the source has no secret"};
  }
  const auto match = keys.connector->check_signature(keys.keys, request);
  if (!match) return match.error();
  assert(match->key_index < keys.keys.size());
  return Verified{request, *match, keys};
}

}  // namespace signalbox
