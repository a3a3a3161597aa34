// Mailboxes: leases, receipts, groups in order, dead letters. Each claim holds for Redis and for
// the fake store.
#include "tests/store/subjects.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;
using Flags = std::vector<bool>;

struct Mailboxes {
  explicit Mailboxes(bool real, std::uint64_t dead_max = dead_letters_max)
      : subject{make_subject(real, dead_max)} {}

  // The value of a call that has to succeed; whatever it did, every key has its bound.
  template <class T>
  T ask(Task<Result<T>> task) {
    T value = must_run(subject->io, std::move(task));
    CHECK(subject->unbounded().empty());
    return value;
  }

  // Appends m_<n> for each number, to a group or each to its own.
  void send(const std::vector<int>& numbers, const std::string& group = {}) {
    for (int n : numbers) {
      Commit commit = sample_commit(n);
      commit.appends[0].group = group;
      ask(subject->store().commit(commit, soon()));
    }
  }
  Received receive(std::uint32_t max, std::uint32_t max_deliveries = 0, std::uint64_t max_bytes = 0,
                   const std::string& mailbox = "box") {
    const ReceiveRequest request{mailbox, max, max_bytes, 1min, max_deliveries};
    return ask(subject->store().receive(request, soon()));
  }
  static Texts numbers(const Received& received) {
    Texts texts;
    for (const auto& message : received.messages) {
      texts.push_back(message.json.substr(5, message.json.find(',') - 5));
    }
    return texts;
  }
  Texts take(std::uint32_t max) { return numbers(receive(max)); }
  std::string receipt() { return receive(1).messages.at(0).receipt; }
  Flags ack(const Texts& receipts, const std::string& mailbox = "box") {
    return ask(subject->store().acknowledge(mailbox, receipts, soon()));
  }
  Flags nack(const Texts& receipts) {
    return ask(subject->store().give_back("box", receipts, soon()));
  }
  Flags extend(const Texts& receipts, Milliseconds time) {
    return ask(subject->store().extend("box", receipts, time, soon())).held;
  }
  Flags leased(const Texts& receipts) {
    return ask(subject->store().leased("box", receipts, soon()));
  }
  MailboxCounts counts(const std::string& mailbox = "box") {
    return ask(subject->store().peek(mailbox, 10, soon())).counts;
  }
  Redriven redrive(const Texts& ids = {}, std::uint32_t max = 100,
                   std::uint64_t mailbox_max = 100) {
    const RedriveRequest request{"box", ids, max, mailbox_max};
    return ask(subject->store().redrive(request, soon()));
  }

  std::unique_ptr<Subject> subject;
};

TEST_CASE("what was received is leased to nobody else until the lease ends") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1, 2});
  CHECK(boxes.take(1) == Texts{"1"});
  CHECK(boxes.take(10) == Texts{"2"});
  CHECK(boxes.take(10).empty());
  boxes.subject->pass(1min - 1ms);
  CHECK(boxes.take(10).empty());
  boxes.subject->pass(1ms);
  CHECK(boxes.take(10) == Texts{"1", "2"});
}

TEST_CASE("a lease runs up to its end, and counts as running until then") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1});
  const std::string receipt = boxes.receipt();
  boxes.subject->pass(1min - 1ms);
  CHECK(boxes.leased({receipt}) == Flags{true});
  CHECK(boxes.counts().leased == 1);
  boxes.subject->pass(1ms);
  CHECK(boxes.leased({receipt}) == Flags{false});
  CHECK(boxes.counts().leased == 0);
}

TEST_CASE("deliveries count up, and each has a receipt of its own") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1});
  const Received first = boxes.receive(1);
  boxes.subject->pass(1min);
  const Received second = boxes.receive(1);
  CHECK(first.messages.at(0).deliveries == 1);
  CHECK(second.messages.at(0).deliveries == 2);
  CHECK(first.messages.at(0).receipt != second.messages.at(0).receipt);
}

TEST_CASE("a late consumer cannot acknowledge, give back or extend another's redelivery") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1});
  const std::string late = boxes.receipt();
  boxes.subject->pass(1min);
  const std::string current = boxes.receipt();
  CHECK(boxes.ack({late}) == Flags{false});
  CHECK(boxes.nack({late}) == Flags{false});
  CHECK(boxes.extend({late}, 1h) == Flags{false});
  CHECK(boxes.ack({current}) == Flags{true});
  CHECK(boxes.ack({current}) == Flags{false});
  CHECK(boxes.take(10).empty());
}

TEST_CASE("a lease that has ended may be acknowledged as long as nobody else has the message") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1});
  const std::string receipt = boxes.receipt();
  boxes.subject->pass(1h);
  CHECK(boxes.ack({receipt}) == Flags{true});
  CHECK(boxes.take(10).empty());
}

