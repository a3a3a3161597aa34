// Errors as values. `Reason` is closed; one table in error.cpp says what each means at the edges:
// the HTTP status, whether a retry can help, the log level and the name that counters and answers
// carry. Domain code names a Reason and never a status.
#pragma once

#include <boost/system/result.hpp>

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace signalbox {

enum class Reason : std::uint8_t {
  // The request itself.
  malformed_request,
  malformed_body,
  unsupported_media_type,
  body_too_large,
  header_too_large,
  request_timeout,
  method_not_allowed,
  unsupported_expectation,
  // The body is not one of the event that its unsigned headers name.
  event_mismatch,
  unsupported_coding,
  host_not_allowed,
  // Who sent it. Senders are told `unauthorized` for all of them; logs and counters keep the
  // difference.
  signature_missing,
  signature_malformed,
  signature_invalid,
  timestamp_out_of_range,
  timestamp_in_future,
  certificate_missing,
  certificate_invalid,
  token_missing,
  token_invalid,
  token_expired,
  // What it may do.
  forbidden,
  insufficient_scope,
  out_of_scope,
  address_not_allowed,
  // What it names.
  unknown_source,
  not_found,
  unknown_recipient,
  too_many_hops,
  receipt_expired,
  idempotency_conflict,
  invalid_argument,
  // What the gateway can take.
  too_many_requests,
  mailbox_full,
  overloaded,
  draining,
  store_unavailable,
  store_refused,
  internal_error,
};
inline constexpr std::size_t reason_count = static_cast<std::size_t>(Reason::internal_error) + 1;

enum class Severity : std::uint8_t { debug, info, warning, error };

struct ReasonRow {
  Reason reason;
  std::string_view name;  // stable: metric label, log field
  // Stable: `reason` of problem+json; coarser where detail would help a forger.
  std::string_view public_name;
  std::string_view title;  // one sentence for the sender
  unsigned http_status;
  bool retryable;  // the same request may succeed later
  Severity severity;
};

// Total: every Reason has its row.
const ReasonRow& describe(Reason reason) noexcept;
std::span<const ReasonRow> all_reasons() noexcept;

struct Error {
  Reason reason;
  std::string detail;  // for people; never a secret, a body, or an expected signature
};

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace signalbox
