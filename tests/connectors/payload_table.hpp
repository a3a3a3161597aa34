// Recorded payloads of a provider: every JSON file under $SIGNALBOX_SAMPLES/payloads/<connector>,
// and what becomes of each: tests/samples/<connector>_payloads.json, by file name. The recordings
// are not part of this repository.
#pragma once

#include <string>
#include <string_view>

namespace signalbox::test {

// Signs each recording and checks the event that it becomes. A recording without a row is a
// failure, and so is a row without a recording. Returns the number of rows.
std::size_t check_payloads(std::string_view connector, const std::string& samples);

}  // namespace signalbox::test
