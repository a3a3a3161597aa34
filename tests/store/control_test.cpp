// Control messages, which overtake what is leased; who holds what, and taking it back. Each claim
// holds for Redis and for the fake store.
#include <set>

#include "tests/store/subjects.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;
using Texts = std::vector<std::string>;
using Flags = std::vector<bool>;

struct ControlledBox {
  explicit ControlledBox(bool real) : subject{make_subject(real)} {}

  template <class T>
  T ask(Task<Result<T>> task) {
    T value = must_run(subject->io, std::move(task));
    CHECK(subject->unbounded().empty());
    return value;
  }
  Store& store() { return subject->store(); }

  void send(int number, const std::string& group) {
    Commit commit = sample_commit(number);
    commit.appends[0].group = group;
    ask(store().commit(commit, soon()));
  }
  // Message m_<number> is a control message about the work.
  void control(int number, const std::string& work) {
    send(number, "control:" + work + ":m_" + std::to_string(number));
  }
  std::vector<LeasedMessage> receive(std::uint32_t max, const std::string& holder = "agent:a",
                                     std::uint64_t max_bytes = 0) {
    ReceiveRequest request{"box", max, max_bytes, 1min, 0};
    request.holder = holder;
    return ask(store().receive(request, soon())).messages;
  }
  static Texts ids_of(const std::vector<LeasedMessage>& messages) {
    Texts ids;
    for (const auto& message : messages)
      ids.push_back(message.receipt.substr(0, message.receipt.rfind('.')));
    return ids;
  }
  Extended extend(const std::string& receipt) {
    const Texts receipts{receipt};
    return ask(store().extend("box", receipts, 1min, soon()));
  }
  Flags take_back(const Texts& ids) { return ask(store().take_back("box", ids, soon())); }
  std::vector<PeekedMessage> peek() { return ask(store().peek("box", 10, soon())).messages; }

  std::unique_ptr<Subject> subject;
};

TEST_CASE(
    "a control message is handed out although its work is leased, before what waited longer") {
  ControlledBox box{GENERATE(true, false)};
  box.send(1, "w_a");
  REQUIRE(box.receive(1).size() == 1);
  box.send(2, "w_a");
  box.send(3, "w_b");
  box.control(4, "w_a");
  CHECK(ControlledBox::ids_of(box.receive(1)) == Texts{"m_4"});
  CHECK(ControlledBox::ids_of(box.receive(10)) == Texts{"m_3"});
}

TEST_CASE("a control message comes first within a budget of bytes too") {
  ControlledBox box{GENERATE(true, false)};
  box.send(1, "w_a");
  box.control(2, "w_a");
  CHECK(ControlledBox::ids_of(box.receive(1, "agent:a", 512)) == Texts{"m_2"});
}

TEST_CASE("peeking shows control messages at their age") {
  ControlledBox box{GENERATE(true, false)};
  for (int number = 1; number <= 12; ++number) box.send(number, "");
  box.control(13, "w_a");
  const auto messages = box.peek();
  REQUIRE(messages.size() == 10);
  CHECK(messages.front().json.find("\"n\":1,") != std::string::npos);
  CHECK(messages.back().json.find("\"n\":10,") != std::string::npos);
}

TEST_CASE("whoever extends a lease learns of control messages about its work that nobody has") {
  ControlledBox box{GENERATE(true, false)};
  box.send(1, "w_a");
  const std::string held = box.receive(1).at(0).receipt;
  CHECK(box.extend(held).controls.empty());
  box.control(2, "w_b");
  CHECK(box.extend(held).controls.empty());
  box.control(3, "w_a");
  box.control(4, "w_a");
  const Extended extended = box.extend(held);
  CHECK(extended.held == Flags{true});
  CHECK(extended.controls == Texts{"m_3", "m_4"});
  box.receive(1);  // m_2, the oldest of them
  box.receive(1);  // m_3
  CHECK(box.extend(held).controls == Texts{"m_4"});
  box.subject->pass(1min - 1ms);
  CHECK(box.extend(held).controls == Texts{"m_4"});
  box.subject->pass(1ms);
  CHECK(box.extend(held).controls == Texts{"m_3", "m_4"});
  CHECK(box.extend("m_1.other").held == Flags{false});
  CHECK(box.extend("m_1.other").controls.empty());
}

