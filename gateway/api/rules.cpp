// The loaded rules with this process's counters.
#include "event/json_escape.hpp"
#include "event/message.hpp"
#include "gateway/api/routes.hpp"

namespace signalbox::api {
Task<Response> list_rules(Call& call) {
  const RuleSet& set = *call.runtime.config->rules;
  std::string rules = "[";
  for (const RuleInfo& rule : set.rules()) {
    if (rules.size() > 1) rules += ',';
    const RuleCounters* counters = call.runtime.find_rule(rule.name);
    JsonObject object{rules};
    object.text("name", rule.name).text("file", rule.file).number("line", rule.line);
    if (!rule.owner.empty()) object.text("owner", rule.owner);
    object.number("priority", rule.priority).boolean("stop", rule.stop);
    object.raw("events", json_list(rule.events)).raw("recipients", json_list(rule.recipients));
    object.number("matched", static_cast<std::int64_t>(counters->matched.load()));
    object.number("failed", static_cast<std::int64_t>(counters->failed.load()));
    const std::int64_t last_ms = counters->last_match_ms.load();
    if (last_ms > 0) object.text("last_match", format_time(Time{Milliseconds{last_ms}}));
    object.close();
  }
  Response response;
  JsonObject body{response.body};
  body.text("digest", set.digest()).raw("rules", rules + "]").close();
  co_return response;
}

}  // namespace signalbox::api
