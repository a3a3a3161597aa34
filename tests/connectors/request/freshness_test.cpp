#include "connectors/request/freshness.hpp"

#include <catch2/catch.hpp>

#include "tests/connectors/delivery.hpp"

namespace signalbox {
namespace {

constexpr std::string_view secret = "a secret for tests";

// Whether a time that was signed so long before the arrival passes.
std::optional<Error> refusal(Milliseconds age, std::optional<Milliseconds> window,
                             std::string_view connector = "linear") {
  auto delivery = test::Delivery::signed_by(connector, "linear.issue.update", "{}", secret);
  delivery.set_replay_window(window);
  const auto verified = delivery.verify({secret});
  REQUIRE(verified.has_value());
  const Time sent = verified->request().received - age;
  JsonDocument document;
  const auto json = document.parse_copy(std::to_string(sent.time_since_epoch().count()));
  REQUIRE(json.has_value());
  CHECK(signed_time(*json) == sent);
  return freshness_error(*verified, sent);
}

TEST_CASE("a signed time is as old as the source's window at most") {
  using std::chrono::hours;
  for (const Milliseconds window :
       {Milliseconds{1000}, Milliseconds{hours{8}}, default_replay_window}) {
    CHECK_FALSE(refusal(window, window));
    const auto late = refusal(window + Milliseconds{1}, window);
    REQUIRE(late);
    CHECK(late->reason == Reason::timestamp_out_of_range);
  }
}

TEST_CASE("a signed time is five minutes ahead at most") {
  CHECK_FALSE(refusal(-clock_skew_max, default_replay_window));
  const auto early = refusal(-clock_skew_max - Milliseconds{1}, default_replay_window);
  REQUIRE(early);
  CHECK(early->reason == Reason::timestamp_out_of_range);
}

TEST_CASE(
    "a time to come is asked for again where its provider would not send it again by itself") {
  const Milliseconds ahead = clock_skew_max + Milliseconds{1};
  const auto lost = refusal(-ahead, default_replay_window, "jira");
  REQUIRE(lost);
  CHECK(lost->reason == Reason::timestamp_in_future);
  CHECK(describe(lost->reason).http_status == 503);
  CHECK(lost->detail == "the signed time is 300 s ahead of this machine's clock");
  CHECK_FALSE(refusal(-clock_skew_max, default_replay_window, "jira"));
}

TEST_CASE("without a window any time passes, since the body is no delivery") {
  CHECK_FALSE(refusal(std::chrono::hours{24 * 3650}, std::nullopt));
  CHECK_FALSE(refusal(-std::chrono::hours{24 * 3650}, std::nullopt));
}

TEST_CASE("senders are not told whether time or signature was wrong") {
  CHECK(describe(Reason::timestamp_out_of_range).public_name ==
        describe(Reason::signature_invalid).public_name);
}

}  // namespace
}  // namespace signalbox
