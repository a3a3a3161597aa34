// How the answers about events and rules look to people. Each function writes one answer; they
// decide nothing.
#pragma once

#include <boost/json/value.hpp>

#include "event/clock.hpp"
#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

// GET /v1/events; `searched`: with conditions.
void show_events(Terminal& terminal, const boost::json::value& answer, Time now, bool searched);

// GET /v1/events/<id>.
void show_event(Terminal& terminal, const boost::json::value& answer, Time now);

// POST /v1/events/<id>/replay.
void show_replay(Terminal& terminal, const boost::json::value& answer, bool dry_run);

// GET /v1/rules.
void show_rules(Terminal& terminal, const boost::json::value& answer, Time now);

}  // namespace signalbox
