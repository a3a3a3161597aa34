// How messages and events of the API look to people, for the commands that show the same things; a
// command's own view stands in its file. The functions decide nothing.
#pragma once

#include <boost/json/value.hpp>
#include <string>
#include <vector>

#include "event/clock.hpp"
#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

// The kind of a message: "dev.signalbox.assign" is an "assign".
std::string kind_of(const boost::json::value& message);

// A message in a row of a table: its kind, work, task, summary, age and id.
std::vector<Cell> message_cells(const boost::json::value& message, Time now);

Style style_of_outcome(std::string_view outcome) noexcept;

// A message as an agent is given it, with its data; `remark` stands behind its first line.
void show_message(Terminal& terminal, const boost::json::value& message, const std::string& remark);

// POST /v1/inbox/receive: each message with its data and receipt.
void show_received(Terminal& terminal, const boost::json::value& answer, Time now);

// The messages of an event or a replay: "m_…  assign to reviewer by review-opened".
void show_sent(Terminal& terminal, const boost::json::value& holder);

// The rules of an event or a replay that could not make theirs.
void show_failures(Terminal& terminal, const boost::json::value& holder);

}  // namespace signalbox
