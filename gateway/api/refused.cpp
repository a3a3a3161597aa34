// Refused deliveries over HTTP, for operators: what is kept of them, and what was wrong.
#include "event/json_writer.hpp"
#include "event/printable.hpp"
#include "gateway/api/route_table.hpp"
#include "gateway/hooks/refusal_diagnosis.hpp"
#include "gateway/hooks/refused_ring.hpp"

namespace signalbox::api {
namespace {

constexpr std::int64_t listed_most = 100;
constexpr std::size_t diagnosed_max = 3;  // of one delivery id: each may take some 50 ms

std::string diagnosis_json(const RefusalDiagnosis& diagnosis) {
  std::string out;
  JsonObject object{out};
  object.text("cause", diagnosis.cause).text("text", printable(diagnosis.text));
  if (diagnosis.secret) {
    object.number("secret", *diagnosis.secret);
    object.text("origin", diagnosis.origin);
  }
  object.close();
  return out;
}

std::string refused_json(const RefusedDelivery& delivery, const Config* diagnose_with) {
  std::string out;
  JsonObject object{out};
  object.text("received", format_time(delivery.received)).text("source", delivery.source);
  // What strangers wrote need be no UTF-8, which JSON is.
  object.text("delivery", printable(delivery.delivery));
  object.text("reason", describe(delivery.error.reason).name);
  if (!delivery.error.detail.empty()) object.text("detail", printable(delivery.error.detail));
  object.text("peer", delivery.peer);
  object.number("bytes", delivery.body_bytes);
  if (diagnose_with != nullptr) {
    const RefusalDiagnosis diagnosis = diagnose(delivery, *diagnose_with);
    if (!diagnosis.wrong.empty()) object.text("wrong", printable(diagnosis.wrong));
    object.raw("diagnosis", diagnosis_json(diagnosis));
  }
  object.close();
  return out;
}

Task<Response> list_refused(Call& call) {
  const auto max = integer_parameter(call, "max", 20, 1, listed_most);
  if (!max) co_return respond(max.error());
  const Config& config = *call.runtime.config;
  const auto delivery = query_parameter(call.request.target, "delivery");
  Response response;
  JsonObject answer{response.body};
  JsonArray list{answer.number("keep", config.hooks.keep_refused).value("refused")};
  const RefusedRing* ring = call.refused();
  if (ring != nullptr && config.hooks.keep_refused > 0) {
    const std::size_t most =
        delivery ? std::min<std::size_t>(diagnosed_max, static_cast<std::size_t>(*max))
                 : static_cast<std::size_t>(*max);
    for (const auto& entry : ring->find(delivery.value_or(""), most)) {
      list.element() += refused_json(*entry, delivery ? &config : nullptr);
    }
  }
  list.close();
  answer.close();
  co_return response;
}

}  // namespace

extern constinit const Route list_refused_route{.method = "GET",
                                                .path = {"v1", "refused"},
                                                .access = Access::operators,
                                                .query = {"delivery", "max"},
                                                .handle = list_refused};

}  // namespace signalbox::api
