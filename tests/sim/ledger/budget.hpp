// The oracle of M4, a reader's budget of bytes: what must be acted on comes first, cut down where
// it does not fit, and the rest is counted, referred to, and not leased. Counts by itself what
// store/script/receive.lua and the API write.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "store/store.hpp"
#include "tests/sim/ledger/verdict.hpp"

namespace signalbox::sim {

// A message that could be given, the oldest of its work, as the books have it.
struct ReadyHead {
  std::string id;
  std::string kind;
  std::string work;
  std::size_t json_bytes = 0;
  std::map<std::string, std::uint64_t> kinds;  // of all messages of the work, itself included
};

// What a mailbox gave within a budget, out of these heads.
void check_budget(Verdict& verdict, const ReceiveRequest& request, const Received& received,
                  const std::vector<ReadyHead>& heads);

// The answer over HTTP.
void check_within_budget(Verdict& verdict, const std::string& answer, std::size_t budget);

// Where the messages that an answer cut down can be read whole: "/v1/messages/<id>".
std::vector<std::string> truncated_references(const std::string& answer);

}  // namespace signalbox::sim
