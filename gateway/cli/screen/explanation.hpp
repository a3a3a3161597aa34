// How an explanation, of the API or made here, looks to people: which rules matched an event, and
// why the others did not.
#pragma once

#include <boost/json/value.hpp>

#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

void show_explanation(Terminal& terminal, const boost::json::value& answer);

}  // namespace signalbox
