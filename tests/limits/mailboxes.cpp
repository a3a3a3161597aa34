// Limits of mailboxes and of the memory of facts: each on a real Redis, and where the fake store
// has it too, on that.
#include <algorithm>

#include "tests/limits/mailbox_subject.hpp"
#include "tests/limits/table.hpp"

namespace signalbox::test {
namespace {

constexpr std::uint64_t plenty = 64 * 1024 * 1024;

// What must be acted on is given first, if it is looked at.
std::string heads(bool real, std::int64_t count) {
  MailboxSubject box{real};
  box.send_many(count - 1, message_of("note"));
  box.send(message_of("assign"));
  const auto received = box.receive(1, plenty);
  return cut_unless(received.messages.front().json.find("assign") != std::string::npos);
}

std::string left(bool real, std::int64_t count) {
  MailboxSubject box{real};
  box.send_many(count + 1, message_of("note"), "w_1");
  const auto received = box.receive(1, plenty);
  return cut_unless(std::cmp_equal(received.left_by_kind.front().count, count));
}

// How much was read before the last message was looked at.
std::string look_bytes(bool real, std::int64_t bytes) {
  MailboxSubject box{real};
  box.send(message_of("note", bytes));
  box.send(message_of("assign"));
  const auto received = box.receive(1, plenty);
  return cut_unless(received.messages.front().json.find("assign") != std::string::npos);
}

// As many leases run out at once, each of a message that is to die.
std::string turns(bool real, std::int64_t count) {
  MailboxSubject box{real};
  box.send_many(count, message_of("note"));
  for (std::int64_t taken = 0; taken < count; taken += 100) box.receive(100);
  box.pass(std::chrono::minutes{2});
  box.receive(1, 0, 1);
  return cut_unless(std::cmp_equal(box.dead(), count));
}

std::string dead_letters(bool real, std::int64_t count) {
  MailboxSubject box{real};
  box.send_many(count - 1, message_of("note"), {}, "dead:box");
  box.send(message_of("note"));
  box.receive(1);
  box.pass(std::chrono::minutes{2});
  box.receive(1, 0, 1);
  return std::cmp_equal(box.dead(), count) ? "" : "given out once more";
}

// The oldest message has the lease that ends last.
std::string peeked_leases(std::int64_t count) {
  MailboxSubject box{true};
  box.send(R"({"n":"oldest"})");
  const auto oldest = box.receive(1).messages.front().receipt;
  box.send_many(count - 1, message_of("note"));
  for (std::int64_t taken = 1; taken < count; taken += 100) box.receive(100);
  box.run(box.store().extend("box", {oldest}, std::chrono::hours{1}, testing::soon()));
  return cut_unless(box.peek().messages.front().json.find("oldest") != std::string::npos);
}

// A longer name is replaced by its digest.
std::string group_bytes(std::int64_t bytes) {
  MailboxSubject box{true};
  const std::string group = letters(bytes);
  box.send(message_of("note"), group);
  box.peek();
  const Reply score = box.redis()({"ZSCORE", "sb1:{main}:mb:box:q", group});
  return score.is(Reply::Kind::nil) ? "a digest" : "";
}

std::string sorted_in(std::int64_t count) {
  MailboxSubject box{true};
  box.send_many(count, message_of("note"));
  return cut_unless(std::cmp_equal(box.peek().counts.ready, count));
}

// The oldest event is the only one of its source.
std::string looked_events(bool real, std::int64_t count) {
  MailboxSubject box{real};
  for (std::int64_t i = 0; i < count; ++i) {
    Commit commit = testing::sample_commit(static_cast<int>(i));
    commit.record.json =
        fmt::format(R"({{"id":"{}","source":"{}","connector":"github","type":"github.push"}})",
                    commit.record.event, i == 0 ? "first" : "other");
    commit.appends.clear();
    box.run(box.store().commit(commit, testing::soon()));
  }
  EventQuery query;
  query.source = "first";
  return cut_unless(!box.run(box.store().events(query, testing::soon())).events.empty());
}

std::string trimmed(std::int64_t count) {
  MailboxSubject box{true};
  for (std::int64_t i = 0; i < count; ++i) {
    Commit commit = testing::sample_commit(static_cast<int>(i));
    commit.appends.clear();
    box.run(box.store().commit(commit, testing::soon()));
  }
  const auto trim = [&](std::uint64_t events) {
    const ArchiveBounds bounds{events, plenty, std::chrono::hours{1}};
    return box.run(box.redis_store().trim_archive(bounds, testing::soon()));
  };
  while (trim(1000).more) continue;  // measured now
  return cut_unless(std::cmp_equal(trim(0).taken_out, count));
}

// Facts that differ in what a bucket keeps of them, and lie in one bucket whatever its number of
// digits.
class Bucket {
 public:
  explicit Bucket(MailboxSubject& box) : box_{box} {}
  void fill(std::int64_t count) {
    for (std::int64_t i = 0; i < count; ++i) {
      box_.pass(Milliseconds{1});
      Commit commit = testing::sample_commit(++number_);
      commit.record.received = Time{Milliseconds{box_.now()}};
      commit.appends.clear();
      Fingerprint fact{};
      fact[4] = static_cast<char>(number_ % 256);
      fact[5] = static_cast<char>(number_ / 256);
      commit.seen = {Seen{"digest:github", fact, std::chrono::hours{72}}};
      box_.run(box_.store().commit(commit, testing::soon()));
    }
  }
  std::string state() { return box_.redis()({"GET", "sb1:{main}:ds:digest:github"}).text; }
  std::int64_t segments() { return (std::ssize(state()) - 13) / 27; }
  std::int64_t digits() { return state().at(39) - '0'; }
  // As many segments as if the bucket had been full so often.
  void pretend(std::int64_t segments) {
    std::string text = fmt::format("{:013}", box_.now() + 100'000);
    for (std::int64_t i = 0; i < segments; ++i) {
      text += fmt::format("{:013}{:013}5", box_.now() + 200'000, box_.now() - i);
    }
    box_.redis()({"SET", "sb1:{main}:ds:digest:github", text});
  }

 private:
  MailboxSubject& box_;
  int number_ = 0;
};

std::string facts_of_a_bucket(std::int64_t count) {
  MailboxSubject box{true};
  Bucket bucket{box};
  bucket.fill(count);
  return bucket.segments() == 1 ? "" : "another segment";
}
std::string digits(std::int64_t count) {
  MailboxSubject box{true};
  Bucket bucket{box};
  for (std::int64_t i = 5; i < count; ++i) bucket.fill(65);
  if (count < 5) bucket.fill(1);
  if (count == 5) bucket.fill(64);
  return cut_unless(bucket.digits() == count);
}
std::string segments(std::int64_t count) {
  MailboxSubject box{true};
  Bucket bucket{box};
  bucket.pretend(count - 1);
  bucket.fill(65);
  return cut_unless(bucket.segments() == count);
}

}  // namespace

std::span<const Limit> mailbox_limits() {
  static constexpr Limit limits[]{
      {"store/script/receive.lua:HEADS_MAX", 200, 201, [](auto n) { return heads(true, n); },
       "cut"},
      {"store/fake/fake_receive.cpp:heads_max", 200, 201, [](auto n) { return heads(false, n); },
       "cut"},
      {"store/script/receive.lua:LEFT_MAX", 500, 501, [](auto n) { return left(true, n); }, "cut"},
      {"store/fake/fake_receive.cpp:left_max", 500, 501, [](auto n) { return left(false, n); },
       "cut"},
      {"store/script/receive.lua:LOOK_BYTES_MAX", 4'194'303, 4'194'304,
       [](auto n) { return look_bytes(true, n); }, "cut"},
      {"store/fake/fake_receive.cpp:look_bytes_max", 4'194'303, 4'194'304,
       [](auto n) { return look_bytes(false, n); }, "cut"},
      {"store/redis/redis_store_mailboxes.cpp:turn_max", 200, 201,
       [](auto n) { return turns(true, n); }, "cut"},
      {"store/fake/fake_receive.cpp:turn_max", 200, 201, [](auto n) { return turns(false, n); },
       "cut"},
      {"store/store.hpp:dead_letters_max", 10'000, 10'001,
       [](auto n) { return dead_letters(true, n); }, "given out once more"},
      {"store/store.hpp:dead_letters_max", 10'000, 10'001,
       [](auto n) { return dead_letters(false, n); }, "given out once more"},
      {"store/redis/redis_store_mailboxes.cpp:peek_leases_max", 1000, 1001, peeked_leases, "cut"},
      {"store/redis/redis_store_commit.cpp:group_bytes_max", 64, 65, group_bytes, "a digest"},
      {"store/script/mailbox.lua:SORT_MAX", 1000, 1001, sorted_in, "cut"},
      {"store/store.hpp:events_looked_max", 1000, 1001,
       [](auto n) { return looked_events(true, n); }, "cut"},
      {"store/store.hpp:events_looked_max", 1000, 1001,
       [](auto n) { return looked_events(false, n); }, "cut"},
      {"store/redis/redis_store_events.cpp:trim_looked_max", 50, 51, trimmed, "cut"},
      {"store/script/commit.lua:BUCKET_MAX", 64, 65, facts_of_a_bucket, "another segment"},
      {"store/script/commit.lua:DIGITS_MIN", 5, 4, digits, "cut"},
      {"store/script/commit.lua:DIGITS_MAX", 10, 11, digits, "cut"},
      {"store/script/commit.lua:SEGMENTS_MAX", 24, 25, segments, "cut"},
  };
  return limits;
}

}  // namespace signalbox::test
