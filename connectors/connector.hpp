// What a connector is: the code that knows one provider. Pure: no sockets, no Redis, no threads, no
// clock of its own. The types keep the order of the work: only verify() makes a Verified, and only
// a Verified can be parsed.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "connectors/secret_key.hpp"
#include "event/event.hpp"

namespace signalbox {

// One request to /hooks/<source>, not yet trusted. Views into the connection's buffer.
struct Unverified {
  std::string_view source;  // the configured name, from the path
  Headers headers;
  std::string_view body;  // raw bytes; `json_padding` readable bytes behind
  Time received{};
};

struct Connector;
struct SourceKeys;

// The issue keys that references may name: a pattern alone would take UTF-8 and SHA-256 for issues.
// Upper case, without the '-' and the number. Immutable.
struct TrackerKeys {
  std::vector<std::string> teams;     // of Linear: "ENG", "V2"
  std::vector<std::string> projects;  // of Jira: "PROJ"
};

// What a valid signature proves: which key made it, and a digest that no other body has. Where the
// key is HMAC's that is the MAC of the body; else sha256() of it.
struct SignatureMatch {
  std::size_t key_index = 0;
  Digest digest{};
};

// Which bodies of a provider that sends JSON and forms a source takes.
enum class ContentType : std::uint8_t { any, json, form };

// What a source's configuration says of the bodies that it takes.
struct BodyTerms {
  ContentType content_type = ContentType::any;
  // Whether the provider is told to leave bodies out: one signature is then good for any request.
  bool exclude_body = false;
  // How old a time may be that tells when the event of a body happened, where the provider signs no
  // time of sending. Nothing: any age.
  std::optional<Milliseconds> max_age{};
};

// A request whose signature was checked over its raw bytes. Valid as long as the request and the
// keys.
class Verified {
 public:
  const Unverified& request() const noexcept { return request_; }
  const Digest& digest() const noexcept { return digest_; }
  // The name of the source's connector.
  std::string_view connector() const noexcept;
  // Which of the source's secrets signed it.
  std::size_t key_index() const noexcept { return key_index_; }
  // As its connector says.
  bool retries_refused() const noexcept;
  // As in the source's keys.
  std::optional<Milliseconds> replay_window() const noexcept { return replay_window_; }
  const TrackerKeys& trackers() const noexcept { return *trackers_; }
  const BodyTerms& terms() const noexcept { return terms_; }

 private:
  friend Result<Verified> verify(SourceKeys& keys, const Unverified& request);
  Verified(const Unverified& request, const SignatureMatch& match, const SourceKeys& keys) noexcept;
  Unverified request_;
  const Connector* connector_;
  Digest digest_;
  std::size_t key_index_;
  std::optional<Milliseconds> replay_window_;
  const TrackerKeys* trackers_;
  BodyTerms terms_;
};

// Provider code works on a thread's scratch, so that nothing is allocated per event.
struct ParseScratch {
  JsonDocument document;
  std::string decoded;  // a form-encoded body, decoded; padded
};

// Which list of issue keys a source of this connector gives to all others, and to it alone.
enum class OwnKeys : std::uint8_t { none, teams, projects };

// The keys of a source, one for each of its secrets.
using SecretKeys = std::span<const std::unique_ptr<SecretKey>>;

// A secret that nobody else knows, for what this program itself signs and checks: bodies that come
// from files. The two differ where a provider signs with a private key.
struct SecretPair {
  std::string signing;   // for Connector::sign
  std::string checking;  // for Connector::make_key
};
// The same 32 letters and digits for both.
SecretPair random_secret();

struct Connector {
  std::string_view name;             // as in configuration and event types
  std::string_view delivery_header;  // carries the delivery's id, for the log; unsigned
  OwnKeys own_keys = OwnKeys::none;
  Milliseconds answer_deadline;  // when the provider gives up waiting, less a margin
  Milliseconds deduplicate_id;   // default windows of E4
  Milliseconds deduplicate_digest;
  // The field that JSON stands in where the provider can send forms too; empty where it cannot.
  std::string_view form_field{};
  // Whether the provider can be told to send no bodies.
  bool excludes_bodies = false;
  // Whether the provider sends again what was answered with a 4xx.
  bool retries_refused = false;
  // Whether its bodies carry a signed time, so that a replay is refused once it is too old (E7).
  bool signs_time = false;

  // The key of a configured secret. invalid_argument where it is none: what is wrong with it, for
  // people, without a character of it. The configuration is refused then.
  NewKey (*make_key)(std::string_view secret) = hmac_sha256_key;
  SecretPair (*invent_secret)() = random_secret;

  // All keys are tried, in constant time each, none is skipped because another matched.
  Result<SignatureMatch> (*check_signature)(SecretKeys keys, const Unverified& request);

  // malformed_body, malformed_request or unsupported_media_type where it is not what this provider
  // sends, event_mismatch where the body is not one of the event that a header names, and the
  // refusals of freshness.hpp for a signed time. Unknown event names and actions are events like
  // any other (E6).
  Result<Event> (*parse)(const Verified& verified, ParseScratch& scratch);

  // Signs a body as the provider would and returns the headers of the delivery, for `signalbox
  // sample` and tests. `type` is a full event type of this connector.
  std::vector<std::pair<std::string, std::string>> (*sign)(std::string_view type,
                                                           std::string_view delivery,
                                                           std::string_view body,
                                                           std::string_view secret);
};

inline constexpr Milliseconds default_replay_window = std::chrono::hours{72};

// A source's secrets, each prepared as its connector wants it. One per thread: not thread-safe.
struct SourceKeys {
  // What is wrong with the secret where it is none for this connector; nothing is added then.
  std::optional<Error> add(std::string_view secret);

  const Connector* connector = nullptr;
  std::vector<std::unique_ptr<SecretKey>> keys;
  // How old a signed time may be (E7): the longest deduplication window of the source. Nothing: its
  // age does not matter, as for a body that comes from a file or the archive.
  std::optional<Milliseconds> replay_window = default_replay_window;
  std::shared_ptr<const TrackerKeys> trackers = nullptr;  // null: references name no issue keys
  BodyTerms terms{};
};

// Checks the request against all of the source's keys. signature_missing, signature_malformed,
// signature_invalid or malformed_request (a signature header that occurs twice).
Result<Verified> verify(SourceKeys& keys, const Unverified& request);

// The connector of that name; nullptr where there is none.
const Connector* find_connector(std::string_view name) noexcept;
// All of them, in the order of connector_names.
std::span<const Connector* const> all_connectors() noexcept;
// "github, jira or linear"
std::string connectors_in_words();

}  // namespace signalbox
