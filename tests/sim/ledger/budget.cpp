#include "tests/sim/ledger/budget.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace signalbox::sim {
namespace {

namespace json = boost::json;

using Counts = std::map<std::string, std::uint64_t>;

// What somebody has to do something about (M4 in docs/ARCHITECTURE.md).
bool acts(const std::string& kind) {
  const std::vector<std::string> kinds{"assign", "help", "handoff", "decision", "control"};
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

const LeasedMessage* given(const Received& received, const std::string& id) {
  for (const LeasedMessage& message : received.messages) {
    if (message.receipt.substr(0, message.receipt.rfind('.')) == id) return &message;
  }
  return nullptr;
}

Counts counts_of(const std::vector<Tally>& tallies) {
  Counts counts;
  for (const Tally& tally : tallies) counts[tally.name] += tally.count;
  return counts;
}

std::string listed(const Counts& counts) {
  std::string text;
  for (const auto& [name, count] : counts) text += fmt::format(" {}:{}", name, count);
  return text;
}

// What was given, by who comes first.
struct Given {
  std::uint64_t bytes = answer_envelope_bytes;
  std::uint64_t acting_bytes = answer_envelope_bytes;
  std::size_t acting = 0;
};

Given add_up(Verdict& verdict, const Received& received, const std::vector<ReadyHead>& heads) {
  Given sum;
  for (const ReadyHead& head : heads) {
    const LeasedMessage* message = given(received, head.id);
    if (message == nullptr) continue;
    const std::uint64_t whole = answer_entry_bytes + head.id.size() + head.json_bytes;
    const std::uint64_t bytes = message->truncated ? answer_truncated_bytes : whole;
    sum.bytes += bytes;
    if (acts(head.kind)) {
      ++sum.acting;
      sum.acting_bytes += bytes;
    }
    if (!message->truncated) continue;
    verdict.saw("a message is truncated");
    verdict.expect(acts(head.kind) || received.messages.size() == 1, "M4",
                   head.id + " need not be acted on, and was cut down instead of left");
  }
  return sum;
}

}  // namespace

void check_budget(Verdict& verdict, const ReceiveRequest& request, const Received& received,
                  const std::vector<ReadyHead>& heads) {
  const Given sum = add_up(verdict, received, heads);
  verdict.expect(sum.bytes <= request.max_bytes, "M4",
                 fmt::format("{} bytes were given of {}", sum.bytes, request.max_bytes));
  verdict.expect(!received.messages.empty() || heads.empty(), "M4",
                 request.mailbox + " gives nothing, and has something");
  const bool room =
      sum.acting < request.max && sum.acting_bytes + answer_truncated_bytes <= request.max_bytes;
  Counts kinds;
  Counts works;
  for (const ReadyHead& head : heads) {
    const bool here = given(received, head.id) != nullptr;
    if (!here) {
      verdict.saw("a message is left for its bytes");
      verdict.expect(!room || !acts(head.kind), "M4",
                     head.id + " must be acted on, and was left behind");
    }
    for (const auto& [kind, count] : head.kinds) {
      const std::uint64_t left = count - (here && kind == head.kind ? 1 : 0);
      if (left == 0) continue;
      kinds[kind] += left;
      if (head.work.starts_with("w_")) works[head.work] += left;
    }
  }
  verdict.expect(counts_of(received.left_by_kind) == kinds, "M4",
                 fmt::format("what is left is counted as{}, and is{}",
                             listed(counts_of(received.left_by_kind)), listed(kinds)));
  verdict.expect(counts_of(received.left_by_work) == works, "M4",
                 fmt::format("works are left as{}, and are{}",
                             listed(counts_of(received.left_by_work)), listed(works)));
}

void check_within_budget(Verdict& verdict, const std::string& answer, std::size_t budget) {
  verdict.expect(answer.size() <= budget, "M4",
                 fmt::format("an answer has {} bytes of {}", answer.size(), budget));
  const auto value = json::parse(answer);
  const auto& object = value.get_object();
  const std::int64_t remaining = object.at("remaining").get_int64();
  const auto* digest = object.if_contains("digest");
  verdict.expect((digest != nullptr) == (remaining > 0), "M4", "what is left is not told of");
  if (digest == nullptr) return;
  verdict.expect(digest->get_object().at("count").get_int64() == remaining, "M4",
                 "what is left is told of with another count");
  verdict.expect(digest->get_object().contains("reference"), "M4",
                 "what is left is told of without a reference");
}

std::vector<std::string> truncated_references(const std::string& answer) {
  std::vector<std::string> references;
  const auto value = json::parse(answer);
  for (const json::value& each : value.get_object().at("messages").get_array()) {
    const auto& message = each.get_object();
    if (!message.contains("truncated")) continue;
    references.emplace_back(std::string_view{message.at("reference").get_string()});
  }
  return references;
}

}  // namespace signalbox::sim
