// Tables of requests and of what becomes of them: tests/samples/<connector>_requests.json, an
// object with the `bodies` that several rows begin with and the rows, `requests`. A row has
//
//   name         the claim
//   headers      those that differ from an ordinary delivery; null: left out
//   body         the body as JSON, or `text`: its very bytes, or
//   base         the name of one of `bodies`, with `change`: members that are others (objects are
//                changed member by member), and `without`: paths of members that are left out
//   teams, projects   whose keys are known
//   received_ms  how many milliseconds after 2026-01-05T08:00:00Z it arrives, else 0
//   expect       a `reason` and a part of the `detail`, or members of the event; a reference is
//                "<relation> <target> <seen> <trust>"
//
// Each is signed here, so that only the parsing is at stake.
#pragma once

#include <string_view>

#include "connectors/connector.hpp"

namespace signalbox::test {

struct RequestCount {
  std::size_t taken = 0;
  std::size_t refused = 0;
};

// Each row is a section of the test case that calls this.
RequestCount check_request_table(std::string_view connector);

// Each member of `expected` is checked; a member that this does not know is a failure.
void check_event(Json expected, const Event& event);

}  // namespace signalbox::test
