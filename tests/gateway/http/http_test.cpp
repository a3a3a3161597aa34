// Paths, queries, answers, log values and counters: the pure parts of the gateway.
#include "gateway/http/http.hpp"

#include <boost/beast/http/status.hpp>
#include <catch2/catch.hpp>

#include <set>

#include "gateway/http/respond.hpp"
#include "gateway/telemetry/counters.hpp"
#include "gateway/telemetry/log_line_forms.hpp"

namespace signalbox {

using Parts = PathParts;

TEST_CASE("extra slashes and a query do not change what a path names", "[http]") {
  CHECK(path_parts("/hooks/github") == Parts{"hooks", "github"});
  CHECK(path_parts("//hooks//github//") == Parts{"hooks", "github"});
  CHECK(path_parts("/hooks/github?x=/y/z") == Parts{"hooks", "github"});
  CHECK(path_parts("/hooks/github#f") == Parts{"hooks", "github"});
  CHECK(path_parts("/").empty());
  CHECK(path_parts("").empty());
  CHECK(path_parts(std::string(4'000, '/') + "a") == Parts{"a"});
}

TEST_CASE("a path has at most eight parts, more are left out", "[http]") {
  CHECK(path_parts("/1/2/3/4/5/6/7/8").size() == 8);
  CHECK(path_parts("/1/2/3/4/5/6/7/8/9") == path_parts("/1/2/3/4/5/6/7/8"));
}

TEST_CASE("query parameters are decoded, and a malformed query has none", "[http]") {
  CHECK(query_parameter("/v1/inbox?agent=dead%3Areviewer&max=3", "agent") == "dead:reviewer");
  CHECK(query_parameter("//v1//inbox?max=3", "max") == "3");
  CHECK(query_parameter("/readyz?verbose", "verbose") == "");
  CHECK_FALSE(query_parameter("/v1/inbox", "max"));
  CHECK_FALSE(query_parameter("/v1/inbox?other=1", "max"));
  CHECK_FALSE(query_parameter("/v1/inbox?max=%zz", "max"));
}

TEST_CASE("whatever check failed, a sender who is not verified reads the same answer",
          "[respond]") {
  const Response missing = respond(Error{Reason::signature_missing, "no header"});
  for (Reason reason :
       {Reason::signature_malformed, Reason::signature_invalid, Reason::timestamp_out_of_range}) {
    const Response other = respond(Error{reason, "a detail for operators"});
    CHECK(other.status == 401);
    CHECK(other.body == missing.body);
    CHECK(other.headers == missing.headers);
  }
  CHECK(missing.body.find("no header") == std::string::npos);
}

TEST_CASE("an error that may pass says when to come back", "[respond]") {
  for (const ReasonRow& row : all_reasons()) {
    const Response response = respond(Error{row.reason, {}});
    CAPTURE(row.name);
    CHECK(response.status == row.http_status);
    CHECK(response.content_type == "application/problem+json");
    bool retry_after = false;
    for (const auto& [name, value] : response.headers)
      retry_after = retry_after || name == "Retry-After";
    CHECK(retry_after == row.retryable);
  }
}

TEST_CASE("each status that an answer may have has the words of the standard", "[respond]") {
  // https://www.iana.org/assignments/http-status-codes; Beast knows the older words of two.
  std::set<unsigned> statuses{200, 201, 204};
  for (const ReasonRow& row : all_reasons()) statuses.insert(row.http_status);
  for (const unsigned status : statuses) {
    Response response;
    response.status = status;
    const std::string line = serialize(response, true, false, Time{});
    std::string_view words =
        boost::beast::http::obsolete_reason(boost::beast::http::int_to_status(status));
    if (status == 413) words = "Content Too Large";
    if (status == 422) words = "Unprocessable Content";
    CAPTURE(status);
    CHECK(
        line.starts_with("HTTP/1.1 " + std::to_string(status) + " " + std::string{words} + "\r\n"));
  }
}

TEST_CASE("every reason has a name of its own", "[respond]") {
  std::set<std::string_view> names;
  for (const ReasonRow& row : all_reasons()) names.insert(row.name);
  CHECK(names.size() == reason_count);
}

TEST_CASE("a serialized answer frames its body", "[respond]") {
  Response response;
  response.body = "{}";
  const Time now = *parse_time("2026-11-22T10:00:00Z");
  CHECK(
      serialize(response, true, false, now) ==
      "HTTP/1.1 200 OK\r\nDate: Sun, 22 Nov 2026 10:00:00 GMT\r\nContent-Type: application/json\r\n"
      "Content-Length: 2\r\n\r\n{}");
  const std::string head = serialize(response, false, true, now);
  CHECK(head.ends_with("Content-Length: 2\r\nConnection: close\r\n\r\n"));
}

TEST_CASE("a value from outside cannot forge a log line", "[log]") {
  CHECK(logfmt_value("github.pull_request.opened") == "github.pull_request.opened");
  CHECK(logfmt_value("") == "\"\"");
  CHECK(logfmt_value("a b") == "\"a b\"");
  CHECK(logfmt_value("x\nlevel=error msg=forged") == "\"x\\nlevel=error msg=forged\"");
  CHECK(logfmt_value("say \"hi\"") == "\"say \\\"hi\\\"\"");
  CHECK(logfmt_value("\x1b[31m").find('\x1b') == std::string::npos);
  CHECK(logfmt_value(std::string(10'000, 'x')).size() <= 512 + 2);  // cut, and in quotes
}

TEST_CASE("a latency counts in the first bucket whose bound it does not exceed", "[counters]") {
  LatencyHistogram histogram;
  histogram.observe(std::chrono::microseconds{10});
  histogram.observe(std::chrono::nanoseconds{10'001});
  histogram.observe(std::chrono::seconds{11});
  histogram.observe(std::chrono::nanoseconds{-5});
  CHECK(histogram.bucket(0) == 2);
  CHECK(histogram.bucket(1) == 1);
  CHECK(histogram.bucket(latency_bounds_us.size()) == 1);
  CHECK(histogram.sum_seconds() == Approx(11.000020001));
}

}  // namespace signalbox
