// Limits of the command line: what it reads from files and servers, and what fits a line.
#include <fmt/format.h>

#include <boost/json/parse.hpp>

#include <filesystem>
#include <sstream>

#include "gateway/cli/client/http_client.hpp"
#include "gateway/cli/client/server_sent_events.hpp"
#include "gateway/cli/screen/terminal.hpp"
#include "tests/gateway/cli/client/fake_server.hpp"
#include "tests/gateway/cli/run.hpp"
#include "tests/limits/table.hpp"

namespace signalbox::test {
namespace {

boost::json::object json_of(const Ran& ran) { return boost::json::parse(ran.out).as_object(); }

std::string sent_event(std::int64_t bytes) {
  SentEventReader reader{[](const SentEvent&) {}};
  return cut_unless(reader.feed(letters(bytes)));
}

// What becomes of an answer that a server gives to any call.
std::string answered(const std::string& answer) {
  const FakeServer server{[&](const std::string&) { return answer; }};
  const auto url = parse_base_url(server.url());
  const auto got = http_call(*url, {}, std::chrono::seconds{60});
  return got ? "" : got.error().text;
}
std::string answer_bytes(std::int64_t bytes) {
  return answered(FakeServer::answer(200, letters(bytes)));
}
// The only field and the empty line; the status line is read before them.
std::string answer_header(std::int64_t bytes) {
  const std::int64_t around = std::ssize(std::string_view{"A: \r\n\r\n"});
  return answered("HTTP/1.1 204 No Content\r\nA: " + letters(bytes - around) + "\r\n\r\n");
}

// The command fails, one way or the other: here it counts whether a file was too large for it.
std::string too_large(const Ran& ran) {
  return ran.err.find("larger than") == std::string::npos ? "" : ran.err;
}
std::string token_file(std::int64_t bytes) {
  const Scratch scratch;
  return too_large(run({"inbox", "--url", "http://127.0.0.1:1", "--token-file",
                        scratch.write("token", letters(bytes))},
                       scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") + "\n")));
}
std::string profile(std::int64_t bytes) {
  const Scratch scratch;
  scratch.write("config/signalbox/profile.yaml", '#' + letters(bytes - 1));
  return too_large(run({"inbox", "--url", "http://127.0.0.1:1"},
                       scratch.environment("XDG_CONFIG_HOME=" + scratch.path("config") +
                                           "\nSIGNALBOX_TOKEN=a-token-of-my-own\n")));
}
std::string secret_file(std::int64_t bytes) {
  const Scratch scratch;
  return too_large(
      run({"sample", "github", "push", "--post", "github", "--hooks-url", "http://127.0.0.1:1",
           "--secret-file", scratch.write("secret", letters(bytes))},
          scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") + "\n")));
}
std::string data_file(std::int64_t bytes) {
  const Scratch scratch;
  return too_large(
      run({"send", "--to", "reviewer", "--kind", "note", "--data",
           '@' + scratch.write("data.json", letters(bytes))},
          scratch.environment("XDG_CONFIG_HOME=" + scratch.path("none") +
                              "\nSIGNALBOX_URL=http://127.0.0.1:1\nSIGNALBOX_TOKEN=x\n")));
}
std::string pattern_file(std::int64_t bytes) {
  const Scratch scratch;
  const std::string path = scratch.write("pattern.json", "");
  std::filesystem::resize_file(path, static_cast<std::uintmax_t>(bytes));
  return too_large(run({"eval", "--pattern", '@' + path, "--event", "{}"}));
}

// A server that has so many events, a hundred a page.
std::string all_events(std::int64_t count) {
  std::int64_t left = count;
  const FakeServer server{[&](const std::string&) {
    const std::int64_t page = std::min<std::int64_t>(left, 100);
    left -= page;
    return FakeServer::answer(200, fmt::format(R"({{"events":[{}],"next":"{}"}})",
                                               repeated(page, "{}", ","), left > 0 ? "more" : ""));
  }};
  const auto found = json_of(run_against(server, {"events", "--all", "--json"}));
  return cut_unless(std::cmp_equal(found.at("events").as_array().size(), count));
}
// Pages without what is wanted, up to the last.
std::string pages(std::int64_t count) {
  std::int64_t asked = 0;
  const FakeServer server{[&](const std::string&) {
    return FakeServer::answer(
        200, ++asked < count ? R"({"events":[],"next":"more"})" : R"({"events":[{}]})");
  }};
  const auto found = json_of(run_against(server, {"events", "--json"}));
  return cut_unless(!found.at("events").as_array().empty());
}
std::string page(std::int64_t events) {
  const FakeServer server{
      [](const std::string&) { return FakeServer::answer(200, R"({"events":[]})"); }};
  run_against(server, {"events", "--max", std::to_string(events)});
  return cut_unless(
      server.last_request().find(fmt::format("max={} ", events)) != std::string::npos ||
      server.last_request().find(fmt::format("max={}&", events)) != std::string::npos);
}

std::string data_fields(std::int64_t count) {
  std::string fields;
  for (std::int64_t i = 0; i < count; ++i)
    fields += fmt::format(R"({}"f{}":1)", i > 0 ? "," : "", i);
  const FakeServer server{[&](const std::string&) {
    return FakeServer::answer(
        200, R"({"messages":[{"receipt":"m_1.1","deliveries":1,"message":{"data":{)" + fields +
                 R"(}}}],"remaining":0})");
  }};
  return cut_unless(run_against(server, {"receive"}).out.find("more fields") == std::string::npos);
}

std::string field_width(std::int64_t width) {
  std::ostringstream out;
  std::ostringstream err;
  Terminal terminal{out, err, false, 1000};
  terminal.field("name", letters(width));
  return cut_unless(out.str().find("…") == std::string::npos);
}

}  // namespace

std::span<const Limit> command_limits() {
  static constexpr Limit limits[]{
      {"gateway/cli/client/server_sent_events.hpp:sent_event_bytes_max", 16'777'216, 16'777'217,
       sent_event, "cut"},
      {"gateway/cli/client/http_client.hpp:http_answer_bytes_max", 67'108'864, 67'108'865,
       answer_bytes, "body"},
      {"gateway/cli/client/http_client.hpp:http_answer_header_bytes_max", 65'536, 65'537,
       answer_header, "header"},
      {"gateway/cli/client/settings.cpp:token_file_bytes_max", 4096, 4097, token_file,
       "larger than 4096 bytes"},
      {"gateway/cli/client/settings.cpp:profile_bytes_max", 65'536, 65'537, profile,
       "larger than 65536 bytes"},
      {"gateway/cli/client/post_target.cpp:secret_file_bytes_max", 4096, 4097, secret_file,
       "larger than 4096 bytes"},
      {"gateway/cli/command/send.cpp:data_bytes_max", 1'048'576, 1'048'577, data_file,
       "larger than 1048576 bytes"},
      {"gateway/cli/command/eval.cpp:body_bytes_max", 67'108'864, 67'108'865, pattern_file,
       "larger than 67108864 bytes"},
      {"gateway/cli/command/events.cpp:all_max", 10'000, 10'001, all_events, "cut"},
      {"gateway/cli/command/events.cpp:calls_max", 1000, 1001, pages, "cut"},
      {"gateway/cli/command/events.cpp:page_max", 100, 101, page, "cut"},
      {"gateway/cli/screen/view.cpp:data_fields_max", 30, 31, data_fields, "cut"},
      {"gateway/cli/screen/terminal.cpp:field_value_width_max", 400, 401, field_width, "cut"},
  };
  return limits;
}

}  // namespace signalbox::test
