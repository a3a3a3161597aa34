// A mailbox as a stream of server-sent events: what a client is given, and what comes back when it
// goes.
#include <catch2/catch.hpp>

#include <boost/asio/post.hpp>

#include "gateway/api/message_stream.hpp"
#include "tests/gateway/worker_fixture.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;
using test::call;
using test::header_of;
using test::WorkerFixture;

// A client that takes so many pieces.
struct Client final : BodyWriter {
  std::string text;
  int takes = 1'000;
  Task<bool> send(std::string piece) override {
    if (takes-- <= 0) co_return false;
    text += piece;
    co_return true;
  }
};

class Stream {
 public:
  explicit Stream(std::string body = {}, int takes = 1'000) {
    test::Sent sent = call("POST", "/v1/inbox/receive", "reviewer", std::move(body));
    test::set_header(sent.headers, "Accept", "text/event-stream");
    client.takes = takes;
    response = fixture.api(std::move(sent));
  }
  void begin() {
    if (!response.stream) throw std::runtime_error("it is no stream: " + response.body);
    boost::asio::co_spawn(fixture.worker->io, response.stream(client),
                          [this](const std::exception_ptr& thrown, bool ended) {
                            if (thrown) std::rethrow_exception(thrown);
                            whole = ended;
                          });
    fixture.poll();
  }
  // Another message for the reviewer; each is of a work of its own.
  void add(int number) {
    std::string text = test::pull_request_body("title " + std::to_string(number));
    for (auto at = text.find("42"); at != std::string::npos; at = text.find("42"))
      text.replace(at, 2, std::to_string(number));
    const auto id = "delivery-" + std::to_string(number);
    const auto ack = fixture.ingest_only(test::delivery("github.pull_request.opened", id, text));
    if (!ack) throw std::runtime_error(ack.error().detail);
    fixture.worker->waiters.wake_one("reviewer");
    fixture.poll();
  }
  int messages() const {
    int count = 0;
    for (auto at = client.text.find("event: message"); at != std::string::npos;
         at = client.text.find("event: message", at + 1))
      ++count;
    return count;
  }

  WorkerFixture fixture;
  Client client;
  Response response;
  std::optional<bool> whole;  // once it has ended
};

}  // namespace

TEST_CASE("a stream hands out what is there and what comes, one event each", "[stream]") {
  Stream stream{R"({"max":10})"};
  CHECK(stream.response.content_type == "text/event-stream");
  stream.add(1);
  stream.begin();
  CHECK(stream.client.text.starts_with("retry: 2000\n\nid: m_"));
  CHECK(stream.messages() == 1);
  stream.add(2);
  CHECK(stream.messages() == 2);
  CHECK(stream.client.text.find("Review title 2") != std::string::npos);
  CHECK_FALSE(stream.whole);
}

TEST_CASE("at most the window of messages is with a client", "[stream]") {
  Stream stream{R"({"max":2})"};
  stream.begin();
  for (int i = 1; i <= 4; ++i) stream.add(i);
  CHECK(stream.messages() == 2);
  CHECK(stream.fixture.counts("reviewer").ready == 2);
  // It is done with one.
  const std::size_t at = stream.client.text.find("\"receipt\":\"") + 11;
  const std::string receipt = stream.client.text.substr(at, stream.client.text.find('"', at) - at);
  stream.fixture.api(
      call("POST", "/v1/inbox/ack", "reviewer", R"({"receipts":[")" + receipt + "\"]}"));
  stream.fixture.sweep(SteadyClock::now() + 3s);
  CHECK(stream.messages() == 3);
}

TEST_CASE("a stream with a full window asks more and more seldom, at last every two seconds",
          "[stream]") {
  Stream stream{R"({"max":1})"};
  stream.begin();
  auto before = SteadyClock::now();
  stream.add(1);
  auto after = SteadyClock::now();
  const auto asked = [&](SteadyClock::time_point now) {
    stream.fixture.weather.deadlines.clear();
    stream.fixture.sweep(now);
    return stream.fixture.weather.deadlines.size();
  };
  for (const auto pause : {100ms, 200ms, 400ms, 800ms, 1600ms, 2000ms, 2000ms}) {
    INFO(pause.count());
    CHECK(asked(before + pause - 1ms) == 0);
    before = SteadyClock::now();
    CHECK(asked(after + pause) == 1);
    after = SteadyClock::now();
  }
}

TEST_CASE("what could not be sent is given back", "[stream]") {
  Stream stream{R"({"max":10})", 2};  // the opening and one message
  for (int i = 1; i <= 3; ++i) stream.add(i);
  stream.begin();
  CHECK(stream.whole == false);
  CHECK(stream.messages() == 1);
  CHECK(stream.fixture.counts("reviewer").leased == 1);
  CHECK(stream.fixture.counts("reviewer").ready == 2);
}

TEST_CASE("a drain ends a stream, and so does a store that is away", "[stream]") {
  Stream drained;
  drained.begin();
  drained.fixture.worker->drain(std::chrono::seconds{25}, [] {});
  drained.fixture.poll();
  CHECK(drained.whole == true);

  Stream away;
  away.begin();
  away.fixture.weather.failure = Error{Reason::store_unavailable, "away"};
  away.fixture.worker->waiters.wake_one("reviewer");
  away.fixture.poll();
  CHECK(away.whole == true);
  CHECK(away.client.text.find("event: problem\ndata: {") != std::string::npos);
  CHECK(away.client.text.find("store_unavailable") != std::string::npos);
}

TEST_CASE("what cannot begin is no stream", "[stream]") {
  WorkerFixture fixture;
  fixture.weather.failure = Error{Reason::store_unavailable, "away"};
  test::Sent sent = call("POST", "/v1/inbox/receive", "reviewer");
  test::set_header(sent.headers, "Accept", "application/json, text/event-stream;q=0.9");
  const Response response = fixture.api(std::move(sent));
  CHECK(response.status == 503);
  CHECK_FALSE(response.stream);
}

}  // namespace signalbox
