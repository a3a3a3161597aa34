#include "tests/sim/store/store_server.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "tests/sim/scenario.hpp"

namespace signalbox::sim {
namespace {

constexpr Milliseconds forgotten = std::chrono::seconds{40};
constexpr std::uint32_t look_most = 100;

std::string id_of(const std::string& receipt) { return receipt.substr(0, receipt.rfind('.')); }

// As it would be if the message were told apart by its body, or cited nothing.
void spoil(Commit& commit, Defect defect) {
  const bool is_event = !commit.record.event.starts_with("s_");
  if (defect == Defect::lose_an_append && is_event && !commit.appends.empty()) {
    commit.appends.pop_back();
  }
  if (defect == Defect::final_no_match) commit.record.outcome = Outcome::accepted;
  if (defect == Defect::hide_the_body) commit.record.body.clear();
  if (defect == Defect::forget_bodies) {
    std::erase_if(commit.seen, [](const Seen& seen) { return seen.family.starts_with("digest:"); });
  }
  if (defect == Defect::ignore_groups) {
    for (Append& append : commit.appends) append.group.clear();
  }
}

}  // namespace

StoreServer::StoreServer(const SimulatedTime& time, Verdict& verdict, Defect defect)
    : clock{time},
      mailboxes{
          verdict, clock,
          [this](const std::string& name) { return look_into(space_of_mailbox(name), name); }},
      events{verdict, clock, mailboxes,
             [this](const std::string& space, const std::string& id) {
               return *run(store(space).event(id, Deadline{}));
             }},
      spool{verdict},
      verdict_{verdict},
      defect_{defect} {
  for (const std::string_view space : space_names) {
    stores_.emplace(space, std::make_unique<FakeStore>(clock));
  }
}

Peeked StoreServer::look_into(std::string_view space, const std::string& mailbox) {
  return *run(store(space).peek(mailbox, look_most, Deadline{}));
}

void StoreServer::check_space(const std::string& space, const std::string& mailbox) {
  verdict_.expect(space_of_mailbox(mailbox) == space, "namespaces",
                  fmt::format("the mailbox {} is used in namespace {}", mailbox, space));
}

void StoreServer::audit() {
  events.audit();
  mailboxes.audit();
  for (const std::string_view space : space_names) {
    for (const PartyName& agent : agent_names) {
      if (agent.space == space) continue;
      const std::string name{agent.name};
      const bool empty = look_into(space, name).messages.empty() &&
                         look_into(space, "dead:" + name).messages.empty();
      verdict_.expect(empty, "namespaces", fmt::format("{} has messages in {}", name, space));
    }
  }
}

Result<CommitResult> StoreServer::commit(const std::string& space, Commit commit) {
  const Commit wanted = commit;
  spoil(commit, defect_);
  for (const Append& append : commit.appends) check_space(space, append.mailbox);
  auto result = run(store(space).commit(commit, Deadline{}));
  if (!result) return result;
  // The books are kept of what the gateway asked for, but for what it can see only in the store.
  events.committed(space, defect_ == Defect::lose_an_append ? commit : wanted, *result);
  spool.committed(space, wanted, *result);
  if (result->status == CommitStatus::committed && on_wake) {
    for (const Append& append : commit.appends) on_wake(append.mailbox);
  }
  remember_state();
  return result;
}

Result<Received> StoreServer::receive(const std::string& space, ReceiveRequest request) {
  check_space(space, request.mailbox);
  const ReceiveRequest wanted = request;
  if (defect_ == Defect::never_bury) request.max_deliveries = 0;
  if (defect_ == Defect::ignore_budget && request.max_bytes > 0) request.max_bytes *= 4;
  if (defect_ == Defect::forget_leases) request.visibility = Milliseconds{1};
  auto received = run(store(space).receive(request, Deadline{}));
  if (received) mailboxes.received(wanted, *received);
  remember_state();
  return received;
}

Result<std::vector<bool>> StoreServer::release(const std::string& space, ReceiptUse use,
                                               const std::string& mailbox,
                                               std::vector<std::string> receipts,
                                               Milliseconds visibility, bool again) {
  check_space(space, mailbox);
  const std::vector<std::string> wanted = receipts;
  if (defect_ == Defect::ignore_receipts) {
    // The newest lease of the message, whoever has it.
    for (std::string& receipt : receipts) {
      receipt = mailboxes.receipt_of(mailbox, id_of(receipt)).value_or(receipt);
    }
  }
  auto done = [&] {
    switch (use) {
      case ReceiptUse::acknowledge:
        return run(store(space).acknowledge(mailbox, receipts, Deadline{}));
      case ReceiptUse::give_back:
        return run(store(space).give_back(mailbox, receipts, Deadline{}));
      case ReceiptUse::extend:
        break;
    }
    auto extended = run(store(space).extend(mailbox, receipts, visibility, Deadline{}));
    if (!extended) return Result<std::vector<bool>>{extended.error()};
    return Result<std::vector<bool>>{std::move(extended->held)};
  }();
  if (!done) return done;
  mailboxes.released(use, mailbox, wanted, *done, visibility);
  if (use != ReceiptUse::extend && on_wake) on_wake(mailbox);
  // As release.lua has it: a message that is gone is what the first try has done.
  for (std::size_t i = 0; again && use == ReceiptUse::acknowledge && i < receipts.size(); ++i) {
    if (!(*done)[i] && !mailboxes.holds(mailbox, id_of(receipts[i]))) (*done)[i] = true;
  }
  remember_state();
  return done;
}

Result<Redriven> StoreServer::redrive(const std::string& space, const RedriveRequest& request,
                                      bool again) {
  check_space(space, request.mailbox);
  RedriveRequest asked = request;
  if (defect_ == Defect::redrive_anything) asked.ids.clear();
  auto redriven = run(store(space).redrive(asked, Deadline{}));
  if (!redriven) return redriven;
  mailboxes.redriven(request, *redriven);
  if (!redriven->moved.empty() && on_wake) on_wake(request.mailbox);
  // As redrive.lua has it: what is in the mailbox is what the first try has moved.
  for (const std::string& id : request.ids) {
    const bool told =
        std::find(redriven->moved.begin(), redriven->moved.end(), id) != redriven->moved.end();
    if (!again || told || !mailboxes.holds(request.mailbox, id)) continue;
    if (!mailboxes.holds("dead:" + request.mailbox, id)) redriven->moved.push_back(id);
  }
  remember_state();
  return redriven;
}

void StoreServer::remember_state() {
  if (defect_ != Defect::forget_last_writes) return;
  const Milliseconds now = clock.time.elapsed();
  Stores copies;
  for (const auto& [space, store] : stores_) {
    copies.emplace(space, std::make_unique<FakeStore>(*store));
  }
  old_.emplace_back(now, std::move(copies));
  while (old_.size() > 1 && old_[1].first + forgotten < now) old_.pop_front();
}

void StoreServer::restart() {
  if (old_.empty()) return;
  stores_ = std::move(old_.front().second);
  old_.clear();
}

}  // namespace signalbox::sim
