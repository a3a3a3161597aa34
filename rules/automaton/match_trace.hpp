// What explains one rule's answer to one event.
#pragma once

#include <cstddef>
#include <string>

namespace signalbox {

// Of a rule's branches the one that passed the most conditions is reported, the first of equals.
struct MatchTrace {
  bool wanted = true;  // the event's type is one of the rule's; if not, nothing else is said
  bool matched = false;
  std::size_t passed = 0;  // conditions that held before the one that failed; if matched, all
  std::string path;        // of the condition that failed first, in the order as written
  std::string expected;    // its list, as JSON
  std::string actual;      // the values that it saw, cut; "(missing)" where there are none
};

}  // namespace signalbox
