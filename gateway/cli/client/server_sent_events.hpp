// Reads a stream of server-sent events from its bytes, however they are cut.
// https://html.spec.whatwg.org/#event-stream-interpretation
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace signalbox {

inline constexpr std::size_t sent_event_bytes_max = std::size_t{16} * 1024 * 1024;

struct SentEvent {
  std::string type = "message";
  std::string data;
};

class SentEventReader {
 public:
  explicit SentEventReader(std::function<void(const SentEvent&)> on_event)
      : on_event_{std::move(on_event)} {}

  // Calls back for each event that is complete. False when one is over its bound: the stream is of
  // no use then.
  bool feed(std::string_view bytes);

 private:
  void take_line(std::string_view line);
  std::function<void(const SentEvent&)> on_event_;
  std::string line_;
  SentEvent event_;
  bool has_data_ = false;
  bool after_return_ = false;  // a line feed behind a carriage return ends no second line
};

}  // namespace signalbox
