#include "gateway/cli/command/follow.hpp"

#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "gateway/cli/client/gateway_call.hpp"
#include "gateway/cli/client/reconnection.hpp"
#include "gateway/cli/client/server_sent_events.hpp"
#include "gateway/cli/client/stop_signal.hpp"
#include "gateway/cli/screen/json_members.hpp"
#include "gateway/cli/screen/view.hpp"

namespace signalbox {
namespace {

namespace json = boost::json;

constexpr std::uint32_t window_default = 10;
constexpr Milliseconds give_back_timeout{3'000};  // who typed Ctrl-C waits for it
constexpr Milliseconds silence_max{45'000};       // the server sends a comment every 15 s

class Follower {
 public:
  Follower(Invocation& invocation, ApiClient client, const FollowSettings& settings)
      : invocation_{invocation}, client_{std::move(client)}, settings_{settings} {}

  ExitCode run();

 private:
  CommandResult<HttpAnswer> stream();
  void take(const SentEvent& event);
  void print(const json::value& leased, const std::string& text);
  void acknowledge(const std::string& receipt);
  void give_back();

  Invocation& invocation_;
  ApiClient client_;
  const FollowSettings& settings_;
  StopSignal stop_;
  bool unread_ = false;  // nobody takes our output any more
  bool heard_ = false;   // something came through the stream that is open
  bool told_ = false;    // that it waits
  json::array unprinted_;
};

HttpCall open_stream(const ApiClient& client, const FollowSettings& settings) {
  json::object body{{"max", settings.max.value_or(window_default)}};
  if (!settings.visibility.empty()) body["visibility"] = settings.visibility;
  ApiCall call{.method = "POST", .path = "/v1/inbox/receive", .about_mailbox = true};
  call.body = std::move(body);
  call.accept = "text/event-stream";
  return client.request_of(call);
}

ApiCall about_receipts(const std::string& path, json::array receipts) {
  ApiCall call{.method = "POST", .path = path, .about_mailbox = true};
  call.body = json::object{{"receipts", std::move(receipts)}};
  return call;
}

CommandResult<HttpAnswer> Follower::stream() {
  const auto server = parse_base_url(client_.caller().url);
  if (!server) return server.error();
  SentEventReader reader{[this](const SentEvent& event) { take(event); }};
  HttpStream parts;
  parts.content_type = "text/event-stream";
  parts.stop = stop_.descriptor();
  parts.silence_max = silence_max;
  parts.abandon = [this] { return stop_.raised_twice(); };
  parts.on_open = [this] {
    if (std::exchange(told_, true)) return;
    invocation_.terminal.advice(
        fmt::format("waiting for messages{}; Ctrl-C ends",
                    settings_.agent.empty() ? "" : " of " + settings_.agent));
  };
  parts.on_part = [&](std::string_view part) {
    heard_ = true;
    if (!reader.feed(part)) throw std::runtime_error{"an event is too large"};
  };
  return http_stream(*server, open_stream(client_, settings_), parts, client_.caller().trust);
}

void Follower::take(const SentEvent& event) {
  const json::value data = parse_json_value(event.data);
  if (event.type == "message") {
    if (unread_ || stop_.raised()) {
      unprinted_.emplace_back(text_of(data, "receipt"));
    } else {
      print(data, event.data);
    }
  } else if (event.type == "problem") {
    const ApiAnswer problem{static_cast<unsigned>(number_of(data, "status")), {}, data};
    invocation_.terminal.error(describe_problem(problem));
  }
}

void Follower::print(const json::value& leased, const std::string& text) {
  Terminal& terminal = invocation_.terminal;
  if (invocation_.common.json) {
    terminal.json(text);
  } else {
    show_received(terminal, json::object{{"messages", json::array{leased}}}, SystemClock{}.now());
  }
  const std::string receipt = text_of(leased, "receipt");
  if (!terminal.flush()) {
    unread_ = true;
    unprinted_.emplace_back(receipt);
    std::raise(SIGTERM);  // into stop_
  } else if (settings_.acknowledge) {
    acknowledge(receipt);
  }
}

void Follower::acknowledge(const std::string& receipt) {
  const auto answer =
      client_.call(about_receipts("/v1/inbox/ack", json::array{json::value(receipt)}));
  if (!answer) {
    invocation_.terminal.error(answer.error().text);
  } else if (!answer->good()) {
    invocation_.terminal.error(describe_problem(*answer));
  }
}

void Follower::give_back() {
  if (unprinted_.empty()) return;
  const std::size_t count = unprinted_.size();
  ApiCall call = about_receipts("/v1/inbox/nack", std::move(unprinted_));
  call.timeout = give_back_timeout;
  const auto answer = client_.call(call);
  const bool done = answer && answer->good();
  invocation_.terminal.advice(
      done ? fmt::format("{} given back that had not been printed", count)
           : fmt::format("{} not printed come again when their leases end", count));
}

ExitCode Follower::run() {
  Reconnection connection{std::chrono::steady_clock::now()};
  while (!stop_.raised()) {
    heard_ = false;
    const auto answer = stream();
    if (stop_.raised()) break;
    const auto now = std::chrono::steady_clock::now();
    if (heard_) connection.heard(now);
    if (answer && answer->status == 200) connection.answered();
    if (!answer && connection.is_over(now)) return fail(invocation_, answer.error());
    if (answer && answer->status != 200 && answer->status != 503) {
      return refuse(invocation_,
                    ApiAnswer{answer->status, answer->body, parse_json_value(answer->body)});
    }
    if (!answer) invocation_.terminal.advice(answer.error().text + "; trying again");
    if (stop_.wait(connection.next_pause())) break;
  }
  give_back();
  return ExitCode::good;
}

}  // namespace

ExitCode follow(Invocation& invocation, const FollowSettings& settings) {
  const auto client = find_client(invocation, as_agent(settings.agent));
  if (!client) return fail(invocation, client.error());
  Follower follower{invocation, *client, settings};
  return follower.run();
}

}  // namespace signalbox
