// How the answers of the API look to people. Each function writes one answer; they decide nothing.
#pragma once

#include <boost/json/value.hpp>
#include <string>

#include "event/clock.hpp"
#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

// "3s", "5m", "2h", "4d": how long ago a time of the API was; empty for what is no time.
std::string age_of(std::string_view time, Time now);

// A string as its text, anything else as JSON.
std::string shown(const boost::json::value& value);

// As the value of a JSON member; the library takes no std::string_view there.
inline boost::json::string json_text(std::string_view text) {
  return boost::json::string{text.data(), text.size()};
}

// "a, b".
std::string joined(const boost::json::array& texts);

Style style_of_outcome(std::string_view outcome) noexcept;

// GET /v1/inbox.
void show_inbox(Terminal& terminal, const boost::json::value& answer, Time now);

// GET /v1/inbox/dead.
void show_dead(Terminal& terminal, const boost::json::value& answer, Time now);

// POST /v1/inbox/receive: each message with its data and receipt.
void show_received(Terminal& terminal, const boost::json::value& answer, Time now);

// What had no room within --max-bytes.
void show_digest(Terminal& terminal, const boost::json::value& digest);

// GET /v1/events/<id>/explain, and the same shape made locally, then with `messages`.
void show_explanation(Terminal& terminal, const boost::json::value& answer);

// POST /hooks/<source>, a good one.
void show_delivery(Terminal& terminal, const boost::json::value& answer);

}  // namespace signalbox
