// The private listener: routes, tokens, and the monitoring calls that need none.
#pragma once

#include "gateway/api/call.hpp"
#include "gateway/http/http.hpp"

namespace signalbox {

class ApiHandler final : public Handler {
 public:
  // What the setting refers to must outlive this.
  explicit ApiHandler(const ApiSetting& setting) : setting_{setting} {}

  Task<Response> handle(const Request& request) override;
  void refused(const Error& error, std::string_view target, std::string_view peer) override;

 private:
  struct Served;
  void audit(Served& served, const Request& request, const Response& response);
  Task<Response> route(const Request& request, Served& served);
  void count_refusal(const Error& error, const Served& served, std::string_view peer);

  ApiSetting setting_;
};

}  // namespace signalbox
