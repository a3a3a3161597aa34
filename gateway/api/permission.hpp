// Who may make which call, and what a token that may only read is good for.
#pragma once

#include "gateway/api/route_table.hpp"

namespace signalbox::api {

// Whether a call needs no token here.
bool is_open(const Route& route, const Principals& principals) noexcept;

// forbidden for a call that is for others; insufficient_scope for a token that may only read, where
// the call is sure to change something.
std::optional<Error> refuse_caller(const Route& route, const Principal& principal);

// The same for a call that has turned out to be no dry run: insufficient_scope for a token that may
// only read.
std::optional<Error> refuse_change(const Call& call);

}  // namespace signalbox::api
