#include "gateway/api/permission.hpp"

namespace signalbox::api {
namespace {

Error read_only() {
  return Error{Reason::insufficient_scope,
               "this token's scope is read: it is for GET and for dry runs"};
}

bool changes(const Route& route) noexcept {
  return route.effect == Effect::by_method && route.method != "GET";
}

}  // namespace

bool is_open(const Route& route, const Principals& principals) noexcept {
  return route.access == Access::anyone ||
         (route.access == Access::monitoring && !principals.guard_monitoring());
}

std::optional<Error> refuse_caller(const Route& route, const Principal& principal) {
  using enum Principal::Role;
  const bool is_agent = principal.role == agent;
  if (route.access == Access::operators && is_agent) {
    return Error{Reason::forbidden, "this call is for operators"};
  }
  if (route.access == Access::monitoring && is_agent) {
    return Error{Reason::forbidden, "this call is for monitoring and operators"};
  }
  if (principal.role == monitoring && route.access != Access::monitoring) {
    return Error{Reason::forbidden, "a token of monitoring is for /metrics and /readyz only"};
  }
  if (principal.scope == TokenScope::read && changes(route)) return read_only();
  return std::nullopt;
}

std::optional<Error> refuse_change(const Call& call) {
  if (call.principal->scope == TokenScope::read) return read_only();
  return std::nullopt;
}

}  // namespace signalbox::api
