// Whose token it is, on what terms it is taken, and what its owner has called.
#include "gateway/access/principals.hpp"

#include <catch2/catch.hpp>

namespace signalbox {
namespace {

const Time noon = *parse_time("2026-11-22T12:00:00Z");

Config parties() {
  Config config;
  AgentConfig& agent = config.agents.emplace_back();
  agent.name = "reviewer";
  agent.tokens = {{"reviewer-token-0001", "env A"}, {"reviewer-token-0002", "env B"}};
  agent.tokens[1].scope = TokenScope::read;
  agent.tokens[1].expires = noon;
  OperatorConfig& person = config.operators.emplace_back();
  person.name = "ops";
  Token& digest = person.tokens.emplace_back();
  digest.origin = "sha256 …";
  digest.digest = sha256("operator-token-0003");
  return config;
}

// "reviewer", or why not.
std::string outcome(const Principals& principals, std::string_view header, Time now) {
  const std::vector<Headers::Field> fields{{"authorization", header}};
  const auto caller = principals.authenticate(Headers{fields}, now);
  if (caller) return (*caller)->name;
  return std::string{describe(caller.error().reason).name};
}

}  // namespace

TEST_CASE("a token is taken as it is written, or by its digest alone") {
  const Config config = parties();
  const Principals principals{config, nullptr};
  CHECK(outcome(principals, "Bearer reviewer-token-0001", noon) == "reviewer");
  CHECK(outcome(principals, "bearer operator-token-0003", noon) == "ops");
  for (const char* wrong : {"Bearer reviewer-token-0003", "Bearer  reviewer-token-0001",
                            "Bearer env A", "Bearer sha256 …"}) {
    CHECK(outcome(principals, wrong, noon) == "token_invalid");
  }
  for (const char* none : {"", "Bearer", "Bearer ", "Basic cmV2aWV3ZXI=", "reviewer-token-0001"}) {
    CHECK(outcome(principals, none, noon) == "token_missing");
  }
  CHECK(principals.authenticate(Headers{std::vector<Headers::Field>{}}, noon).error().reason ==
        Reason::token_missing);
}

TEST_CASE("a digest is no token") {
  const Config config = parties();
  const Principals principals{config, nullptr};
  std::string digits;
  for (const std::uint8_t byte : sha256("operator-token-0003")) {
    constexpr std::string_view hex = "0123456789abcdef";
    digits += hex[byte >> 4U];
    digits += hex[byte & 15U];
  }
  CHECK(outcome(principals, "Bearer " + digits, noon) == "token_invalid");
}

TEST_CASE("a token is taken until its end, and refused from then on with a reason of its own") {
  const Config config = parties();
  const Principals principals{config, nullptr};
  CHECK(outcome(principals, "Bearer reviewer-token-0002", noon - Milliseconds{1}) == "reviewer");
  CHECK(outcome(principals, "Bearer reviewer-token-0002", noon) == "token_expired");
  CHECK(outcome(principals, "Bearer reviewer-token-0001", noon) == "reviewer");
  const std::vector<Headers::Field> fields{{"authorization", "Bearer reviewer-token-0002"}};
  CHECK(principals.authenticate(Headers{fields}, noon).error().detail ==
        "agent reviewer, since 2026-11-22T12:00:00Z");
  CHECK(describe(Reason::token_expired).public_name == "unauthorized");
}

TEST_CASE("terms belong to a token, counters to its owner, and a reload keeps those") {
  const Config config = parties();
  const Principals before{config, nullptr};
  const Principal* whole = before.find("reviewer-token-0001");
  const Principal* reader = before.find("reviewer-token-0002");
  REQUIRE(whole != nullptr);
  REQUIRE(reader != nullptr);
  CHECK(whole->scope == TokenScope::write);
  CHECK(reader->scope == TokenScope::read);
  CHECK(whole->calls == reader->calls);
  whole->calls->add(CallOutcome::refused);

  Config later = parties();
  later.agents[0].tokens.erase(later.agents[0].tokens.begin());
  const Principals after{later, &before};
  CHECK(after.find("reviewer-token-0001") == nullptr);
  REQUIRE(after.find("reviewer-token-0002") != nullptr);
  CHECK(after.find("reviewer-token-0002")->calls == whole->calls);
  REQUIRE(after.parties().size() == 2);
  CHECK(after.parties()[0].calls->by_outcome[1] == 1);
  CHECK(after.parties()[1].name == "ops");
}

TEST_CASE("an answer is a success, a refusal or a failure by its status") {
  CHECK(outcome_of(200) == CallOutcome::success);
  CHECK(outcome_of(399) == CallOutcome::success);
  CHECK(outcome_of(400) == CallOutcome::refused);
  CHECK(outcome_of(499) == CallOutcome::refused);
  CHECK(outcome_of(500) == CallOutcome::failed);
}

}  // namespace signalbox
