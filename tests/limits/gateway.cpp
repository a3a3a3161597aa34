// Limits of gateway/ that are seen without the API: heads and buffers, refused deliveries, what
// runs in the background.
#include <fmt/format.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <filesystem>
#include <fstream>

#include "gateway/api/route_table.hpp"
#include "gateway/hooks/local_event.hpp"
#include "gateway/hooks/refusal_diagnosis.hpp"
#include "gateway/hooks/spooling.hpp"
#include "gateway/http/buffer.hpp"
#include "gateway/http/request_parser.hpp"
#include "gateway/limits/address_accounts.hpp"
#include "gateway/limits/refusal_lines.hpp"
#include "gateway/monitoring/mailbox_watch.hpp"
#include "gateway/telemetry/log_line_forms.hpp"
#include "tests/gateway/config/scratch.hpp"
#include "tests/gateway/worker_fixture.hpp"
#include "tests/limits/table.hpp"

namespace signalbox::test {
namespace {

std::string path_depth(std::int64_t count) {
  return cut_unless(std::ssize(path_parts(repeated(count, "/a"))) == count);
}
std::string header_fields(std::int64_t count) {
  RequestParser parser;
  const std::string head =
      "GET / HTTP/1.1\r\nHost: h\r\n" + repeated(count - 1, "A: b\r\n") + "\r\n";
  if (parser.parse_head(head, 1'000'000)) return "";
  return std::string{describe(parser.failure()).name};
}
std::string buffered_bytes(std::int64_t bytes) {
  BufferPool pool;
  std::size_t held = 0;
  return cut_unless(pool.hold(held, static_cast<std::size_t>(bytes)));
}
std::string grown_bytes(std::int64_t bytes) {
  BufferPool pool;
  std::size_t elsewhere = 0;
  pool.hold(elsewhere, static_cast<std::size_t>(bytes) - 3 * buffer_bytes);
  Buffer buffer = pool.take();
  const bool grown = pool.grow(buffer, 3 * buffer_bytes);
  pool.give(buffer);
  return cut_unless(grown);
}
std::string logged_bytes(std::int64_t bytes) {
  return cut_unless(std::ssize(logfmt_value(letters(bytes))) == bytes);
}
// A name that is too long for one is not repeated: it may be a token in the wrong place.
std::string parameter_shown(std::int64_t bytes) {
  const api::FoundRoute found = api::find_route("GET", path_parts("/v1/inbox"));
  const auto checked = api::check_query(*found.route, "/v1/inbox?" + letters(bytes));
  return cut_unless(checked.error().detail.find(letters(bytes)) != std::string::npos);
}
std::string refusal_lines(std::int64_t count) {
  RefusalLines lines;
  const RefusalLines::Instant now{std::chrono::hours{1}};
  for (std::int64_t i = 1; i <= count; ++i) {
    if (!lines.take(RefusedAt::api, Reason::token_invalid, "", now)) return "held back";
  }
  return "";
}

RefusedDelivery refused(std::int64_t body_bytes) {
  RefusedDelivery delivery;
  delivery.source = "github";
  delivery.error = {Reason::signature_invalid, ""};
  delivery.body = letters(body_bytes);
  delivery.body_bytes = delivery.body.size();
  return delivery;
}
std::string refused_body(std::int64_t bytes) {
  RefusedRing ring;
  ring.keep(refused(bytes), 1);
  return cut_unless(ring.find("", 1).front()->is_whole());
}
// All that is kept of one delivery, in a header.
std::string refused_bytes(std::int64_t bytes) {
  RefusedRing ring;
  RefusedDelivery delivery = refused(0);
  delivery.headers = {{"", letters(bytes - std::int64_t{sizeof delivery})}};
  ring.keep(std::move(delivery), 1);
  return cut_unless(!ring.find("", 1).empty());
}
std::string diagnosed_bytes(std::int64_t bytes) {
  Config config;
  SourceConfig source;
  source.name = "github";
  source.connector = find_connector("github");
  source.secrets.push_back({"the-secret-of-now", "env SECRET"});
  config.sources.push_back(std::move(source));
  RefusedDelivery delivery = refused(bytes);
  delivery.headers =
      find_connector("github")->sign("github.push", "d-1", delivery.body, "the-secret-of-now");
  const auto diagnosis = diagnose(delivery, config);
  return diagnosis.cause == "secret_of_now" ? "" : std::string{diagnosis.cause};
}

// A file without content takes no place on the disk.
std::string body_file(std::int64_t bytes) {
  const Scratch scratch;
  const std::string path = scratch.write("body", "");
  std::filesystem::resize_file(path, static_cast<std::uintmax_t>(bytes));
  const auto body = read_body(path);
  return body ? "" : body.error().detail;
}

std::string archived_bytes(std::int64_t bytes) {
  WorkerFixture fixture;
  const auto store = fixture.open_store("main");
  fixture.worker->archiver->store_later(fixture.store(), "e_1", letters(bytes / 2),
                                        std::chrono::hours{1});
  fixture.worker->archiver->store_later(*store, "e_2", letters(bytes - bytes / 2),
                                        std::chrono::hours{1});
  fixture.poll();
  return cut_unless(fixture.weather.deadlines.size() == 1);
}

// How long a call of the store may take: its deadline lies so far ahead at least.
std::string archive_ms(std::int64_t ms) {
  WorkerFixture fixture;
  const auto store = fixture.open_store("main");
  const auto before = std::chrono::steady_clock::now();
  fixture.worker->archiver->store_later(*store, "e_1", "x", std::chrono::hours{1});
  fixture.poll();
  return cut_unless(fixture.weather.deadlines.at(0) - before >= Milliseconds{ms});
}

struct Watched {
  std::int64_t looks = 0;
  Deadline deadline{};
};
Watched watch(std::int64_t agents) {
  auto config = std::make_shared<Config>();
  for (std::int64_t i = 0; i < agents; ++i) {
    AgentConfig agent;
    agent.name = fmt::format("agent-{}", i);
    config->agents.push_back(std::move(agent));
  }
  Watched watched;
  boost::asio::io_context io;
  const auto peek = [&](const AgentConfig&, Deadline deadline) -> Task<Result<Peeked>> {
    ++watched.looks;
    watched.deadline = deadline;
    co_return Peeked{};
  };
  MailboxWatch mailboxes{io, peek, [config] { return config; }};
  boost::asio::co_spawn(io, mailboxes.look(), boost::asio::detached);
  io.run();
  return watched;
}
std::string watched_agents(std::int64_t count) { return cut_unless(watch(count).looks == count); }
std::string look_ms(std::int64_t ms) {
  const auto before = std::chrono::steady_clock::now();
  return cut_unless(watch(1).deadline - before >= Milliseconds{ms});
}

std::string remembered_addresses(std::int64_t count) {
  AddressAccounts accounts;
  const TokenBucket::Clock::time_point now{std::chrono::hours{48}};
  for (std::int64_t i = 0; i < count; ++i) {
    IpAddress address;
    address.size = 4;
    for (int byte = 0; byte < 4; ++byte) address.bytes[byte] = std::uint8_t(i >> (8 * byte));
    accounts.find(address, now);
  }
  return cut_unless(std::cmp_equal(accounts.size(), count));
}

}  // namespace

std::span<const Limit> gateway_limits() {
  static constexpr Limit limits[]{
      {"gateway/http/http.hpp:path_parts_max", 8, 9, path_depth, "cut"},
      {"gateway/http/request_parser.hpp:header_fields_max", 100, 101, header_fields,
       "header_too_large"},
      {"gateway/http/buffer.hpp:thread_buffered_bytes_max", 536'870'912, 536'870'913,
       buffered_bytes, "cut"},
      {"gateway/http/buffer.hpp:thread_buffered_bytes_max", 536'870'912, 536'870'913, grown_bytes,
       "cut"},
      {"gateway/telemetry/log_line_forms.hpp:log_value_bytes_max", 512, 513, logged_bytes, "cut"},
      {"gateway/api/route_table.cpp:parameter_shown_max", 15, 16, parameter_shown, "cut"},
      {"gateway/limits/refusal_lines.hpp:refusal_burst_max", 20, 21, refusal_lines, "held back"},
      {"gateway/hooks/refused_ring.hpp:refused_body_bytes_max", 262'144, 262'145, refused_body,
       "cut"},
      {"gateway/hooks/refused_ring.hpp:refused_bytes_max", 16'777'216, 16'777'217, refused_bytes,
       "cut"},
      {"gateway/hooks/refusal_diagnosis.hpp:diagnosis_bytes_max", 33'554'432, 33'554'433,
       diagnosed_bytes, "too_costly"},
      {"gateway/hooks/local_event.hpp:body_file_bytes_max", 268'435'456, 268'435'457, body_file,
       "larger than 268435456 bytes"},
      {"gateway/archive/archiver.hpp:archive_queue_bytes_max", 33'554'432, 33'554'433,
       archived_bytes, "cut"},
      {"gateway/archive/archiver.cpp:archive_timeout", 10'000, 11'000, archive_ms, "cut"},
      {"gateway/limits/address_accounts.hpp:address_accounts_max", 65'536, 65'537,
       remembered_addresses, "cut"},
      {"gateway/monitoring/mailbox_watch.hpp:looks_max", 100, 101, watched_agents, "cut"},
      {"gateway/monitoring/mailbox_watch.cpp:look_timeout", 2'000, 3'000, look_ms, "cut"},
  };
  return limits;
}

}  // namespace signalbox::test