TEST_CASE("ten control messages of one work are named") {
  ControlledBox box{GENERATE(true, false)};
  box.send(1, "w_a");
  const std::string held = box.receive(1).at(0).receipt;
  for (int number = 10; number < 20; ++number) box.control(number, "w_a");
  CHECK(box.extend(held).controls.size() == 10);
  box.control(20, "w_a");
  CHECK(box.extend(held).controls.size() == 10);
}

TEST_CASE("who holds a message, and until when, is seen as long as the lease runs") {
  ControlledBox box{GENERATE(true, false)};
  box.send(1, "w_a");
  CHECK_FALSE(box.peek().at(0).leased_until);
  CHECK(box.peek().at(0).holder.empty());
  box.receive(1, "agent:reviewer at 10.0.0.1:5");
  const Time until = box.subject->clock.time + 1min;
  CHECK(box.peek().at(0).leased_until == until);
  CHECK(box.peek().at(0).holder == "agent:reviewer at 10.0.0.1:5");
  box.subject->pass(1min);
  CHECK_FALSE(box.peek().at(0).leased_until);
  CHECK(box.peek().at(0).holder.empty());
}

TEST_CASE(
    "what is taken back is ready at once, its receipt is spent, and nothing else is touched") {
  ControlledBox box{GENERATE(true, false)};
  box.send(1, "w_a");
  box.send(2, "w_a");
  box.send(3, "w_b");
  const auto held = box.receive(2);
  CHECK(box.take_back({"m_1", "m_2", "m_nobody"}) == Flags{true, false, false});
  CHECK(box.take_back({"m_1"}) == Flags{false});
  const Texts receipts{held.at(0).receipt, held.at(1).receipt};
  CHECK(box.ask(box.store().leased("box", receipts, soon())) == Flags{false, true});
  CHECK(box.ask(box.store().acknowledge("box", receipts, soon())) == Flags{false, true});
  CHECK(ControlledBox::ids_of(box.receive(10)) == Texts{"m_1"});
}

TEST_CASE("a lease that has ended is not taken back: anybody may have the message") {
  ControlledBox box{GENERATE(true, false)};
  box.send(1, "w_a");
  box.receive(1);
  box.subject->pass(1min - 1ms);
  CHECK(box.take_back({"m_1"}) == Flags{true});
  box.receive(1);
  box.subject->pass(1min);
  CHECK(box.take_back({"m_1"}) == Flags{false});
}

TEST_CASE("receipts of one message cannot be told from each other or from its number of leases") {
  ControlledBox box{GENERATE(true, false)};
  std::set<std::string> seen;
  box.send(1, "w_a");
  for (int i = 0; i < 20; ++i) {
    const std::string receipt = box.receive(1).at(0).receipt;
    const std::string lease = receipt.substr(receipt.rfind('.') + 1);
    CHECK(lease.size() == 13);
    CHECK(seen.insert(lease).second);
    for (int guess = 0; guess <= i + 1; ++guess) {
      const Texts guessed{"m_1." + std::to_string(guess), "m_1.r" + std::to_string(guess)};
      CHECK(box.ask(box.store().acknowledge("box", guessed, soon())) == Flags{false, false});
    }
    CHECK(box.take_back({"m_1"}) == Flags{true});
  }
}

TEST_CASE("what an earlier version has leased and let in is acknowledged, and counts for nothing") {
  ControlledBox box{true};
  Direct& direct = dynamic_cast<RealSubject&>(*box.subject).direct_;
  box.send(1, "w_a");
  box.send(2, "w_b");
  box.receive(10);
  const std::string key = "sb1:{main}:mb:box:";
  direct({"HSET", key + "l", "m_1", "7:1:1:w_a"});
  direct({"HDEL", key + "n", "bytes"});
  direct({"HSET", key + "n", "lease", "7"});
  CHECK(box.peek().at(0).holder.empty());
  CHECK(box.peek().at(0).leased_until);
  const Texts old{"m_1.6", "m_1.7"};
  CHECK(box.ask(box.store().acknowledge("box", old, soon())) == Flags{false, true});
  CHECK(direct({"HGET", key + "n", "bytes"}).text == "0");
  direct({"HDEL", key + "n", "lease"});
}

}  // namespace
}  // namespace signalbox::testing
