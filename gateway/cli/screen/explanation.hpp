// How an explanation, of the API or made here, looks to people: which rules matched an event, and
// why the others did not.
#pragma once

#include <boost/json/value.hpp>

#include "gateway/cli/screen/terminal.hpp"

namespace signalbox {

// Rules that are for other events are counted; with `all` each of them is shown.
void show_explanation(Terminal& terminal, const boost::json::value& answer, bool all);

}  // namespace signalbox
