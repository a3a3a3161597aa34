#include "gateway/cli/client/server_sent_events.hpp"

#include <algorithm>
#include <cassert>

namespace signalbox {

bool SentEventReader::feed(std::string_view bytes) {
  for (const char c : bytes) {
    if (c == '\n' && after_return_) {
      after_return_ = false;
      continue;
    }
    after_return_ = c == '\r';
    if (c != '\n' && c != '\r') {
      if (line_.size() + event_.data.size() >= sent_event_bytes_max) return false;
      line_ += c;
      continue;
    }
    assert(line_.size() + event_.data.size() <= sent_event_bytes_max);
    take_line(line_);
    line_.clear();
  }
  return true;
}

void SentEventReader::take_line(std::string_view line) {
  if (line.empty()) {
    if (has_data_) on_event_(event_);
    event_ = {};
    has_data_ = false;
    return;
  }
  const std::size_t colon = std::min(line.find(':'), line.size());
  const std::string_view field = line.substr(0, colon);
  std::string_view value = line.substr(std::min(colon + 1, line.size()));
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") {
    event_.type = value;
  } else if (field == "data") {
    if (has_data_) event_.data += '\n';
    event_.data += value;
    has_data_ = true;
  }
}

}  // namespace signalbox
