// The private listener: routes, tokens, and the monitoring calls that need none.
#pragma once

#include "gateway/api/route_table.hpp"
#include "gateway/http/http.hpp"

namespace signalbox {

class ApiHandler final : public Handler {
 public:
  // What the setting refers to must outlive this.
  explicit ApiHandler(const ApiSetting& setting) : setting_{setting} {}

  Task<Response> handle(const Request& request) override;
  std::optional<Response> answer_head(const Request& request) override;
  void refused(const Error& error, std::string_view target, std::string_view peer) override;
  // Answers are for their caller alone, and are what their type says
  // (https://fetch.spec.whatwg.org/#x-content-type-options-header).
  std::string_view fixed_headers() const noexcept override {
    return "Cache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n";
  }

 private:
  Task<Response> route(const Request& request);
  std::optional<Response> admit(api::Call& call, const api::FoundRoute& found);
  Response too_many(std::chrono::nanoseconds wait, std::string detail, const Request& request);
  Response fail(const Request& request, const Error& error);

  ApiSetting setting_;
};

}  // namespace signalbox
