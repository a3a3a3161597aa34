// Tables of requests and of what becomes of them: tests/samples/<connector>_requests.json. A row
// holds the headers that differ from an ordinary delivery (null: left out), the body, how many
// milliseconds after 2026-01-05T08:00:00Z it arrives (`received_ms`, else 0), the `teams` and
// `projects` whose keys are known, and what is expected. A reference is "<relation> <target> <seen>
// <trust>".
// Each is signed here, so that only the parsing is at stake.
#pragma once

#include <string_view>

#include "connectors/connector.hpp"

namespace signalbox::test {

// Each row is a section of the test case that calls this. The number of rows.
std::size_t check_request_table(std::string_view connector);

// Each member of `expected` is checked; a member that this does not know is a failure.
void check_event(Json expected, const Event& event);

}  // namespace signalbox::test
