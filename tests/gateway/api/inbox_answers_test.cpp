// Mailboxes as JSON, whole and within a budget.
#include "gateway/api/inbox_answers.hpp"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include "event/json.hpp"

namespace signalbox::api {
namespace {

LeasedMessage leased(std::string summary, bool truncated = false) {
  LeasedMessage message;
  message.receipt = "m_0aB1cD2eF3gH4iJ5k.3";
  message.deliveries = 3;
  message.truncated = truncated;
  message.json = fmt::format(
      R"({{"specversion":"1.0","id":"m_0aB1cD2eF3gH4iJ5k","type":"dev.signalbox.assign",)"
      R"("subject":"github:acme/api#42","workid":"w_1","taskid":"review","causationid":"e_1",)"
      R"("sequence":"17","data":{{"summary":"{}"}}}})",
      summary);
  return message;
}

Tally tally(std::string name, std::uint64_t count) {
  Tally tally;
  tally.name = std::move(name);
  tally.count = count;
  return tally;
}

// An answer that must be JSON.
struct Answer {
  explicit Answer(std::string answer) : text{std::move(answer)} {
    const auto parsed = document.parse_copy(text);
    INFO(text);
    REQUIRE(parsed.has_value());
    json = *parsed;
  }
  std::string text;
  JsonDocument document;
  Json json;
};

Received truncated_one(const std::string& summary) {
  Received received;
  received.messages.push_back(leased(summary, true));
  return received;
}

std::string summary_within(const std::string& summary, std::uint64_t max_bytes) {
  const Answer answer{received_json_within(truncated_one(summary), max_bytes)};
  for (const Json each : answer.json["messages"].elements()) {
    return std::string{each["message"]["data"]["summary"].string_or("")};
  }
  return {};
}

}  // namespace

TEST_CASE("an answer without a budget has each message whole, in order") {
  Received received;
  CHECK(received_json(received) == R"({"messages":[],"remaining":0})");
  received.messages = {leased("one"), leased("two")};
  received.remaining = 18446744073709551615U;
  const Answer answer{received_json(received)};
  CHECK(answer.text == R"({"messages":[)" + leased_json(leased("one")) + "," +
                           leased_json(leased("two")) + R"(],"remaining":18446744073709551615})");
  CHECK(leased_json(leased("one")) ==
        R"({"receipt":"m_0aB1cD2eF3gH4iJ5k.3","deliveries":3,"message":)" + leased("one").json +
            "}");
}

TEST_CASE("an answer never has more bytes than its budget, however much is cut") {
  Received received;
  for (const char* name : {"note", "event", "progress"}) {
    received.left_by_kind.push_back(tally(name, 100));
  }
  for (int i = 0; i < 30; ++i) received.left_by_work.push_back(tally(fmt::format("w_{}", i), 3));
  received.messages.push_back(leased(std::string(3'000, 'x'), true));
  for (const std::uint64_t remaining : {std::uint64_t{0}, std::uint64_t{1}, std::uint64_t{300}}) {
    received.remaining = remaining;
    std::size_t longest = 0;
    for (std::uint64_t budget = answer_bytes_least; budget < 4'000; ++budget) {
      const std::string text = received_json_within(received, budget);
      if (text.size() > budget) FAIL(text.size() << " bytes of " << budget);
      longest = std::max(longest, text.size());
    }
    INFO(remaining);
    const Answer answer{received_json_within(received, answer_bytes_least)};
    CHECK(bool{answer.json["digest"]} == (remaining > 0));
    CHECK(longest > 1'300);  // it takes what there is room for
  }
}

// Names come from the sender of the event.
TEST_CASE("a truncated message leaves out a name that there is no room for") {
  const auto answer = [](std::size_t task_bytes, std::size_t subject_bytes) {
    Received received;
    received.remaining = 99'999'999'999'999;  // as long as an envelope has room for
    LeasedMessage& message = received.messages.emplace_back(leased("", true));
    message.json = fmt::format(
        R"({{"id":"m_0aB1cD2eF3gH4iJ5k","type":"dev.signalbox.assign","taskid":"{}",)"
        R"("subject":"{}","data":{{"summary":"Review {}"}}}})",
        std::string(task_bytes, 't'), std::string(subject_bytes, 's'), std::string(600, 'x'));
    return received_json_within(received, answer_bytes_least);
  };
  std::size_t longest_task = 0;
  std::size_t longest_subject = 0;
  for (std::size_t bytes = 1; bytes < 400; ++bytes) {
    const Answer with_task{answer(bytes, 0)};
    const Answer with_subject{answer(0, bytes)};
    if (with_task.text.size() > answer_bytes_least) FAIL("a task of " << bytes << " bytes");
    if (with_subject.text.size() > answer_bytes_least) FAIL("a subject of " << bytes << " bytes");
    if (with_task.text.find("taskid") != std::string::npos) longest_task = bytes;
    if (with_subject.text.find("subject") != std::string::npos) longest_subject = bytes;
  }
  CHECK(longest_task > 100);
  CHECK(longest_task < 300);
  CHECK(longest_subject > 100);
  CHECK(longest_subject < 399);
}

TEST_CASE("a truncated message says that it is, where the whole is, and what it is about") {
  const Answer answer{received_json_within(truncated_one("Review it"), answer_bytes_least)};
  for (const Json each : answer.json["messages"].elements()) {
    CHECK(each["truncated"].raw() == "true");
    CHECK(each["receipt"].string() == "m_0aB1cD2eF3gH4iJ5k.3");
    CHECK(each["deliveries"].raw() == "3");
    CHECK(each["reference"].string() == "/v1/messages/m_0aB1cD2eF3gH4iJ5k");
    CHECK(each["message"]["id"].string() == "m_0aB1cD2eF3gH4iJ5k");
    CHECK(each["message"]["type"].string() == "dev.signalbox.assign");
    CHECK(each["message"]["sequence"].string() == "17");
    CHECK(each["message"]["data"]["summary"].string() == "Review it");
  }
}

TEST_CASE(
    "a truncated summary has at most 1 KiB, as JSON with its quotes, and ends between "
    "characters") {
  const std::uint64_t much = 100'000;
  CHECK(summary_within(std::string(1'022, 'x'), much) == std::string(1'022, 'x'));
  const std::string cut = summary_within(std::string(1'023, 'x'), much);
  CHECK(cut == std::string(1'019, 'x') + "…");  // the mark has three bytes
  std::string accents;
  for (int i = 0; i < 800; ++i) accents += "é";
  const std::string cut_accents = summary_within(accents, much);
  CHECK(cut_accents == accents.substr(0, 1'018) + "…");
}

TEST_CASE("a digest names the 20 works with most, the most first") {
  const auto works = [](std::size_t count) {
    Received received;
    received.remaining = 50;
    for (std::size_t i = 0; i < count; ++i) {
      received.left_by_work.push_back(tally(fmt::format("w_{}", i), i + 1));
    }
    return Answer{received_json_within(received, 100'000)};
  };
  const auto count_of = [](const Answer& answer) {
    std::size_t count = 0;
    for ([[maybe_unused]] const Json each : answer.json["digest"]["by_work"].elements()) ++count;
    return count;
  };
  CHECK(count_of(works(20)) == 20);
  const Answer many = works(21);
  CHECK(count_of(many) == 20);
  std::int64_t expected = 21;
  for (const Json each : many.json["digest"]["by_work"].elements()) {
    CHECK(each["count"].integer() == expected--);
  }
  CHECK(many.json["digest"]["count"].raw() == "50");
}

}  // namespace signalbox::api
