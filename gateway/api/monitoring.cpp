// The calls that need no token: monitoring, and the description of the others.
#include <fmt/format.h>

#include <algorithm>

#include "event/printable.hpp"
#include "gateway/api/openapi.hpp"
#include "gateway/api/route_table.hpp"

namespace signalbox::api {
namespace {

Response text(std::string_view content_type, std::string body) {
  Response response;
  response.content_type = content_type;
  response.body = std::move(body);
  return response;
}

constexpr std::string_view plain = "text/plain; charset=utf-8";

Task<Response> show_life(Call&) { co_return text(plain, "ok\n"); }

// Probes have no token. Once monitoring has some, what stands behind the outcome is for those who
// show one.
bool may_see_details(const Call& call) {
  const Principals& principals = call.runtime.principals;
  if (!principals.guard_monitoring()) return true;
  const auto caller = principals.authenticate(call.request.headers, call.request.received);
  return caller && (*caller)->role != Principal::Role::agent;
}

std::string line_of(const HealthCheck& check, bool details) {
  const char mark = !check.good ? '-' : check.warning ? '!' : '+';
  return fmt::format("[{}] {}: {}\n", mark, check.name,
                     details ? printable(check.detail) : "shown to monitoring and operators only");
}

Task<Response> show_readiness(Call& call) {
  const bool verbose = query_parameter(call.request.target, "verbose").has_value();
  const bool details = may_see_details(call);
  const auto checks = call.setting.health.checks();
  const bool ready =
      std::all_of(checks.begin(), checks.end(), [](const HealthCheck& c) { return c.good; });
  std::string lines;
  for (const HealthCheck& check : checks) {
    if (verbose || !check.good) lines += line_of(check, details);
  }
  Response response = text(plain, lines + (ready ? "ok\n" : "not ready\n"));
  response.status = ready ? 200 : 503;
  co_return response;
}

Task<Response> show_metrics(Call& call) {
  co_return text("text/plain; version=0.0.4; charset=utf-8", call.setting.health.metrics());
}

Task<Response> show_openapi(Call&) {
  co_return text("application/yaml", std::string{openapi_yaml});
}

}  // namespace

extern constinit const Route live_route{
    .method = "GET", .path = {"livez"}, .access = Access::anyone, .handle = show_life};

extern constinit const Route ready_route{.method = "GET",
                                         .path = {"readyz"},
                                         .access = Access::anyone,
                                         .query = {"verbose"},
                                         .handle = show_readiness};

extern constinit const Route metrics_route{
    .method = "GET", .path = {"metrics"}, .access = Access::monitoring, .handle = show_metrics};

extern constinit const Route openapi_route{
    .method = "GET", .path = {"openapi.yaml"}, .access = Access::anyone, .handle = show_openapi};

}  // namespace signalbox::api
