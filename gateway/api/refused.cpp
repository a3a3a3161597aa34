// Refused deliveries over HTTP, for operators: what is kept of them, and what was wrong.
#include "event/message.hpp"
#include "gateway/api/routes.hpp"
#include "gateway/hooks/refusal_diagnosis.hpp"

namespace signalbox::api {
namespace {

constexpr std::int64_t listed_most = 100;
constexpr std::size_t diagnosed_max = 3;  // of one delivery id: each may take some 50 ms

std::string diagnosis_json(const RefusalDiagnosis& diagnosis) {
  std::string out;
  JsonObject object{out};
  object.text("cause", diagnosis.cause).text("text", diagnosis.text);
  if (diagnosis.secret) {
    object.number("secret", static_cast<std::int64_t>(*diagnosis.secret));
    object.text("origin", diagnosis.origin);
  }
  object.close();
  return out;
}

std::string refused_json(const RefusedDelivery& delivery, const Config* diagnose_with) {
  std::string out;
  JsonObject object{out};
  object.text("received", format_time(delivery.received)).text("source", delivery.source);
  object.text("delivery", delivery.delivery);
  object.text("reason", describe(delivery.error.reason).name);
  if (!delivery.error.detail.empty()) object.text("detail", delivery.error.detail);
  object.text("peer", delivery.peer);
  object.number("bytes", static_cast<std::int64_t>(delivery.body_bytes));
  if (diagnose_with != nullptr) {
    object.raw("diagnosis", diagnosis_json(diagnose(delivery, *diagnose_with)));
  }
  object.close();
  return out;
}

}  // namespace

Task<Response> list_refused(Call& call) {
  const auto max = integer_parameter(call, "max", 20, 1, listed_most);
  if (!max) co_return respond(max.error());
  const Config& config = *call.runtime.config;
  const auto delivery = query_parameter(call.request.target, "delivery");
  std::string list = "[";
  if (call.worker.refused != nullptr && config.hooks.keep_refused > 0) {
    const std::size_t most =
        delivery ? std::min<std::size_t>(diagnosed_max, static_cast<std::size_t>(*max))
                 : static_cast<std::size_t>(*max);
    for (const auto& entry : call.worker.refused->find(delivery.value_or(""), most)) {
      if (list.size() > 1) list += ',';
      list += refused_json(*entry, delivery ? &config : nullptr);
    }
  }
  Response response;
  JsonObject answer{response.body};
  answer.number("keep", config.hooks.keep_refused).raw("refused", list + "]").close();
  co_return response;
}

}  // namespace signalbox::api
