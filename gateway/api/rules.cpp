// The loaded rules with this process's counters.
#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/api/route_table.hpp"

namespace signalbox::api {
namespace {

Task<Response> list_rules(Call& call) {
  const RuleSet& set = *call.runtime.config->rules;
  Response response;
  JsonObject body{response.body};
  JsonArray rules{body.text("digest", set.digest()).value("rules")};
  for (const RuleInfo& rule : set.rules()) {
    const RuleCounters* counters = call.runtime.find_rule(rule.name);
    JsonObject object{rules.element()};
    object.text("name", rule.name).text("file", rule.file).number("line", rule.line);
    if (!rule.owner.empty()) object.text("owner", rule.owner);
    object.number("priority", rule.priority).boolean("stop", rule.stop);
    object.raw("events", json_list(rule.events)).raw("recipients", json_list(rule.recipients));
    object.number("matched", counters->matched.load());
    object.number("failed", counters->failed.load());
    const std::int64_t last_ms = counters->last_match_ms.load();
    if (last_ms > 0) object.text("last_match", format_time(Time{Milliseconds{last_ms}}));
    object.close();
  }
  rules.close();
  body.close();
  co_return response;
}

}  // namespace

extern constinit const Route list_rules_route{
    .method = "GET", .path = {"v1", "rules"}, .access = Access::operators, .handle = list_rules};

}  // namespace signalbox::api
