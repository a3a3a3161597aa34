#include "gateway/http/respond.hpp"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "event/json_escape.hpp"
#include "event/json_writer.hpp"

namespace signalbox {
namespace {

constexpr int retry_after_s = 5;

struct Phrase {
  unsigned status;
  std::string_view text;
};
constexpr Phrase phrases[]{
    {200, "OK"},
    {201, "Created"},
    {204, "No Content"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {417, "Expectation Failed"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
};

std::string_view phrase(unsigned status) noexcept {
  const auto* const known =
      std::ranges::find(phrases, status, [](const Phrase& each) { return each.status; });
  return known == std::end(phrases) ? std::string_view{} : known->text;
}

// IMF-fixdate (RFC 9110, section 5.6.7), formatted once a second per thread.
const std::string& http_date(Time now) {
  thread_local std::string text;
  thread_local std::chrono::sys_seconds shown{};
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  if (text.empty() || second != shown) {
    shown = second;
    text = fmt::format("{:%a, %d %b %Y %H:%M:%S} GMT",
                       fmt::gmtime(static_cast<std::time_t>(second.time_since_epoch().count())));
  }
  return text;
}

void append_number(std::string& out, std::size_t number) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

// Status line and headers, but for those about the body.
void append_head(std::string& out, const Response& response, Time now) {
  append_number(out += "HTTP/1.1 ", response.status);
  out.append(" ").append(phrase(response.status));
  out.append("\r\nDate: ").append(http_date(now)).append("\r\n");
  for (const auto& [name, value] : response.headers) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
}

}  // namespace

Response respond(const Error& error) { return problem(error, {}); }

Response problem(const Error& error, std::string_view members) {
  const ReasonRow& row = describe(error.reason);
  Response response;
  response.status = row.http_status;
  response.content_type = "application/problem+json";
  response.refusal = error;
  JsonObject body{response.body};
  body.text("type", "about:blank").text("title", row.title).number("status", row.http_status);
  body.text("reason", row.public_name);
  if (!error.detail.empty() && row.name == row.public_name) body.text("detail", error.detail);
  if (!members.empty()) response.body.append(",").append(members);
  body.close();
  if (row.retryable) response.headers.emplace_back("Retry-After", std::to_string(retry_after_s));
  if (row.http_status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

Response come_back(const Error& error, std::chrono::nanoseconds wait) {
  Response response = respond(error);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  for (auto& [name, value] : response.headers) {
    if (name == "Retry-After") value = std::to_string(std::max<std::int64_t>(seconds, 1));
  }
  return response;
}

std::string serialize(const Response& response, bool keep_alive, bool head_only, Time now,
                      std::string_view fixed) {
  std::string out;
  out.reserve(256 + fixed.size() + response.body.size());
  append_head(out, response, now);
  out += fixed;
  if (response.status != 204) {
    out.append("Content-Type: ").append(response.content_type).append("\r\nContent-Length: ");
    append_number(out, response.body.size());
    out += "\r\n";
  }
  out += keep_alive ? "\r\n" : "Connection: close\r\n\r\n";
  if (!head_only) out += response.body;
  return out;
}

std::string serialize_head(const Response& response, bool chunked, Time now,
                           std::string_view fixed) {
  std::string out;
  append_head(out, response, now);
  out += fixed;
  out.append("Content-Type: ").append(response.content_type).append("\r\n");
  if (chunked) out += "Transfer-Encoding: chunked\r\n";
  return out += "Connection: close\r\n\r\n";
}

}  // namespace signalbox
