// The protocol's forms, what errors mean, and what servers say of themselves.
#include <fmt/format.h>

#include "store/archive.hpp"
#include "store/redis/reply.hpp"
#include "store/redis/server_error.hpp"
#include "store/stored_record.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::testing {
namespace {

std::vector<Reply> read_all(std::string_view bytes, std::size_t piece) {
  ReplyReader reader;
  std::vector<Reply> replies;
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    const std::string_view part = bytes.substr(at, piece);
    reader.feed({part.data(), part.size()});
    Reply reply;
    while (must(reader.next(reply))) replies.push_back(std::move(reply));
  }
  return replies;
}

TEST_CASE("replies are the same however the stream is cut") {
  const std::string_view stream =
      "+OK\r\n:-7\r\n$5\r\na\r\nbc\r\n$-1\r\n-ERR "
      "no\r\n*3\r\n:1\r\n*2\r\n$1\r\nx\r\n$0\r\n\r\n$-1\r\n*0\r\n*-1\r\n";
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    const auto replies = read_all(stream, piece);
    REQUIRE(replies.size() == 8);
    CHECK((replies[0].is(Reply::Kind::status) && replies[0].text == "OK"));
    CHECK((replies[1].is(Reply::Kind::integer) && replies[1].integer == -7));
    CHECK((replies[2].is(Reply::Kind::string) && replies[2].text == "a\r\nbc"));
    CHECK(replies[3].is(Reply::Kind::nil));
    CHECK((replies[4].is(Reply::Kind::error) && replies[4].text == "ERR no"));
    REQUIRE(replies[5].elements.size() == 3);
    CHECK(replies[5].elements[1].elements.at(0).text == "x");
    CHECK(replies[5].elements[1].elements.at(1).is(Reply::Kind::string));
    CHECK(replies[5].elements[2].is(Reply::Kind::nil));
    CHECK((replies[6].is(Reply::Kind::array) && replies[6].elements.empty()));
    CHECK(replies[7].is(Reply::Kind::nil));
  }
}

TEST_CASE("what is no reply is an error, and no memory is taken on its word") {
  for (const std::string_view wrong : {"HTTP/1.1 200 OK\r\n", "*2000000000\r\n", "*-2\r\n",
                                       "$-2\r\n", ":x\r\n", "$99999999999999999999\r\n"}) {
    ReplyReader reader;
    reader.feed({wrong.data(), wrong.size()});
    Reply reply;
    INFO(wrong);
    CHECK_FALSE(reader.next(reply).has_value());
  }
}

TEST_CASE("a reply is read up to its limits, and is none beyond them") {
  struct Row {
    std::string_view bytes;
    bool taken;
  };
  const Row rows[] = {{"$4\r\nabcd\r\n", true},
                      {"$5\r\nabcde\r\n", false},
                      {"-ERR \r\n", true},
                      {"-ERR a\r\n", false},
                      {"*3\r\n:1\r\n:2\r\n:3\r\n", true},
                      {"*4\r\n:1\r\n:2\r\n:3\r\n:4\r\n", false},
                      {"*1\r\n*3\r\n$4\r\nabcd\r\n:2\r\n$-1\r\n", true},
                      {"*1\r\n*3\r\n$5\r\nabcde\r\n:2\r\n$-1\r\n", false}};
  for (const Row& row : rows) {
    INFO(row.bytes);
    ReplyReader reader{ReplyLimits{3, 4}};
    reader.feed({row.bytes.data(), row.bytes.size()});
    Reply reply;
    const auto complete = reader.next(reply);
    CHECK((complete && *complete) == row.taken);
  }
}

TEST_CASE("a command is an array of its arguments, whatever they hold") {
  std::string out;
  const std::vector<std::string_view> arguments{"SET", "k\r\n", ""};
  append_command(out, arguments);
  CHECK(out == "*3\r\n$3\r\nSET\r\n$3\r\nk\r\n\r\n$0\r\n\r\n");
  out.clear();
  CommandWriter{out, 3}.add("X").add(-12).add_joined({"a", "", "bc"});
  CHECK(out == "*3\r\n$1\r\nX\r\n$3\r\n-12\r\n$3\r\nabc\r\n");
}

