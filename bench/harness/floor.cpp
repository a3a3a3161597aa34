#include "bench/harness/floor.hpp"

#include "bench/harness/measure.hpp"

namespace signalbox::bench {

void read_seven_fields(simdjson::ondemand::parser& parser, const Payload& payload) {
  simdjson::ondemand::document document =
      parser.iterate(payload.padded.data(), payload.size, payload.padded.size());
  std::string_view text;
  std::uint64_t sum = 0;
  if (!document["action"].get_string().get(text)) sum += text.size();
  simdjson::ondemand::object repository;
  if (!document["repository"].get_object().get(repository)) {
    if (!repository["id"].get_uint64().error()) ++sum;
    if (!repository["full_name"].get_string().get(text)) sum += text.size();
    if (!repository["private"].get_bool().error()) ++sum;
  }
  simdjson::ondemand::object sender;
  if (!document["sender"].get_object().get(sender)) {
    if (!sender["login"].get_string().get(text)) sum += text.size();
    if (!sender["id"].get_uint64().error()) ++sum;
    if (!sender["type"].get_string().get(text)) sum += text.size();
  }
  keep(sum);
}

}  // namespace signalbox::bench
