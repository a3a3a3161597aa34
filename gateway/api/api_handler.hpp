// The private listener: routes, tokens, and the monitoring calls that need none.
#pragma once

#include "gateway/http/http.hpp"
#include "gateway/monitoring/health.hpp"
#include "gateway/worker/worker.hpp"

namespace signalbox {

class ApiHandler final : public Handler {
 public:
  ApiHandler(Worker& worker, const Health& health) : worker_{worker}, health_{health} {}

  Task<Response> handle(const Request& request) override;
  void refused(const Error& error, std::string_view target, std::string_view peer) override;

 private:
  Task<Response> route(const Request& request);
  Response fail(const Request& request, const Error& error);

  Worker& worker_;
  const Health& health_;
};

}  // namespace signalbox
