// The end of the process at a time that nothing can put off: a thread that does not come back, a
// disk that does not answer. The kernel keeps the time, and the signal's handler leaves.
#pragma once

#include "event/clock.hpp"

namespace signalbox {

// The process exits with status 1 after this long, counted anew by each call. Threads are not
// waited for and nothing is destroyed; the embedded Redis ends with its parent. Call it while the
// process ends anyway. Thread-safe.
void end_process_within(Milliseconds time);

}  // namespace signalbox
