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
  struct Served;
  Task<Response> route(const Request& request, Served& served);
  std::optional<Response> admit(api::Call& call, const api::FoundRoute& found, Served& served);
  std::optional<Response> identify(api::Call& call, Served& served);
  static void note_route(Served& served, const api::FoundRoute& found, std::string_view target);
  void tell(Served& served, const Request& request, const Response& response);
  void audit(Served& served, const Request& request, const Response& response);
  void count_refusal(const Error& error, const Served& served, std::string_view peer);

  ApiSetting setting_;
};

}  // namespace signalbox
