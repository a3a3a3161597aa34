// explain --delivery: why a delivery was refused, as far as the gateway keeps refused ones.
#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/commands.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

std::string number_of(const json::value& object, const char* name) {
  const json::value* number = object.as_object().if_contains(name);
  return number != nullptr && number->is_int64() ? fmt::format("{}", number->as_int64()) : "";
}

void show_refused(Terminal& terminal, const json::value& refused) {
  terminal.line(terminal.styled("refused", Style::bad) + "  " +
                terminal.styled(text_of(refused, "reason"), Style::bold) + "  " +
                terminal.styled(text_of(refused, "source"), Style::name));
  terminal.field("received", text_of(refused, "received"));
  terminal.field("peer", text_of(refused, "peer"));
  terminal.field("bytes", number_of(refused, "bytes"));
  if (const auto detail = text_of(refused, "detail"); !detail.empty()) {
    terminal.field("detail", detail);
  }
  const json::value* diagnosis = refused.as_object().if_contains("diagnosis");
  if (diagnosis == nullptr) return;
  terminal.field("cause", text_of(*diagnosis, "cause"));
  if (const auto origin = text_of(*diagnosis, "origin"); !origin.empty()) {
    terminal.field("secret", fmt::format("{} ({})", number_of(*diagnosis, "secret"), origin));
  }
  terminal.field("because", text_of(*diagnosis, "text"));
}

}  // namespace

ExitCode run_explain_delivery(Invocation& invocation, const std::string& delivery) {
  const auto client = find_client(invocation, call_as_operator({}));
  if (!client) return fail(invocation, client.error());
  const auto answer = client->get("/v1/refused?delivery=" + url_encode(delivery));
  if (!answer) return fail(invocation, answer.error());
  if (!answer->good()) return refuse(invocation, *answer);
  if (invocation.common.json) invocation.terminal.json(answer->text);
  const auto& found = array_of(answer->json, "refused");
  if (found.empty()) {
    const bool off = number_of(answer->json, "keep") == "0";
    return fail(invocation,
                {ExitCode::refused, "no refused delivery of this id is kept",
                 off ? "refused deliveries are kept with hooks.keep_refused in the configuration"
                     : "it was taken, never arrived, or has been pushed out by others"});
  }
  if (invocation.common.json) return ExitCode::good;
  for (const json::value& refused : found) show_refused(invocation.terminal, refused);
  return ExitCode::good;
}

}  // namespace signalbox
