// What a connector is: the code that knows one provider. Pure: no sockets, no Redis, no threads, no
// clock of its own. The types keep the order of the work: only verify() makes a Verified, and only
// a Verified can be parsed.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/hmac.hpp"
#include "event/event.hpp"

namespace signalbox {

// One request to /hooks/<source>, not yet trusted. Views into the connection's buffer.
struct Unverified {
  std::string_view source;  // the configured name, from the path
  Headers headers;
  std::string_view body;  // raw bytes; `json_padding` readable bytes behind
  Time received{};
};

struct SourceKeys;

// A request whose signature was checked over its raw bytes.
class Verified {
 public:
  const Unverified& request() const noexcept { return request_; }
  const Digest& digest() const noexcept { return digest_; }
  // Which of the source's secrets signed it.
  std::size_t key_index() const noexcept { return key_index_; }
  // As in the source's keys.
  std::optional<Milliseconds> replay_window() const noexcept { return replay_window_; }

 private:
  friend Result<Verified> verify(SourceKeys& keys, const Unverified& request);
  Verified(const Unverified& request, const Digest& digest, std::size_t key_index,
           std::optional<Milliseconds> replay_window) noexcept
      : request_{request}, digest_{digest}, key_index_{key_index}, replay_window_{replay_window} {}
  Unverified request_;
  Digest digest_;
  std::size_t key_index_;
  std::optional<Milliseconds> replay_window_;
};

// What a valid signature proves: which key made it, and a digest of the signed bytes.
struct SignatureMatch {
  std::size_t key_index = 0;
  Digest digest{};
};

// Provider code works on a thread's scratch space, so that nothing is allocated per event.
struct ParseSpace {
  JsonDocument document;
  std::string decoded;  // a form-encoded body, decoded; padded
};

struct Connector {
  std::string_view name;         // as in configuration and event types
  Milliseconds answer_deadline;  // when the provider gives up waiting, less a margin
  Milliseconds deduplicate_id;   // default windows of E4
  Milliseconds deduplicate_digest;
  // Whether its bodies carry a signed time, so that a replay is refused once it is too old (E7).
  bool signs_time = false;

  // All secrets are tried, in constant time each, none is skipped because another matched.
  Result<SignatureMatch> (*check_signature)(std::span<HmacSha256> keys, const Unverified& request);

  // malformed_body, malformed_request or unsupported_media_type where it is not what this provider
  // sends, timestamp_out_of_range for a signed time that freshness.hpp refuses. Unknown event names
  // and actions are events like any other (E6).
  Result<Event> (*parse)(const Verified& verified, ParseSpace& space);

  // Signs a body as the provider would and returns the headers of the delivery, for `signalbox
  // sample` and tests. `type` is a full event type of this connector.
  std::vector<std::pair<std::string, std::string>> (*sign)(std::string_view type,
                                                           std::string_view delivery,
                                                           std::string_view body,
                                                           std::string_view secret);
};

inline constexpr Milliseconds default_replay_window = std::chrono::hours{72};

// A source's secrets with their keyed contexts. One per thread: not thread-safe.
struct SourceKeys {
  const Connector* connector = nullptr;
  std::vector<HmacSha256> keys;
  // How old a signed time may be (E7): the longest deduplication window of the source. Nothing: its
  // age does not matter, as for a body that comes from a file or the archive.
  std::optional<Milliseconds> replay_window = default_replay_window;
};

// Checks the request against all of the source's keys. signature_missing, signature_malformed,
// signature_invalid or malformed_request (a signature header that occurs twice).
Result<Verified> verify(SourceKeys& keys, const Unverified& request);

// By name; nullptr where there is none.
const Connector* find_connector(std::string_view name) noexcept;
std::span<const Connector* const> all_connectors() noexcept;

}  // namespace signalbox
