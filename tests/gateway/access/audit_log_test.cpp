// The audit log: what a record says, where it goes, and what becomes of it on a bad disk.
#include "gateway/access/audit_log.hpp"

#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <csignal>
#include <fstream>
#include <sstream>

#include "gateway/config/sections.hpp"
#include "tests/gateway/captured_log.hpp"
#include "tests/gateway/config/scratch.hpp"

namespace signalbox {
namespace {

AuditRecord record(unsigned status = 200) {
  AuditRecord one;
  one.time = *parse_time("2026-11-22T10:00:00Z");
  one.principal = "ops";
  one.role = "operator";
  one.peer = "192.0.2.1";
  one.route = "GET /v1/inbox";
  one.parameters = "agent,max";
  one.space = "main";
  one.mailbox = "reviewer";
  one.status = status;
  return one;
}

std::string text_of(const std::string& path) {
  std::ifstream file{path};
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

std::size_t lines_of(const std::string& path) {
  const std::string text = text_of(path);
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

// Until so many records were written or lost.
AuditLog::Numbers settled(const AuditLog& log, std::uint64_t count) {
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (std::chrono::steady_clock::now() < until) {
    const AuditLog::Numbers numbers = log.numbers();
    if (numbers.written + numbers.lost >= count) return numbers;
    std::this_thread::yield();
  }
  FAIL("the records are not written");
  return {};
}

// No file of this process grows beyond so many bytes meanwhile: what a full disk does, for whoever
// is root too.
class FullDisk {
 public:
  explicit FullDisk(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit less{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &less);
  }
  ~FullDisk() { ::setrlimit(RLIMIT_FSIZE, &before_); }
  FullDisk(const FullDisk&) = delete;
  FullDisk& operator=(const FullDisk&) = delete;

 private:
  rlimit before_{};
};

}  // namespace

TEST_CASE("a record is one line of JSON: who, from where, what, how it ended", "[audit]") {
  CHECK(audit_line(record()) ==
        R"({"time":"2026-11-22T10:00:00Z","principal":"ops","role":"operator","peer":"192.0.2.1",)"
        R"("call":"GET /v1/inbox","query":"agent,max","namespace":"main","mailbox":"reviewer",)"
        R"("status":200})"
        "\n");
  AuditRecord refused = record(403);
  refused.mailbox = refused.parameters = "";
  refused.route = "POST /v1/events/*/replay";
  refused.ids = {"e_1"};
  refused.dry_run = true;
  refused.reason = "insufficient_scope";
  CHECK(audit_line(refused) ==
        R"({"time":"2026-11-22T10:00:00Z","principal":"ops","role":"operator","peer":"192.0.2.1",)"
        R"("call":"POST /v1/events/*/replay","namespace":"main","ids":["e_1"],"dry_run":true,)"
        R"("status":403,"reason":"insufficient_scope"})"
        "\n");
}

TEST_CASE("a record names 16 ids and how many more there were", "[audit]") {
  AuditRecord many = record();
  many.ids.assign(16, "m_1");
  CHECK(audit_line(many).find("more_ids") == std::string::npos);
  many.ids.emplace_back("m_17");
  const std::string line = audit_line(many);
  CHECK(line.find("m_17") == std::string::npos);
  CHECK(line.find(R"("more_ids":1)") != std::string::npos);
}

TEST_CASE("without a file, records are lines of the log", "[audit]") {
  const test::CapturedLog captured;
  AuditLog log;
  log.add(record());
  CHECK(log.numbers().written == 1);
  const std::string text = captured.text();
  CHECK(text.find("msg=audit principal=ops role=operator") != std::string::npos);
  CHECK(text.find("mailbox=reviewer status=200 peer=192.0.2.1") != std::string::npos);
}

TEST_CASE("with a file they are appended to it, which only its owner may read", "[audit]") {
  const Scratch scratch;
  const std::string path = scratch.path("deep/audit.log");
  for (int start = 1; start <= 2; ++start) {
    AuditLog log;
    REQUIRE(log.use({path, 0}).has_value());
    log.add(record());
    log.add(record());
  }  // what is queued is written
  CHECK(lines_of(path) == 4);
  struct stat facts {};
  REQUIRE(::stat(path.c_str(), &facts) == 0);
  CHECK((facts.st_mode & 0777U) == 0600U);
}

TEST_CASE("a file that was moved away, or cut to nothing, is written on as logrotate wants it",
          "[audit]") {
  const Scratch scratch;
  const std::string path = scratch.path("audit.log");
  AuditLog log;
  REQUIRE(log.use({path, 0}).has_value());
  log.add(record());
  settled(log, 1);
  REQUIRE(::rename(path.c_str(), scratch.path("audit.log.old").c_str()) == 0);
  log.add(record());
  settled(log, 2);
  CHECK(lines_of(scratch.path("audit.log.old")) == 1);
  CHECK(lines_of(path) == 1);
  REQUIRE(::truncate(path.c_str(), 0) == 0);  // copytruncate
  log.add(record());
  settled(log, 3);
  CHECK(text_of(path) == audit_line(record()));
}

TEST_CASE("beyond its size a file is set aside for a new one", "[audit]") {
  const Scratch scratch;
  const std::string path = scratch.path("audit.log");
  const std::size_t size = audit_line(record()).size();
  AuditLog log;
  REQUIRE(log.use({path, 2 * size}).has_value());
  for (std::uint64_t i = 1; i <= 5; ++i) {
    log.add(record());
    settled(log, i);
  }
  CHECK(lines_of(path) == 1);
  CHECK(lines_of(path + ".1") == 2);
  CHECK(log.numbers().lost == 0);
}

TEST_CASE("on a full disk records are lost and counted, and the next ones are whole lines again",
          "[audit]") {
  const Scratch scratch;
  const std::string path = scratch.path("audit.log");
  const std::size_t size = audit_line(record()).size();
  AuditLog log;
  REQUIRE(log.use({path, 0}).has_value());
  {
    const FullDisk full{size + size / 2};
    for (int i = 0; i < 3; ++i) log.add(record());
    const AuditLog::Numbers numbers = settled(log, 3);
    CHECK(numbers.written == 1);
    CHECK(numbers.lost == 2);
    CHECK(numbers.failure.find(path + ": File too large") != std::string::npos);
  }
  log.add(record());
  const AuditLog::Numbers after = settled(log, 4);
  CHECK(after.written == 2);
  CHECK(after.failure.empty());
  const std::string text = text_of(path);
  CHECK(text.starts_with(audit_line(record())));
  CHECK(text.ends_with("\n" + audit_line(record())));
}

TEST_CASE("where the disk does not keep up records are lost and counted", "[audit]") {
  const Scratch scratch;
  AuditLog log{0};
  REQUIRE(log.use({scratch.path("audit.log"), 0}).has_value());
  log.add(record());
  log.add(record());
  CHECK(log.numbers().lost == 2);
  CHECK(log.numbers().failure.ends_with("does not keep up"));
  CHECK(audit_queue_max == 4096);
}

TEST_CASE("a file that cannot be opened, or is a link, is refused and nothing changes", "[audit]") {
  const Scratch scratch;
  const std::string path = scratch.path("audit.log");
  const std::string link = scratch.path("link.log");
  REQUIRE(::symlink(path.c_str(), link.c_str()) == 0);
  AuditLog log;
  REQUIRE(log.use({path, 0}).has_value());
  for (const std::string& wrong :
       {link, scratch.path("a/b/audit.log"), scratch.path("."), std::string{"/proc/nothing"}}) {
    const auto used = log.use({wrong, 0});
    INFO(wrong);
    REQUIRE_FALSE(used.has_value());
    CHECK(used.error().detail.starts_with(wrong + ": "));
  }
  log.add(record());
  settled(log, 1);
  CHECK(lines_of(path) == 1);
}

}  // namespace signalbox
