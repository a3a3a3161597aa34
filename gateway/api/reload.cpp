// An operator has the gateway read its configuration again, and is told what came of it.
#include <fmt/format.h>

#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/api/route_table.hpp"
#include "gateway/worker/reloader.hpp"
#include "gateway/http/session_list.hpp"

namespace signalbox::api {
namespace {

constexpr std::chrono::seconds reload_patience{60};  // large rule sets are compiled
constexpr Milliseconds look_again{20};

std::string outcome_json(const Reloader::Status& status) {
  std::string out;
  JsonObject answer{out};
  if (status.failure.empty()) {
    answer.text("status", "reloaded").text("loaded", format_time(status.loaded));
    answer.number("rules", status.rules).text("ruleset", status.ruleset);
  } else {
    answer.text("status", "failed").text("detail", status.failure);
  }
  append_json_list(answer.value("findings"), status.findings);
  answer.close();
  return out;
}

// The reloader has a thread of its own, which knows nothing of ours: it is looked at.
Task<Response> reload_configuration(Call& call) {
  Reloader* reloader = call.setting.reloader;
  if (reloader == nullptr) {
    co_return respond(Error{Reason::not_found, "this gateway does not read its files again"});
  }
  const std::uint64_t attempt = reloader->request("operator " + call.principal->name);
  const auto until = std::chrono::steady_clock::now() + reload_patience;
  while (std::chrono::steady_clock::now() < until && !call.sessions().draining()) {
    const Reloader::Status status = reloader->status();
    if (status.attempts() >= attempt) {
      Response response;
      response.body = outcome_json(status);
      co_return response;
    }
    co_await pause_for(call.io(), look_again);
  }
  if (call.sessions().draining()) co_return respond(Error{Reason::draining, {}});
  co_return respond(Error{Reason::overloaded, "the files are still being read: see /readyz"});
}

}  // namespace

extern constinit const Route reload_configuration_route{.method = "POST",
                                                        .path = {"v1", "reload"},
                                                        .access = Access::operators,
                                                        .handle = reload_configuration};

}  // namespace signalbox::api
