// Limits of store/ that are seen without a server: what is refused before Redis is asked, what is
// no reply, what is kept where.
#include <fmt/format.h>

#include "coordination/packed_id.hpp"
#include "store/archive.hpp"
#include "tests/limits/table.hpp"
#include "tests/store/store_fixture.hpp"

namespace signalbox::test {
namespace {

constexpr Deadline at_once{};

// What a store says to a call whose server is not there: nothing, unless the call itself is
// refused.
template <class Call>
std::string refusal_of(Call call) {
  boost::asio::io_context io;
  RedisEndpoint nowhere;
  nowhere.socket = "/nonexistent/redis.sock";
  RedisStore store{io, RedisStoreOptions{nowhere}};
  const auto result = testing::run(io, call(store));
  if (result) return "a call without a server succeeds";
  return result.error().reason == Reason::invalid_argument ? result.error().detail : "";
}

template <class Change>
std::string committed(Change change) {
  Commit commit = testing::sample_commit(1);
  change(commit);
  return refusal_of([&](Store& store) { return store.commit(commit, at_once); });
}

std::string record_bytes(std::int64_t bytes) {
  return committed([&](Commit& commit) { commit.record.json = letters(bytes); });
}
std::string alias_bytes(std::int64_t bytes) {
  return committed([&](Commit& commit) { commit.alias.name = letters(bytes); });
}
std::string message_id_bytes(std::int64_t bytes) {
  return committed([&](Commit& commit) { commit.appends[0].id = letters(bytes); });
}
std::string facts(std::int64_t count) {
  return committed([&](Commit& commit) {
    commit.seen.resize(static_cast<std::size_t>(count), Commit{commit}.seen[1]);
    for (std::size_t i = 0; i < commit.seen.size(); ++i)
      commit.seen[i].family = fmt::format("{}", i);
  });
}
std::string messages(std::int64_t count) {
  return committed([&](Commit& commit) {
    commit.appends.resize(static_cast<std::size_t>(count), Commit{commit}.appends[0]);
  });
}
std::string received_ms(std::int64_t time) {
  return committed([&](Commit& commit) { commit.record.received = Time{Milliseconds{time}}; });
}
std::string window_ms(std::int64_t window) {
  return committed([&](Commit& commit) { commit.seen[1].window = Milliseconds{window}; });
}

std::string received(std::int64_t max) {
  const ReceiveRequest request{"box", static_cast<std::uint32_t>(max), 0, std::chrono::minutes{1},
                               0};
  return refusal_of([&](Store& store) { return store.receive(request, at_once); });
}
std::string received_as(const std::string& holder, const std::string& lease) {
  ReceiveRequest request{"box", 1, 0, std::chrono::minutes{1}, 0};
  request.holder = holder;
  request.lease = lease;
  return refusal_of([&](Store& store) { return store.receive(request, at_once); });
}
std::string holder_bytes(std::int64_t bytes) { return received_as(letters(bytes), "r1"); }
std::string lease_bytes(std::int64_t bytes) { return received_as("agent:a", letters(bytes)); }
std::string peeked(std::int64_t max) {
  return refusal_of(
      [&](Store& store) { return store.peek("box", static_cast<std::uint32_t>(max), at_once); });
}
std::string answer_bytes(std::int64_t bytes) {
  const ReceiveRequest request{"box", 1, static_cast<std::uint64_t>(bytes), std::chrono::minutes{1},
                               0};
  return refusal_of([&](Store& store) { return store.receive(request, at_once); });
}
std::string receipts(std::int64_t count) {
  const std::vector<std::string> held(static_cast<std::size_t>(count), "m_1.1");
  return refusal_of([&](Store& store) { return store.acknowledge("box", held, at_once); });
}
std::string page(std::int64_t max) {
  EventQuery query;
  query.max = static_cast<std::uint32_t>(max);
  return refusal_of([&](Store& store) { return store.events(query, at_once); });
}
std::string redriven(std::int64_t max) {
  RedriveRequest request;
  request.mailbox = "box";
  request.max = static_cast<std::uint32_t>(max);
  return refusal_of([&](Store& store) { return store.redrive(request, at_once); });
}
std::string redriven_by_id(std::int64_t count) {
  RedriveRequest request;
  request.mailbox = "box";
  request.max = 1000;
  request.ids.resize(static_cast<std::size_t>(count), "m_1");
  return refusal_of([&](Store& store) { return store.redrive(request, at_once); });
}

std::string read(const std::string& bytes) {
  ReplyReader reader;
  reader.feed(bytes);
  Reply reply;
  const auto next = reader.next(reply);
  return next ? "" : next.error().detail;
}
std::string reply_elements(std::int64_t count) { return read(fmt::format("*{}\r\n", count)); }
std::string reply_string(std::int64_t bytes) {
  return read(fmt::format("${}\r\n", bytes) + letters(bytes) + "\r\n");
}

std::string ordinary_body(std::int64_t bytes) {
  constexpr std::string_view lz4_magic = "\x04\x22\x4D\x18";
  return compress_body(letters(bytes)).starts_with(lz4_magic) ? "" : "zstd";
}

}  // namespace

std::span<const Limit> store_limits() {
  static constexpr Limit limits[]{
      {"store/request_bounds.hpp:record_json_bytes_max", 1'048'576, 1'048'577, record_bytes,
       "the record"},
      {"store/request_bounds.hpp:alias_name_bytes_max", 1024, 1025, alias_bytes,
       "the name of the work"},
      {"store/request_bounds.hpp:message_id_bytes_max", 999, 1000, message_id_bytes,
       "the id of a message"},
      {"store/request_bounds.hpp:holder_bytes_max", 128, 129, holder_bytes, "holder"},
      {"store/request_bounds.hpp:lease_bytes_max", 16, 17, lease_bytes, "lease"},
      {"store/request_bounds.hpp:facts_max", 9, 10, facts, "the number of facts"},
      {"store/request_bounds.hpp:appends_max", 65'535, 65'536, messages, "the number of messages"},
      {"store/request_bounds.hpp:received_ms_min", 1'000'000'000'000, 999'999'999'999, received_ms,
       "the time"},
      {"store/request_bounds.hpp:received_ms_max", 9'999'999'999'999, 10'000'000'000'000,
       received_ms, "the time"},
      {"store/request_bounds.hpp:window_ms_max", 3'000'000'000'000, 3'000'000'000'001, window_ms,
       "the window of a fact"},
      {"store/request_bounds.hpp:window_ms_max", 1, 0, window_ms, "the window of a fact"},
      {"store/store.hpp:receive_max", 100, 101, received, "max"},
      {"store/store.hpp:receive_max", 1, 0, received, "max"},
      {"store/store.hpp:receive_max", 100, 101, peeked, "max"},
      {"store/store.hpp:receive_max", 1, 0, peeked, "max"},
      {"store/store.hpp:receipts_max", 1000, 1001, receipts, "the number of receipts"},
      {"store/store.hpp:events_max", 100, 101, page, "max"},
      {"store/store.hpp:events_max", 1, 0, page, "max"},
      {"store/store.hpp:redrive_max", 1000, 1001, redriven, "max"},
      {"store/store.hpp:redrive_max", 1, 0, redriven, "max"},
      {"store/store.hpp:redrive_max", 1000, 1001, redriven_by_id, "the number of messages"},
      {"store/store.hpp:answer_bytes_least", 512, 511, answer_bytes, "max_bytes"},
      {"store/redis/reply.hpp:elements_max", 100'000, 100'001, reply_elements, "Redis"},
      {"store/redis/reply.hpp:string_bytes_max", 67'108'864, 67'108'865, reply_string, "Redis"},
      {"store/archive.hpp:ordinary_body_bytes_max", 65'536, 65'537, ordinary_body, "zstd"},
  };
  return limits;
}

}  // namespace signalbox::test
