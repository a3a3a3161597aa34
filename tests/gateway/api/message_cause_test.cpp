// Messages that follow from others (invariant M3).
#include "gateway/api/message_cause.hpp"

#include <catch2/catch.hpp>

namespace signalbox::api {
namespace {

MessageCause cause_at(unsigned hop) {
  return {.id = "m_1",
          .hop = hop,
          .trust = Trust::member,
          .work = "w_1",
          .subject = "github:acme/api#42",
          .task = "review",
          .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"};
}

}  // namespace

TEST_CASE("a chain of messages ends at 64") {
  Message last;
  REQUIRE(follow(last, cause_at(63)).has_value());
  CHECK(last.hop == 64);
  Message beyond;
  const auto refused = follow(beyond, cause_at(64));
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason == Reason::too_many_hops);
  CHECK(beyond.cause.empty());
}

TEST_CASE("a consequence is trusted no further than its cause, nor than its writer") {
  Message trusted;
  trusted.trust = Trust::owner;
  REQUIRE(follow(trusted, cause_at(0)).has_value());
  CHECK(trusted.trust == Trust::member);
  Message distrusted;
  distrusted.trust = Trust::outsider;
  REQUIRE(follow(distrusted, cause_at(0)).has_value());
  CHECK(distrusted.trust == Trust::outsider);
}

TEST_CASE("a consequence is about the work of its cause, unless it names its own") {
  Message bare;
  REQUIRE(follow(bare, cause_at(1)).has_value());
  CHECK(bare.cause == "m_1");
  CHECK(bare.work == "w_1");
  CHECK(bare.subject == "github:acme/api#42");
  CHECK(bare.task == "review");
  CHECK(bare.traceparent == cause_at(1).traceparent);

  Message named;
  named.subject = "linear:ENG-1";
  named.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00";
  REQUIRE(follow(named, cause_at(1)).has_value());
  CHECK(named.work.empty());
  CHECK(named.subject == "linear:ENG-1");
  CHECK(named.task.empty());
  CHECK(named.traceparent == "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00");

  Message by_id;
  by_id.work = "w_2";
  REQUIRE(follow(by_id, cause_at(1)).has_value());
  CHECK(by_id.work == "w_2");
  CHECK(by_id.subject.empty());

  Message other_task;
  other_task.task = "test";
  REQUIRE(follow(other_task, cause_at(1)).has_value());
  CHECK(other_task.work == "w_1");
  CHECK(other_task.task == "test");
}

}  // namespace signalbox::api
