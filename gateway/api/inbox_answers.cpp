#include "gateway/api/inbox_answers.hpp"

#include "event/message.hpp"

namespace signalbox::api {

std::string leased_json(const LeasedMessage& leased) {
  std::string out;
  JsonObject object{out};
  object.text("receipt", leased.receipt).number("deliveries", leased.deliveries);
  object.raw("message", leased.json).close();
  return out;
}

std::string received_json(const Received& received) {
  std::string messages = "[";
  for (const LeasedMessage& leased : received.messages) {
    if (messages.size() > 1) messages += ',';
    messages += leased_json(leased);
  }
  std::string out;
  JsonObject body{out};
  body.raw("messages", messages + "]")
      .number("remaining", static_cast<std::int64_t>(received.remaining));
  body.close();
  return out;
}

}  // namespace signalbox::api