TEST_CASE("errors of Redis are told apart by their word") {
  struct Row {
    std::string_view error;
    ServerError meaning;
  };
  const Row rows[] = {
      {"NOSCRIPT No matching script. Please use EVAL.", ServerError::script_missing},
      {"LOADING Redis is loading the dataset in memory", ServerError::not_now},
      {"BUSY Redis is busy running a script.", ServerError::not_now},
      {"BUSYGROUP Consumer Group name already exists", ServerError::defect},
      {"TRYAGAIN Multiple keys request during rehashing of slot", ServerError::not_now},
      {"CLUSTERDOWN The cluster is down", ServerError::not_now},
      {"MASTERDOWN Link with MASTER is down", ServerError::not_now},
      {"ERR max number of clients reached", ServerError::not_now},
      {"READONLY You can't write against a read only replica.", ServerError::wrong_server},
      {"MOVED 11101 10.1.2.3:6381", ServerError::elsewhere},
      {"ASK 11101 10.1.2.3:6381", ServerError::elsewhere},
      {"ASKING", ServerError::defect},
      {"OOM command not allowed when used memory > 'maxmemory'.", ServerError::refused},
      {"MISCONF Redis is configured to save RDB snapshots", ServerError::refused},
      {"NOREPLICAS Not enough good replicas to write.", ServerError::refused},
      {"NOAUTH Authentication required.", ServerError::refused},
      {"WRONGPASS invalid username-password pair", ServerError::refused},
      {"NOPERM this user has no permissions", ServerError::refused},
      {"UNKILLABLE Sorry the script already executed write commands", ServerError::refused},
      {"WRONGTYPE Operation against a key holding the wrong kind of value", ServerError::refused},
      {"ERR unknown command", ServerError::refused},
      {"ERR value is not an integer or out of range", ServerError::defect},
      {"", ServerError::defect},
      {"ERR Error running script (call to f_1): @user_script:7: @user_script: 7: -OOM command not "
       "allowed",
       ServerError::refused},
      {"ERR Error running script (call to f_1): @user_script:7: -READONLY You can't write",
       ServerError::wrong_server},
      {"ERR Error running script (call to f_1): @user_script:7: user_script:7: bad argument -1",
       ServerError::defect},
  };
  for (const Row& row : rows) {
    INFO(row.error);
    CHECK(classify(row.error) == row.meaning);
  }
}

TEST_CASE("what an error of Redis says names its word, and no address or key") {
  for (const ServerErrorRow& row : all_server_errors()) {
    INFO(row.word);
    const std::string said =
        describe_server_error(std::string{row.word} + " 11101 10.1.2.3:6381 sb1:{main}:x");
    CHECK(said == std::string{row.says} + " (" + std::string{row.word} + ")");
    CHECK(classify(row.word) == row.meaning);
    CHECK(row.meaning != ServerError::defect);
    CHECK(said.find("10.1") == std::string::npos);
  }
  CHECK(describe_server_error("ERR at 10.1.2.3:6381") ==
        "Redis answered with an error that is not known here (ERR)");
  CHECK(describe_server_error("10.1.2.3") == "Redis answered with an error that is not known here");
}

TEST_CASE("servers that would lose messages, or are too old, are refused") {
  struct Row {
    std::string_view version;
    std::string_view policy;
    bool refused;
  };
  const Row rows[] = {{"7.0.15", "noeviction", false},
                      {"6.2.0", "noeviction", false},
                      {"6.0.16", "noeviction", true},
                      {"5.0", "noeviction", true},
                      {"10.1.2", "noeviction", false},
                      {"7.2.4", "volatile-ttl", true},
                      {"7.2.4", "", false},
                      {"", "noeviction", true}};
  for (const Row& row : rows) {
    INFO(row.version << " " << row.policy);
    const auto info =
        fmt::format("# Server\r\nredis_version:{}\r\nmaxmemory_policy:{}\r\naof_enabled:0\r\n",
                    row.version, row.policy);
    CHECK(refuse_server(read_server_facts(info, "")).has_value() == row.refused);
  }
}

TEST_CASE("durability is described as it is configured") {
  const auto describe_it = [](std::string_view aof, std::string_view config) {
    return describe_durability(read_server_facts(fmt::format("aof_enabled:{}\r\n", aof), config));
  };
  CHECK(describe_it("1", "appendfsync\nalways\nsave\n\n")
            .find("nothing that was acknowledged is lost") != std::string::npos);
  CHECK(describe_it("1", "appendfsync\neverysec\n").find("last seconds") != std::string::npos);
  CHECK(describe_it("1", "").find("unknown") != std::string::npos);
  CHECK(describe_it("0", "save\n3600 1\n").find("3600 1") != std::string::npos);
  CHECK(describe_it("0", "appendfsync\nalways\nsave\n\n").find("everything") != std::string::npos);
}

TEST_CASE("a compressed body comes back, and never longer than asked for") {
  const std::string ordinary(ordinary_body_bytes_max, 'x');
  for (const std::string& body :
       {std::string{}, std::string{"{}"}, ordinary, ordinary + "y", std::string(9'000'000, 'x')}) {
    const std::string compressed = compress_body(body);
    CHECK(must(decompress_body(compressed, body.size())) == body);
    if (body.empty()) continue;
    CHECK(compressed.size() < body.size() + 40);
    const auto bounded = decompress_body(compressed, body.size() - 1);
    REQUIRE_FALSE(bounded.has_value());
    CHECK(bounded.error().reason == Reason::body_too_large);
  }
}

TEST_CASE("a damaged body is an error") {
  const std::size_t size = GENERATE(as<std::size_t>{}, 1'000, 2 * ordinary_body_bytes_max);
  const std::string compressed = compress_body(std::string(size, 'x') + "y");
  for (std::size_t i = 0; i < compressed.size(); ++i) {
    CHECK_FALSE(decompress_body(std::string_view{compressed}.substr(0, i), 1'000'000).has_value());
  }
  CHECK_FALSE(decompress_body("not compressed at all", 10'000).has_value());
}

TEST_CASE("cursors that no page gave are refused") {
  CHECK(parse_cursor(""));
  CHECK(parse_cursor("19700:12"));
  for (const std::string_view wrong :
       {"x", ":", "1:", ":1", "1:2:3", "-1:2", "1:2 ", "1e3:1", "1:9999999999999999"}) {
    INFO(wrong);
    CHECK_FALSE(parse_cursor(wrong));
  }
}

}  // namespace
}  // namespace signalbox::testing
