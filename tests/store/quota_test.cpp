// What a mailbox holds at most, of all and of one sender, in messages and bytes. Each claim holds
// for Redis and for the fake store.
#include <fmt/format.h>

#include "tests/store/subjects.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

constexpr std::size_t message_bytes = 200;  // as a mailbox counts them

// Of `message_bytes`, with a group and an id of three characters.
std::string json_from(const std::string& sender) {
  std::string json = fmt::format(R"({{"sender":"{}","x":")", sender);
  const std::size_t rest = message_bytes - 6 - 3 - 3 - json.size() - 2;
  return json + std::string(rest, 'x') + "\"}";
}

struct QuotaBox {
  explicit QuotaBox(bool real) : subject{make_subject(real)} {}
  Store& store() { return subject->store(); }

  template <class T>
  T ask(Task<Result<T>> task) {
    T value = must_run(subject->io, std::move(task));
    CHECK(subject->unbounded().empty());
    return value;
  }
  CommitStatus send(const std::string& sender, int count = 1, const std::string& mailbox = "box") {
    Commit commit = sample_commit(++commits_);
    commit.mailbox_max = messages_max;
    commit.mailbox_bytes_max = bytes_max;
    if (sender.starts_with("agent:")) commit.quota = {sender, senders_max, senders_bytes_max};
    commit.appends.clear();
    for (int i = 0; i < count; ++i) {
      commit.appends.push_back(
          {mailbox, "w_a", fmt::format("m{:02}", ++messages_), json_from(sender)});
    }
    return ask(store().commit(commit, soon())).status;
  }
  // Reads and acknowledges the oldest message.
  void read() {
    const ReceiveRequest request{"box", 1, 0, 1min, 0};
    const Received received = ask(store().receive(request, soon()));
    const std::vector<std::string> receipts{received.messages.at(0).receipt};
    ask(store().acknowledge("box", receipts, soon()));
  }
  std::uint64_t held() {
    const MailboxCounts counts = ask(store().peek("box", 1, soon())).counts;
    return counts.ready + counts.leased + counts.waiting;
  }

  std::unique_ptr<Subject> subject;
  std::uint64_t messages_max = 100;
  std::uint64_t bytes_max = any_bytes;
  std::uint64_t senders_max = 100;
  std::uint64_t senders_bytes_max = any_bytes;

 private:
  int commits_ = 0;
  int messages_ = 0;
};

TEST_CASE("a mailbox is full to its bytes, and has room again once something was read") {
  QuotaBox box{GENERATE(true, false)};
  box.bytes_max = 3 * message_bytes;
  CHECK(box.send("rule:r", 2) == CommitStatus::committed);
  CHECK(box.send("rule:r", 2) == CommitStatus::mailbox_full);
  CHECK(box.held() == 2);
  CHECK(box.send("rule:r") == CommitStatus::committed);
  CHECK(box.send("rule:r") == CommitStatus::mailbox_full);
  box.bytes_max = 4 * message_bytes - 1;
  CHECK(box.send("rule:r") == CommitStatus::mailbox_full);
  box.bytes_max = 3 * message_bytes;
  box.read();
  CHECK(box.send("rule:r") == CommitStatus::committed);
  CHECK(box.held() == 3);
}

TEST_CASE("a sender has its messages at most, whoever else writes, and each mailbox for itself") {
  QuotaBox box{GENERATE(true, false)};
  box.senders_max = 2;
  CHECK(box.send("agent:a", 2) == CommitStatus::committed);
  CHECK(box.send("agent:a") == CommitStatus::sender_full);
  CHECK(box.send("agent:b", 2) == CommitStatus::committed);
  CHECK(box.send("rule:r", 3) == CommitStatus::committed);
  CHECK(box.send("agent:a", 1, "other") == CommitStatus::committed);
  CHECK(box.held() == 7);
  box.read();
  CHECK(box.send("agent:a") == CommitStatus::committed);
  CHECK(box.send("agent:a") == CommitStatus::sender_full);
}

TEST_CASE("a sender has its bytes at most") {
  QuotaBox box{GENERATE(true, false)};
  box.senders_bytes_max = 2 * message_bytes;
  CHECK(box.send("agent:a", 3) == CommitStatus::sender_full);
  CHECK(box.send("agent:a", 2) == CommitStatus::committed);
  CHECK(box.send("agent:a") == CommitStatus::sender_full);
  box.read();
  CHECK(box.send("agent:a") == CommitStatus::committed);
}

TEST_CASE("a full mailbox is named before a sender's share") {
  QuotaBox box{GENERATE(true, false)};
  box.messages_max = 2;
  box.senders_max = 2;
  CHECK(box.send("agent:a", 2) == CommitStatus::committed);
  CHECK(box.send("agent:a") == CommitStatus::mailbox_full);
}

TEST_CASE("an id that the mailbox holds already takes no bytes and no share") {
  QuotaBox box{GENERATE(true, false)};
  const auto again = [&](int number) {
    Commit commit = sample_commit(number);
    commit.mailbox_bytes_max = 4 * message_bytes;
    commit.quota = {"agent:a", 3, 3 * message_bytes};
    commit.appends = {{"box", "w_a", "m_1", json_from("agent:a")},
                      {"box", "w_a", fmt::format("m{}x", number), json_from("agent:a")}};
    return box.ask(box.store().commit(commit, soon())).status;
  };
  CHECK(again(1) == CommitStatus::committed);
  CHECK(again(2) == CommitStatus::committed);
  CHECK(again(3) == CommitStatus::sender_full);
  box.read();  // the one that was there
  CHECK(again(4) == CommitStatus::sender_full);
}

TEST_CASE("dead letters give their share back, and take bytes when they are moved back") {
  QuotaBox box{GENERATE(true, false)};
  box.senders_max = 2;
  box.bytes_max = 2 * message_bytes;
  CHECK(box.send("agent:a", 2) == CommitStatus::committed);
  for (int turn = 0; turn < 4; ++turn) {
    const ReceiveRequest request{"box", 10, 0, 1min, 1};
    box.ask(box.store().receive(request, soon()));
    box.subject->pass(1min);
  }
  CHECK(box.held() == 0);
  CHECK(box.send("agent:a") == CommitStatus::committed);
  RedriveRequest redrive{"box", {}, 10, 100};
  redrive.mailbox_bytes_max = 2 * message_bytes;
  const Redriven moved = box.ask(box.store().redrive(redrive, soon()));
  CHECK(moved.moved.size() == 1);
  CHECK(moved.full);
  CHECK(moved.remaining == 1);
  CHECK(box.send("agent:a") == CommitStatus::mailbox_full);
}

}  // namespace
}  // namespace signalbox::testing
