// Lists of texts that are sets: each text once, in the order in which they came.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

namespace signalbox {

inline void add_missing(std::vector<std::string>& to, const std::vector<std::string>& from) {
  for (const std::string& text : from) {
    if (std::find(to.begin(), to.end(), text) == to.end()) to.push_back(text);
  }
}

}  // namespace signalbox
