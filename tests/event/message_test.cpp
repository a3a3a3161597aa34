#include "event/message.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

Message full() {
  return {.id = "m_1",
          .site = "acme",
          .kind = MessageKind::assign,
          .subject = "github:acme/api#42",
          .time = *parse_time("2026-11-22T10:00:00Z"),
          .recipient = "reviewer",
          .sender = "rule:review-opened",
          .work = "w_1",
          .task = "review",
          .cause = "e_1",
          .hop = 1,
          .trust = Trust::member,
          .actor_kind = ActorKind::human,
          .traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
          .data = R"({"summary":"Review \"x\""})"};
}

// CloudEvents 1.0.2, section 3.1: attribute names are lower case letters and digits.
bool is_attribute_name(std::string_view name) {
  return !name.empty() &&
         name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string_view::npos;
}

TEST_CASE("a message is rendered as a CloudEvent with all that it carries") {
  CHECK(
      render(full()) ==
      R"({"specversion":"1.0","id":"m_1","source":"signalbox://acme","type":"dev.signalbox.assign",)"
      R"("subject":"github:acme/api#42","time":"2026-11-22T10:00:00Z","datacontenttype":"application/json",)"
      R"("recipient":"reviewer","sender":"rule:review-opened","workid":"w_1","taskid":"review",)"
      R"("causationid":"e_1","hop":1,"authortrust":"member","actorkind":"human",)"
      R"("traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",)"
      R"("data":{"summary":"Review \"x\""}})");
}

TEST_CASE("what a message does not have is left out, since CloudEvents allow no empty attribute") {
  Message message = full();
  message.subject = message.work = message.task = message.cause = message.traceparent = "";
  JsonDocument document;
  const auto parsed = document.parse_copy(render(message));
  REQUIRE(parsed.has_value());
  for (const std::string_view name :
       {"subject", "workid", "taskid", "causationid", "traceparent"}) {
    CHECK_FALSE((*parsed)[name]);
  }
}

TEST_CASE("the sequence is added as a text") {
  JsonDocument document;
  const auto parsed = document.parse_copy(with_sequence(render(full()), 18446744073709551615U));
  REQUIRE(parsed.has_value());
  CHECK((*parsed)["sequence"].string() == "18446744073709551615");
  for (const auto& [name, value] : parsed->fields()) {
    INFO(name);
    CHECK(is_attribute_name(name));
  }
}

TEST_CASE("texts of a message cannot break out of their places") {
  Message message = full();
  message.subject = "\",\"recipient\":\"other\n";
  JsonDocument document;
  const auto parsed = document.parse_copy(render(message));
  REQUIRE(parsed.has_value());
  CHECK((*parsed)["subject"].string() == message.subject);
  CHECK((*parsed)["recipient"].string() == "reviewer");
}

TEST_CASE("each kind is read by the name that it is written with") {
  for (int i = 0; i <= static_cast<int>(MessageKind::note); ++i) {
    const auto kind = static_cast<MessageKind>(i);
    CHECK(parse_message_kind(to_string(kind)) == kind);
  }
  CHECK(to_string(MessageKind::event) == "event");
  CHECK(to_string(MessageKind::note) == "note");
  for (const std::string_view name : {"", "Assign", "assign ", "unknown"})
    CHECK_FALSE(parse_message_kind(name));
}

}  // namespace
}  // namespace signalbox
