// RedisStore: what consumers do with mailboxes; see mailbox.lua for the layout.
#include <algorithm>
#include <charconv>
#include <tuple>

#include "event/ids.hpp"
#include "event/message.hpp"
#include "store/redis/redis_store.hpp"
#include "store/request_bounds.hpp"
#include "store/stored_record.hpp"

namespace signalbox {
namespace {

constexpr std::size_t turn_max = 200;  // expired leases, and dead letters, of one receive
constexpr std::size_t peek_leases_max = 1000;

bool are_integers(const std::vector<Reply>& elements, std::size_t from, std::size_t count) {
  if (elements.size() < from + count) return false;
  const auto first = elements.begin() + static_cast<std::ptrdiff_t>(from);
  return std::all_of(first, first + static_cast<std::ptrdiff_t>(count),
                     [](const Reply& element) { return element.is(Reply::Kind::integer); });
}

std::uint64_t count_of(const Reply& reply) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(0, reply.integer));
}

// Reads "<name>:<count>,…"; what is no such pair is left out.
std::vector<Tally> read_tallies(std::string_view text) {
  std::vector<Tally> tallies;
  while (!text.empty()) {
    const std::string_view one = text.substr(0, text.find(','));
    text.remove_prefix(std::min(text.size(), one.size() + 1));
    const std::size_t colon = one.rfind(':');
    if (colon == std::string_view::npos) continue;
    Tally tally{std::string{one.substr(0, colon)}, 0};
    std::from_chars(one.data() + colon + 1, one.data() + one.size(), tally.count);
    tallies.push_back(std::move(tally));
  }
  return tallies;
}

Result<Received> read_received(const Reply& reply) {
  const auto& elements = reply.elements;
  if (!are_integers(elements, 0, 1) || elements.size() % 5 != 2) return unexpected_reply("receive");
  Received received;
  received.remaining = count_of(elements[0]);
  const std::string_view left = elements[1].text;
  const std::size_t middle = std::min(left.size(), left.find(';'));
  received.left_by_kind = read_tallies(left.substr(0, middle));
  received.left_by_work = read_tallies(left.substr(std::min(left.size(), middle + 1)));
  for (std::size_t i = 2; i < elements.size(); i += 5) {
    if (!are_integers(elements, i + 1, 2) || !are_integers(elements, i + 4, 1))
      return unexpected_reply("receive");
    LeasedMessage message;
    message.truncated = elements[i + 4].integer == 1;
    message.receipt = elements[i].text;
    message.deliveries = static_cast<std::uint32_t>(count_of(elements[i + 1]));
    message.json = with_sequence(elements[i + 3].text, count_of(elements[i + 2]));
    received.messages.push_back(std::move(message));
  }
  return received;
}

Result<Peeked> read_peeked(const Reply& reply) {
  const auto& elements = reply.elements;
  if (!are_integers(elements, 0, 4) || elements.size() % 6 != 4) return unexpected_reply("peek");
  Peeked peeked;
  peeked.counts = MailboxCounts{count_of(elements[0]), count_of(elements[1]), count_of(elements[2]),
                                count_of(elements[3])};
  for (std::size_t i = 4; i < elements.size(); i += 6) {
    if (!are_integers(elements, i, 3) || count_of(elements[i]) > 2 ||
        !are_integers(elements, i + 4, 1))
      return unexpected_reply("peek");
    PeekedMessage message;
    message.state = static_cast<MessageState>(count_of(elements[i]));
    message.deliveries = static_cast<std::uint32_t>(count_of(elements[i + 1]));
    message.json = with_sequence(elements[i + 3].text, count_of(elements[i + 2]));
    if (elements[i + 4].integer > 0)
      message.leased_until = Time{Milliseconds{elements[i + 4].integer}};
    message.holder = elements[i + 5].text;
    peeked.messages.push_back(std::move(message));
  }
  return peeked;
}

}  // namespace

Task<Result<Received>> RedisStore::receive(const ReceiveRequest& request, Deadline deadline) {
  if (auto wrong = check(request)) co_return std::move(*wrong);
  const std::string lease = request.lease.empty() ? draw_lease() : request.lease;
  const std::pair arguments{&request, &lease};
  const Encode encode = [this, &arguments](std::string& out, Sending sending) {
    const ReceiveRequest& asked = *arguments.first;
    begin(out, ScriptName::receive, sending, 12)
        .add(asked.mailbox)
        .add(asked.max)
        .add(asked.max_bytes)
        .add(asked.visibility.count())
        .add(asked.max_deliveries)
        .add(dead_letters_max_)
        .add(turn_max)
        .add(answer_envelope_bytes)
        .add(answer_entry_bytes)
        .add(answer_truncated_bytes)
        .add(*arguments.second)
        .add(asked.holder);
  };
  // Made again it would lease others and leave the first ones to their timeout.
  const auto reply = co_await run(encode, Repeat::no, deadline);
  if (!reply) co_return reply.error();
  co_return read_received(*reply);
}

