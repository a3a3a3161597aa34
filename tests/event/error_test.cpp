#include "event/error.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>

namespace signalbox {
namespace {

TEST_CASE("each reason has its row, and each name is there once") {
  REQUIRE(all_reasons().size() == reason_count);
  std::set<std::string_view> names;
  for (const ReasonRow& row : all_reasons()) {
    INFO(row.name);
    CHECK(&describe(row.reason) == &row);
    CHECK(names.insert(row.name).second);
    for (const std::string_view name : {row.name, row.public_name}) {
      CHECK_FALSE(name.empty());
      CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == std::string_view::npos);
    }
    CHECK(row.title.ends_with('.'));
  }
}

TEST_CASE("a 401 never tells the sender which check failed") {
  for (const ReasonRow& row : all_reasons()) {
    INFO(row.name);
    CHECK((row.http_status == 401) == (row.public_name == "unauthorized"));
  }
  const auto& title = describe(Reason::signature_missing).title;
  for (const Reason reason :
       {Reason::signature_malformed, Reason::signature_invalid, Reason::timestamp_out_of_range}) {
    CHECK(describe(reason).title == title);
  }
  CHECK(describe(Reason::token_missing).title == describe(Reason::token_invalid).title);
}

TEST_CASE("what the same request may succeed in later is a 5xx, a timeout or too often, no other") {
  for (const ReasonRow& row : all_reasons()) {
    INFO(row.name);
    CHECK(row.http_status >= 400);
    CHECK(row.http_status < 600);
    const bool later = row.http_status == 408 || row.http_status == 429 ||
                       (row.http_status >= 500 && row.http_status != 501);
    CHECK(row.retryable == later);
  }
}

}  // namespace
}  // namespace signalbox
