// What doctor says of a running gateway, from answers that a test plays.
#include <catch2/catch.hpp>

#include "gateway/cli/doctor/report.hpp"
#include "tests/gateway/cli/run.hpp"

namespace signalbox {
namespace {

// A gateway of `agents` agents whose mailboxes all look as `inbox` says.
DoctorReport examined(std::size_t agents, const std::string& inbox, std::uint64_t mailbox_max) {
  FakeServer server{[&](const std::string& request) {
    if (request.starts_with("GET /v1/inbox?")) return FakeServer::answer(200, inbox);
    return FakeServer::answer(200, R"({"rules":[]})");
  }};
  Scratch scratch;
  std::string yaml = "site: acme\nredis: embedded\nhooks: {listen: '127.0.0.1:0'}\nagents:\n";
  for (std::size_t i = 0; i < agents; ++i) {
    yaml += "  a" + std::to_string(i) + ": {tokens: [{env: REVIEWER_TOKEN}]}\n";
  }
  yaml += "mailboxes: {max_messages: " + std::to_string(mailbox_max) + "}\n";
  CommonOptions options;
  options.config = scratch.write("signalbox.yaml", yaml);
  options.url = server.url();
  const auto installation = Installation::find(
      options, scratch.environment("SIGNALBOX_TOKEN=a-token-of-my-own\nXDG_CONFIG_HOME=" +
                                   scratch.path("none") + "\n"));
  REQUIRE(installation.has_value());
  const auto config = installation->load({.need_secrets = false});
  REQUIRE(config.has_value());
  std::ostringstream out;
  Terminal terminal{out, out, false, 0};
  Invocation invocation{terminal, options, {}, *parse_time("2026-11-22T10:00:00Z")};
  DoctorReport report;
  examine_gateway(report, invocation, *installation, *config);
  return report;
}

std::size_t mailboxes_in(const DoctorReport& report) {
  return static_cast<std::size_t>(
      std::count_if(report.lines().begin(), report.lines().end(),
                    [](const DoctorLine& line) { return line.check.starts_with("mailbox."); }));
}

Grade mailbox_grade(const std::string& inbox, std::uint64_t mailbox_max = 1'000) {
  const DoctorReport report = examined(1, inbox, mailbox_max);
  REQUIRE(report.lines().back().check == "mailbox.a0");
  return report.lines().back().grade;
}

TEST_CASE("fifty mailboxes are looked into, and no more", "[cli][doctor][limits]") {
  CHECK(mailboxes_in(examined(50, "{}", 1'000)) == 50);
  CHECK(mailboxes_in(examined(51, "{}", 1'000)) == 50);
}

TEST_CASE("a mailbox is nearly full beyond nine tenths, and unread after an hour",
          "[cli][doctor][limits]") {
  CHECK(mailbox_grade(R"({"ready":300,"leased":300,"waiting":300})") == Grade::good);
  CHECK(mailbox_grade(R"({"ready":301,"leased":300,"waiting":300})") == Grade::bad);
  CHECK(mailbox_grade(R"({"dead":1})") == Grade::warning);
  const auto since = [](const std::string& time) {
    return mailbox_grade(R"({"ready":1,"messages":[{"message":{"time":")" + time + R"("}}]})");
  };
  CHECK(since("2026-11-22T09:00:00Z") == Grade::good);
  CHECK(since("2026-11-22T08:59:59Z") == Grade::warning);
}

}  // namespace
}  // namespace signalbox
