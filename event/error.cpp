#include "event/error.hpp"

#include <array>

namespace signalbox {
namespace {

using enum Reason;
using enum Severity;

constexpr std::string_view unauthorized = "unauthorized";
constexpr std::string_view not_verified = "The request could not be verified.";

constexpr std::array<ReasonRow, reason_count> rows{{
    {malformed_request, "malformed_request", "malformed_request", "The request is not valid HTTP.",
     400, false, info},
    {malformed_body, "malformed_body", "malformed_body",
     "The body is not what its content type says.", 400, false, warning},
    {unsupported_media_type, "unsupported_media_type", "unsupported_media_type",
     "This content type or encoding is not accepted here.", 415, false, warning},
    {body_too_large, "body_too_large", "body_too_large",
     "The body is larger than this listener accepts.", 413, false, warning},
    {header_too_large, "header_too_large", "header_too_large",
     "The header section is larger than this listener accepts.", 431, false, warning},
    {request_timeout, "request_timeout", "request_timeout", "The request did not arrive in time.",
     408, true, info},
    {method_not_allowed, "method_not_allowed", "method_not_allowed",
     "This method is not allowed here.", 405, false, info},
    {unsupported_expectation, "unsupported_expectation", "unsupported_expectation",
     "Only the expectation 100-continue is supported.", 417, false, info},
    {event_mismatch, "event_mismatch", "event_mismatch",
     "The body is not one of the event that its headers name.", 400, false, warning},
    {unsupported_coding, "unsupported_coding", "unsupported_coding",
     "Of the transfer codings only chunked is supported.", 501, false, info},
    {host_not_allowed, "host_not_allowed", "host_not_allowed",
     "This listener is not called by this name.", 421, false, warning},
    {signature_missing, "signature_missing", unauthorized, not_verified, 401, false, warning},
    {signature_malformed, "signature_malformed", unauthorized, not_verified, 401, false, warning},
    {signature_invalid, "signature_invalid", unauthorized, not_verified, 401, false, warning},
    {timestamp_out_of_range, "timestamp_out_of_range", unauthorized, not_verified, 401, false,
     warning},
    // A wrong clock and no replay (connectors/request/freshness.hpp): it is to be sent again.
    {timestamp_in_future, "timestamp_in_future", "timestamp_in_future",
     "The signed time is ahead of the gateway's clock.", 503, true, error},
    {certificate_missing, "certificate_missing", unauthorized, "A client certificate is needed.",
     401, false, warning},
    {certificate_invalid, "certificate_invalid", unauthorized, "A client certificate is needed.",
     401, false, warning},
    {token_missing, "token_missing", unauthorized, "A valid bearer token is needed.", 401, false,
     info},
    {token_invalid, "token_invalid", unauthorized, "A valid bearer token is needed.", 401, false,
     warning},
    {token_expired, "token_expired", unauthorized, "A valid bearer token is needed.", 401, false,
     warning},
    {forbidden, "forbidden", "forbidden", "This token may not do that.", 403, false, warning},
    {insufficient_scope, "insufficient_scope", "insufficient_scope", "This token may only read.",
     403, false, warning},
    {out_of_scope, "out_of_scope", "out_of_scope",
     "The secret that signed this does not cover its subject.", 403, false, warning},
    {address_not_allowed, "address_not_allowed", "forbidden",
     "This source does not take requests from this address.", 403, false, warning},
    {unknown_source, "unknown_source", "unknown_source", "No source of this name is configured.",
     404, false, warning},
    {not_found, "not_found", "not_found", "There is nothing of this name.", 404, false, info},
    {unknown_recipient, "unknown_recipient", "unknown_recipient",
     "No agent or topic of this name is configured.", 404, false, warning},
    {too_many_hops, "too_many_hops", "too_many_hops",
     "Too many messages were written because of each other.", 409, false, warning},
    {receipt_expired, "receipt_expired", "receipt_expired",
     "This receipt no longer holds its message.", 409, false, info},
    {idempotency_conflict, "idempotency_conflict", "idempotency_conflict",
     "This Idempotency-Key was used for another request.", 422, false, warning},
    {invalid_argument, "invalid_argument", "invalid_argument",
     "The request asks for something impossible.", 400, false, info},
    {too_many_requests, "too_many_requests", "too_many_requests",
     "There were too many requests; come back later.", 429, true, warning},
    {mailbox_full, "mailbox_full", "mailbox_full", "A mailbox that this is addressed to is full.",
     503, true, error},
    {overloaded, "overloaded", "overloaded", "The gateway is at its limit of work in flight.", 503,
     true, warning},
    {draining, "draining", "draining", "The gateway is shutting down.", 503, true, info},
    {store_unavailable, "store_unavailable", "store_unavailable",
     "The store could not confirm the write in time.", 503, true, error},
    {store_refused, "store_refused", "store_refused", "The store refuses writes.", 503, true,
     error},
    {internal_error, "internal_error", "internal_error", "The gateway failed to handle this.", 500,
     true, error},
}};

constexpr bool rows_in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (static_cast<std::size_t>(rows[i].reason) != i) return false;
  }
  return true;
}
static_assert(rows_in_order(), "one row for each Reason, in its order");

}  // namespace

const ReasonRow& describe(Reason reason) noexcept { return rows[static_cast<std::size_t>(reason)]; }

std::span<const ReasonRow> all_reasons() noexcept { return rows; }

}  // namespace signalbox