TEST_CASE("what is given back is first in line again at once, and its receipt is spent") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1, 2});
  const std::string receipt = boxes.receipt();
  CHECK(boxes.nack({receipt}) == Flags{true});
  CHECK(boxes.nack({receipt}) == Flags{false});
  CHECK(boxes.ack({receipt}) == Flags{false});
  const Received again = boxes.receive(10);
  CHECK(Mailboxes::numbers(again) == Texts{"1", "2"});
  CHECK(again.messages[0].deliveries == 2);
}

TEST_CASE("an extended lease ends when it was extended to") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1});
  const std::string receipt = boxes.receipt();
  boxes.subject->pass(50s);
  CHECK(boxes.extend({receipt}, 1min) == Flags{true});
  boxes.subject->pass(1min - 1ms);
  CHECK(boxes.take(1).empty());
  boxes.subject->pass(1ms);
  CHECK(boxes.take(1) == Texts{"1"});
}

TEST_CASE("while one message of a group is outstanding nothing later of it is handed out") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1, 2, 3}, "w_a");
  boxes.send({4}, "w_b");
  const Received first = boxes.receive(10);
  CHECK(Mailboxes::numbers(first) == Texts{"1", "4"});
  CHECK(first.remaining == 2);
  CHECK(boxes.take(10).empty());
  boxes.ack({first.messages[0].receipt});
  CHECK(boxes.take(10) == Texts{"2"});
}

TEST_CASE("a group stays in order when its head comes back") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1, 2}, "w_a");
  boxes.nack({boxes.receipt()});
  CHECK(boxes.take(10) == Texts{"1"});
  boxes.subject->pass(1min);
  CHECK(boxes.take(10) == Texts{"1"});
}

TEST_CASE("messages without a group do not hold each other back") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({3, 1, 2});
  CHECK(boxes.take(10) == Texts{"3", "1", "2"});
}

TEST_CASE("a group's name may be long or contain NUL") {
  Mailboxes boxes{GENERATE(true, false)};
  const std::string nul{"w\0x", 3};
  boxes.send({1, 2}, nul);
  boxes.send({3}, "w");
  boxes.send({4, 5}, std::string(5'000, 'g'));
  CHECK(boxes.take(10) == Texts{"1", "3", "4"});
}

TEST_CASE("after max_deliveries a message goes to the dead letters, and its group goes on") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1, 2}, "w_a");
  for (int i = 0; i < 3; ++i) {
    CHECK(Mailboxes::numbers(boxes.receive(1, 3)) == Texts{"1"});
    boxes.subject->pass(1min);
  }
  CHECK(Mailboxes::numbers(boxes.receive(1, 3)) == Texts{"2"});
  CHECK(boxes.counts().dead == 1);
  const Received dead = boxes.receive(1, 3, 0, "dead:box");
  CHECK(Mailboxes::numbers(dead) == Texts{"1"});
  CHECK(dead.messages[0].deliveries == 1);
  CHECK(boxes.ack({dead.messages[0].receipt}, "dead:box") == Flags{true});
  CHECK(boxes.counts().dead == 0);
}

TEST_CASE("a dead letter stays among the dead letters however often it is received") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1});
  boxes.receive(1, 1);
  boxes.subject->pass(1min);
  CHECK(boxes.receive(1, 1).messages.empty());
  for (int i = 0; i < 3; ++i) {
    CHECK(boxes.receive(1, 1, 0, "dead:box").messages.size() == 1);
    boxes.subject->pass(1min);
  }
  CHECK(boxes.counts("dead:box").dead == 0);
}

TEST_CASE("dead letters that are full take no more, and the message is given out again") {
  Mailboxes boxes{GENERATE(true, false), 2};
  boxes.send({1, 2, 3});
  CHECK(boxes.receive(10, 1).messages.size() == 3);
  boxes.subject->pass(1min);
  CHECK(Mailboxes::numbers(boxes.receive(10, 1)) == Texts{"3"});
  CHECK(boxes.counts().dead == 2);
  boxes.subject->pass(1min);
  CHECK(Mailboxes::numbers(boxes.receive(10, 1)) == Texts{"3"});
  const Received dead = boxes.receive(1, 0, 0, "dead:box");
  boxes.ack({dead.messages.at(0).receipt}, "dead:box");
  boxes.subject->pass(1min);
  CHECK(boxes.receive(10, 1).messages.empty());
  CHECK(boxes.counts().dead == 2);
}

TEST_CASE("a message that was given back too often goes to the dead letters too") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1});
  boxes.nack({boxes.receive(1, 2).messages.at(0).receipt});
  boxes.nack({boxes.receive(1, 2).messages.at(0).receipt});
  CHECK(boxes.receive(1, 2).messages.empty());
  CHECK(boxes.counts().dead == 1);
}

