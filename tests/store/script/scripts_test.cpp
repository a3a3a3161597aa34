// The scripts as they are built into the binary, and the layout of records, which Lua and C++
// share.
#include "store/script/scripts.hpp"

#include <fmt/format.h>

#include "store/request_bounds.hpp"
#include "store/stored_record.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

TEST_CASE("Redis compiles every script, and knows it by the name that EVALSHA is given") {
  Direct direct{shared_redis().endpoint()};
  const Scripts scripts{lua::time};
  REQUIRE(lua::sources.size() == script_count);
  for (std::size_t i = 0; i < script_count; ++i) {
    INFO(lua::sources[i].name);
    const Script& script = scripts[static_cast<ScriptName>(i)];
    CHECK(direct({"SCRIPT", "LOAD", script.text}).text == script.sha1);
  }
}

TEST_CASE("another clock stands in for Redis's in every script that looks at one") {
  const Scripts scripts{"-- another clock\n"};
  for (std::size_t i = 0; i < script_count; ++i) {
    INFO(lua::sources[i].name);
    const std::string& text = scripts[static_cast<ScriptName>(i)].text;
    const bool looks = text.find("now_ms()") != std::string::npos;
    CHECK(text.starts_with("-- another clock\n") == looks);
    CHECK(text.find(lua::time) == std::string::npos);
  }
}

std::string stored(const Record& record) {
  const auto head = stored_record_head(record);
  return std::string{head.data(), head.size()} + record.json + record.body;
}

// What record.lua says of a stored record.
std::vector<std::string> ask_lua(Direct& direct, const std::string& bytes) {
  const std::string script = std::string{lua::record} + R"lua(
local r, s = record_steps(), ARGV[1]
redis.call('SET', 'record', s)
local head = r.read_head('record')
local function flag(value) return value and 'yes' or 'no' end
return {r.outcome_of(head), r.attempt_of(head), string.format('%.0f', r.received_of(head)), tostring(r.json_length(head)),
        r.json_of(s), r.json_of(r.read_without_body('record', head)), flag(r.is_final(s)), flag(r.is_taken_out(head)),
        r.take_out(s)}
)lua";
  std::vector<std::string> texts;
  for (const Reply& element : direct({"EVAL", script, "0", bytes}).elements)
    texts.push_back(element.text);
  return texts;
}

TEST_CASE("Lua and C++ read the same in the same bytes of a record") {
  Direct direct{shared_redis().endpoint()};
  Record record = sample_commit(1).record;
  record.outcome =
      GENERATE(Outcome::accepted, Outcome::partly_dropped, Outcome::no_match, Outcome::dropped);
  record.received = Time{Milliseconds{GENERATE(received_ms_min, received_ms_max)}};
  record.json = std::string(GENERATE(as<std::size_t>{}, 2, 9'999, record_json_bytes_max), 'j');
  record.body = GENERATE(as<std::string>{}, "", "\x28\xB5\x2F\xFD and so on");

  const std::string bytes = stored(record);
  const StoredEvent event = must(read_stored_record(bytes));
  CHECK(event.outcome == record.outcome);
  CHECK(event.record == record.json);
  CHECK(event.body.value_or("") == record.body);

  const auto said = ask_lua(direct, bytes);
  REQUIRE(said.size() == 9);
  CHECK(said[0] == std::string(1, static_cast<char>(record.outcome)));
  CHECK(said[1] == record.attempt);
  CHECK(said[2] == std::to_string(record.received.time_since_epoch().count()));
  CHECK(said[3] == std::to_string(record.json.size()));
  CHECK((said[4] == record.json && said[5] == record.json));
  CHECK(said[6] == (record.outcome == Outcome::accepted ? "yes" : "no"));
  CHECK(said[7] == "no");

  // What is left of it when it leaves the archive is the record of nothing, and says so to both.
  const StoredEvent left = must(read_stored_record(said[8]));
  CHECK((left.record.empty() && !left.body && left.outcome == record.outcome));
  const auto said_of_left = ask_lua(direct, said[8]);
  CHECK(said_of_left[1] == record.attempt);
  CHECK(said_of_left[2] == said[2]);
  CHECK(said_of_left[7] == "yes");
}

}  // namespace
}  // namespace signalbox::testing