Task<Result<Extended>> RedisStore::release(std::string_view verb, std::string mailbox,
                                           std::vector<std::string> receipts,
                                           Milliseconds visibility, Deadline deadline) {
  if (auto wrong = check_receipts(receipts.size())) co_return std::move(*wrong);
  const std::tuple arguments{verb, &mailbox, &receipts, visibility.count()};
  const Encode encode = [this, &arguments](std::string& out, Sending sending) {
    const auto& [name, box, held, lease_ms] = arguments;
    auto writer = begin(out, ScriptName::release, sending, 4 + held->size());
    writer.add(*box).add(name).add(lease_ms).add(sending.again ? "1" : "0");
    for (const std::string& receipt : *held) writer.add(receipt);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  if (!are_integers(reply->elements, 0, receipts.size())) co_return unexpected_reply(verb);
  Extended done;
  done.held.reserve(receipts.size());
  for (std::size_t i = 0; i < reply->elements.size(); ++i) {
    if (i < receipts.size()) done.held.push_back(reply->elements[i].integer == 1);
    if (i >= receipts.size()) done.controls.push_back(reply->elements[i].text);
  }
  co_return done;
}

Task<Result<std::vector<bool>>> RedisStore::release_flags(std::string_view verb,
                                                          std::string mailbox,
                                                          std::vector<std::string> receipts,
                                                          Deadline deadline) {
  auto done =
      co_await release(verb, std::move(mailbox), std::move(receipts), Milliseconds{}, deadline);
  if (!done) co_return done.error();
  co_return std::move(done->held);
}

Task<Result<std::vector<bool>>> RedisStore::acknowledge(std::string mailbox,
                                                        std::vector<std::string> receipts,
                                                        Deadline deadline) {
  return release_flags("ack", std::move(mailbox), std::move(receipts), deadline);
}

Task<Result<std::vector<bool>>> RedisStore::give_back(std::string mailbox,
                                                      std::vector<std::string> receipts,
                                                      Deadline deadline) {
  return release_flags("nack", std::move(mailbox), std::move(receipts), deadline);
}

Task<Result<std::vector<bool>>> RedisStore::take_back(std::string mailbox,
                                                      std::vector<std::string> ids,
                                                      Deadline deadline) {
  return release_flags("free", std::move(mailbox), std::move(ids), deadline);
}

Task<Result<Extended>> RedisStore::extend(std::string mailbox, std::vector<std::string> receipts,
                                          Milliseconds visibility, Deadline deadline) {
  if (auto wrong = check_visibility(visibility)) co_return std::move(*wrong);
  co_return co_await release("extend", std::move(mailbox), std::move(receipts), visibility,
                             deadline);
}

Task<Result<std::vector<bool>>> RedisStore::leased(std::string mailbox,
                                                   std::vector<std::string> receipts,
                                                   Deadline deadline) {
  return release_flags("look", std::move(mailbox), std::move(receipts), deadline);
}

Task<Result<std::optional<std::string>>> RedisStore::message(std::string mailbox, std::string id,
                                                             Deadline deadline) {
  const std::pair arguments{&mailbox, &id};
  const Encode encode = [this, &arguments](std::string& out, Sending sending) {
    begin(out, ScriptName::message, sending, 2).add(*arguments.first).add(*arguments.second);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  if (reply->is(Reply::Kind::array) && reply->elements.empty())
    co_return std::optional<std::string>{};
  if (reply->elements.size() != 2 || !are_integers(reply->elements, 1, 1))
    co_return unexpected_reply("message");
  const std::uint64_t sequence = count_of(reply->elements[1]);
  const std::string& json = reply->elements[0].text;
  co_return std::optional{sequence > 0 ? with_sequence(json, sequence) : json};
}

Task<Result<Redriven>> RedisStore::redrive(const RedriveRequest& request, Deadline deadline) {
  if (auto wrong = check(request)) co_return std::move(*wrong);
  const Encode encode = [this, &request](std::string& out, Sending sending) {
    auto writer = begin(out, ScriptName::redrive, sending, 5 + request.ids.size());
    writer.add(request.mailbox).add(request.max).add(request.mailbox_max);
    writer.add(sending.again ? "1" : "0").add(request.mailbox_bytes_max);
    for (const std::string& id : request.ids) writer.add(id);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  if (!are_integers(reply->elements, 0, 2)) co_return unexpected_reply("redrive");
  Redriven redriven;
  redriven.remaining = count_of(reply->elements[0]);
  redriven.full = reply->elements[1].integer == 1;
  for (std::size_t i = 2; i < reply->elements.size(); ++i) {
    redriven.moved.push_back(reply->elements[i].text);
  }
  co_return redriven;
}

Task<Result<Peeked>> RedisStore::peek(std::string mailbox, std::uint32_t max, Deadline deadline) {
  if (auto wrong = check_peek(max)) co_return std::move(*wrong);
  const std::pair arguments{&mailbox, max};
  const Encode encode = [this, &arguments](std::string& out, Sending sending) {
    begin(out, ScriptName::peek, sending, 3)
        .add(*arguments.first)
        .add(arguments.second)
        .add(peek_leases_max);
  };
  const auto reply = co_await run(encode, Repeat::yes, deadline);
  if (!reply) co_return reply.error();
  co_return read_peeked(*reply);
}

}  // namespace signalbox