TEST_CASE("counts tell ready, leased and waiting apart") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1, 2, 3}, "w_a");
  boxes.send({4, 5});
  boxes.receive(2);
  MailboxCounts counts = boxes.counts();
  CHECK(counts.ready == 1);
  CHECK(counts.leased == 2);
  CHECK(counts.waiting == 2);
  boxes.subject->pass(1min);
  counts = boxes.counts();
  CHECK(counts.ready == 3);
  CHECK(counts.leased == 0);
}

TEST_CASE("peeking shows the oldest messages of all states and leases nothing") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1, 2}, "w_a");
  boxes.send({3, 4});
  boxes.receive(1);
  Store& store = boxes.subject->store();
  const Peeked peeked = must_run(boxes.subject->io, store.peek("box", 3, soon()));
  REQUIRE(peeked.messages.size() == 3);
  CHECK(peeked.messages[0].state == MessageState::leased);
  CHECK(peeked.messages[0].deliveries == 1);
  CHECK(peeked.messages[1].state == MessageState::waiting);
  CHECK(peeked.messages[2].state == MessageState::ready);
  CHECK(peeked.messages[2].json == R"({"n":3,"sequence":"3"})");
  CHECK(boxes.take(10) == Texts{"3", "4"});
}

TEST_CASE("a receipt that is no receipt is expired, not an error") {
  Mailboxes boxes{GENERATE(true, false)};
  boxes.send({1});
  boxes.receipt();
  const Texts wrong{"", ".", "m_1", "m_1.", "m_1.0", "m_1.x", "m_1.99", ".1", "m_2.1", "m_1.01"};
  CHECK(boxes.ack(wrong) == Flags(wrong.size(), false));
  CHECK(boxes.counts().leased == 1);
}

// Sends messages and gives each out until it is dead.
void bury(Mailboxes& boxes, const std::vector<int>& numbers, const std::string& group = {}) {
  boxes.send(numbers, group);
  const auto wanted = boxes.counts().dead + numbers.size();
  for (std::size_t i = 0; i < 4 * numbers.size() && boxes.counts().dead < wanted; ++i) {
    Texts receipts;
    for (const auto& message : boxes.receive(100, 1).messages) receipts.push_back(message.receipt);
    boxes.nack(receipts);
  }
  REQUIRE(boxes.counts().dead == wanted);
}

TEST_CASE("dead letters move back in their order, and count as never given out") {
  Mailboxes boxes{GENERATE(true, false)};
  bury(boxes, {1, 2, 3}, "w_a");
  boxes.send({4}, "w_a");
  const Redriven redriven = boxes.redrive();
  CHECK(redriven.moved == Texts{"m_1", "m_2", "m_3"});
  CHECK(redriven.remaining == 0);
  CHECK_FALSE(redriven.full);
  CHECK(boxes.counts().dead == 0);
  for (const char* expected : {"4", "1", "2", "3"}) {
    const Received received = boxes.receive(10, 1);
    CHECK(Mailboxes::numbers(received) == Texts{expected});
    CHECK(received.messages.at(0).deliveries == 1);
    CHECK(boxes.ack({received.messages.at(0).receipt}) == Flags{true});
  }
}

TEST_CASE("dead letters that are named move, and others stay") {
  Mailboxes boxes{GENERATE(true, false)};
  bury(boxes, {1, 2, 3});
  CHECK(boxes.redrive({"m_3", "m_9", "m_1"}).moved == Texts{"m_1", "m_3"});
  CHECK(boxes.counts().dead == 1);
  CHECK(boxes.take(10) == Texts{"1", "3"});
  CHECK(boxes.redrive({}, 1).moved == Texts{"m_2"});
}

TEST_CASE("a full mailbox takes no dead letters, and says so") {
  Mailboxes boxes{GENERATE(true, false)};
  bury(boxes, {1, 2, 3});
  boxes.send({4});
  Redriven redriven = boxes.redrive({}, 100, 2);
  CHECK(redriven.moved == Texts{"m_1"});
  CHECK(redriven.full);
  CHECK(redriven.remaining == 2);
  redriven = boxes.redrive({}, 100, 2);
  CHECK(redriven.moved.empty());
  CHECK(redriven.full);
  CHECK(boxes.counts().dead == 2);
}

TEST_CASE("a dead letter that somebody holds is not moved, nor what is behind it") {
  Mailboxes boxes{GENERATE(true, false)};
  bury(boxes, {1, 2}, "w_a");
  bury(boxes, {3});
  const Received held = boxes.receive(1, 0, 0, "dead:box");
  CHECK(boxes.redrive().moved == Texts{"m_3"});
  CHECK(boxes.ack({held.messages.at(0).receipt}, "dead:box") == Flags{true});
  CHECK(boxes.redrive().moved == Texts{"m_2"});
}

}  // namespace
}  // namespace signalbox::testing
