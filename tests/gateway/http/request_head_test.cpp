// What heads are taken, and what those that are not are told: hosts, targets, codings, line ends,
// chunks. A request behind a refused one is never served.
#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/request_parser.hpp"
#include "tests/gateway/http/raw_connection.hpp"

namespace signalbox {
namespace {

using namespace std::chrono_literals;
using test::Connection;
using test::test_limits;

// Behind each: who is answered twice was understood as two requests.
constexpr std::string_view smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";

struct Answered {
  std::string status;  // of the first answer
  std::string body;
  bool twice = false;
  bool closed = false;
};

Answered answer_to(std::string_view bytes, const ListenerConfig& limits = test_limits()) {
  Connection connection{limits};
  connection.send(std::string{bytes} + std::string{smuggled});
  const std::string text = connection.read_all();
  Answered answered;
  if (text.size() >= 12) answered.status = text.substr(9, 3);
  const std::size_t body = text.find("\r\n\r\n");
  if (body != std::string::npos) answered.body = text.substr(body + 4);
  answered.twice = text.find("HTTP/1.1 ", 9) != std::string::npos;
  answered.closed = connection.closed();
  return answered;
}

std::string get(std::string_view target, std::string_view fields = "Host: h\r\n",
                std::string_view version = "1.1") {
  return fmt::format("GET {} HTTP/{}\r\n{}\r\n", target, version, fields);
}

std::string coded(std::string_view codings, std::string_view version = "1.1") {
  return fmt::format("POST /a HTTP/{}\r\nHost: h\r\n{}\r\n", version, codings);
}

void check_refused(std::string_view bytes, std::string_view status) {
  CAPTURE(bytes);
  const Answered answered = answer_to(bytes);
  CHECK(answered.status == status);
  CHECK_FALSE(answered.twice);
  CHECK(answered.closed);
}

}  // namespace

TEST_CASE("of transfer codings one chunked is taken, and nothing is guessed of others",
          "[session]") {
  for (const char* taken : {"Transfer-Encoding: chunked\r\n", "Transfer-Encoding: Chunked\r\n",
                            "transfer-encoding:\tchunked \r\n"}) {
    CAPTURE(taken);
    CHECK(answer_to(coded(taken) + "3\r\nabc\r\n0\r\n\r\n").status == "200");
  }
  for (const char* malformed : {"identity", "gzip", "chunked, identity", "chunked, chunked",
                                "chunkedx", "xchunked", "\"chunked\"", "", "cow",
                                "chunk\xc3\xa9"
                                "d",
                                "chunked;q=1", "gzip;q=1, chunked", ", chunked", "chunked,",
                                "chunked, gzip, chunked", "gzip chunked", "chunked\r\nA: b"}) {
    if (std::string_view{malformed}.find('\n') != std::string_view::npos) continue;
    check_refused(coded(fmt::format("Transfer-Encoding: {}\r\n", malformed)), "400");
  }
  for (const char* unknown :
       {"gzip, chunked", "identity, chunked", "cow, chunked", "deflate, gzip,chunked"}) {
    check_refused(coded(fmt::format("Transfer-Encoding: {}\r\n", unknown)) + "0\r\n\r\n", "501");
  }
  // Fields of one name are one list.
  check_refused(coded("Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n"), "501");
  check_refused(coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "400");
  check_refused(coded("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n"), "400");
  check_refused(coded("Transfer-Encoding: gzip\r\nContent-Length: 3\r\n"), "400");
  // HTTP/1.0 has none (RFC 9112, section 6.1).
  check_refused(coded("Transfer-Encoding: chunked\r\n", "1.0") + "0\r\n\r\n", "400");
}

TEST_CASE("a request of HTTP/1.1 names its host, once and well", "[session]") {
  for (const char* good :
       {"h", "h:80", "h:", "localhost", "gw.example.com", "gw.example.com.", "a_b-c.d", "127.0.0.1",
        "127.0.0.1:8080", "[::1]", "[::1]:8080", "[2001:db8::1]:443", "H:65535"}) {
    CAPTURE(good);
    CHECK(answer_to(get("/a", fmt::format("Host: {}\r\n", good))).status == "200");
  }
  for (const char* malformed :
       {"",     " ",    "a b",   "a/b",         "user@h", "h:80:80",   "h:65536",  "h:-1", "h:8o",
        "[::1", "::1",  "[h]",   "[127.0.0.1]", "[::1]x", "[::1]:x",   "http://h", "a,b",  "h?x",
        "h#x",  "a\\b", "\"h\"", ".h",          "h\tx",   "h\xc3\xa9", "*",        "%68"}) {
    check_refused(get("/a", fmt::format("Host: {}\r\n", malformed)), "400");
  }
  check_refused(get("/a", fmt::format("Host: {}\r\n", std::string(256, 'h'))), "400");
  check_refused(get("/a", ""), "400");
  check_refused(get("/a", "Host: h\r\nHost: h\r\n"), "400");
  check_refused(get("/a", "Host: h\r\nhost: x\r\n", "1.0"), "400");
  CHECK(answer_to(get("/a", "", "1.0")).status == "200");
}

TEST_CASE("a listener with a list of hosts is called by no other name", "[session]") {
  ListenerConfig limits = test_limits();
  auto hosts = std::make_shared<HostList>();
  REQUIRE(hosts->add("gw.example.com").has_value());
  limits.hosts = hosts;
  for (const char* good : {"gw.example.com", "GW.example.com:8081", "10.1.2.3:8081", "[::1]",
                           "localhost", "signalbox"}) {
    CAPTURE(good);
    CHECK(answer_to(get("/a", fmt::format("Host: {}\r\n", good)), limits).status == "200");
  }
  CHECK(answer_to(get("/a", "", "1.0"), limits).status == "200");
  const Answered other = answer_to(get("/a", "Host: evil.example\r\n"), limits);
  CHECK(other.status == "421");
  CHECK(other.body.find("\"reason\":\"host_not_allowed\"") != std::string::npos);
  CHECK(other.body.find("api.hosts does not have 'evil.example'") != std::string::npos);
  CHECK(other.closed);
  // The host of a whole URL counts, whatever the field says.
  CHECK(answer_to(get("http://evil.example/a"), limits).status == "421");
  CHECK(answer_to(get("http://gw.example.com/a", "Host: evil.example\r\n"), limits).status ==
        "200");
}

TEST_CASE("a target is a path, a whole URL, or the star of OPTIONS", "[session]") {
  struct Row {
    std::string_view target;
    std::string_view seen;
  };
  for (const Row& row :
       {Row{"/a?x=1", "/a?x=1"}, Row{"http://gw/hooks/github", "/hooks/github"},
        Row{"HTTP://gw:8080//hooks/github?x", "//hooks/github?x"}, Row{"https://[::1]:1/a", "/a"},
        Row{"http://gw", "/"}, Row{"http://gw?x=1", "?x=1"}}) {
    CAPTURE(row.target);
    const Answered answered = answer_to(get(row.target));
    CHECK(answered.status == "200");
    CHECK(answered.body.starts_with(fmt::format("GET {} 1|", row.seen)));
  }
  CHECK(answer_to("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").status == "200");
  for (const char* refused : {"hooks/github", "a", "*", "gw:80", "ftp://gw/a", "http:/gw/a",
                              "http:///a", "http://user@gw/a", "http://a b/", "://gw/a", "?x"}) {
    check_refused(get(refused), "400");
  }
}

TEST_CASE("a line feed alone ends no line, and is refused at once", "[session]") {
  for (const char* bytes : {"\n", "GET /a HTTP/1.1\n", "GET /a HTTP/1.1\r\nHost: h\nA: b\r\n",
                            "GET /a HTTP/1.1\r\nHost: h\r\n\n", "\r\n\n", "\r\r\n\n"}) {
    CAPTURE(bytes);
    Connection connection;
    connection.send(bytes);  // it is not whole, and need not be
    CHECK(connection.read_all().starts_with("HTTP/1.1 400 "));
    CHECK(connection.closed());
  }
  // A body may hold what it likes.
  CHECK(answer_to("POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\n\n\n\r\n").status ==
        "200");
}

TEST_CASE("empty lines in front of a head count as a part of it", "[session]") {
  const std::string head = get("/a");
  const auto with_blank = [&](std::size_t bytes) {
    std::string blank;
    while (blank.size() + head.size() < bytes) blank += "\r\n";
    return blank + head;
  };
  const std::size_t even = 2'048 - head.size() % 2;
  CHECK(answer_to(with_blank(even)).status == "200");
  CHECK(answer_to(with_blank(even + 2)).status == "431");
}

TEST_CASE("chunks hold data: what is around it has its bound", "[session]") {
  const std::string head = coded("Transfer-Encoding: chunked\r\n");
  const auto framed = [&](std::string_view around, std::size_t times) {
    std::string bytes = head;
    for (std::size_t i = 0; i < times; ++i) bytes += fmt::format("1;{}\r\nx\r\n", around);
    return bytes + "0\r\n\r\n";
  };
  const std::string long_extension(1'000, 'e');
  CHECK(answer_to(framed(long_extension, 60)).status == "200");
  CHECK(answer_to(framed(long_extension, 70)).status == "400");
  CHECK(answer_to(framed("e", 20'000)).status == "200");
  std::string trailers = head + "1\r\nx\r\n0\r\n";
  for (int i = 0; i < 10'000; ++i) trailers += "T: v\r\n";
  CHECK(answer_to(trailers + "\r\n").status == "200");
  std::string zeros = head;
  for (int i = 0; i < 70; ++i) zeros += std::string(1'000, '0') + "1\r\nx\r\n";
  CHECK(answer_to(zeros + "0\r\n\r\n").status == "400");
}

TEST_CASE("a client of HTTP/1.0 expects nothing", "[session]") {
  const std::string request =
      "POST /a HTTP/1.0\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\nok";
  CHECK(answer_to(request).status == "200");
}

TEST_CASE("where the head decides, a body is not asked for and not taken", "[session]") {
  struct Row {
    std::string_view claim;
    std::string rest;
    bool early;
  };
  for (const Row& row : {Row{"waits", "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n", true},
                         Row{"long", "Content-Length: 65537\r\n\r\nx", true},
                         Row{"in chunks", "Transfer-Encoding: chunked\r\n\r\n", true},
                         Row{"short", "Content-Length: 65536\r\n\r\nx", false}}) {
    CAPTURE(row.claim);
    Connection connection;
    connection.send("POST /forbidden HTTP/1.1\r\nHost: h\r\n" + row.rest);
    const std::string answer = connection.read_all();
    CHECK(answer.starts_with("HTTP/1.1 403 ") == row.early);
    CHECK(connection.closed() == row.early);
    CHECK(connection.handler().handled == 0);
  }
}

}  // namespace signalbox
