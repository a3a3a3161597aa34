#include "tests/sim/store/sim_spool.hpp"

namespace signalbox::sim {

void SimSpool::keep(const std::string& entry) {
  entries_.push_back(entry);
  link_.server.spool.kept(entry);
  if (on_entry) on_entry();
}

void SimSpool::sync(Pending& pending) {
  if (pending.over) return;
  pending.over = true;
  const bool full = link_.dice.percent(link_.weather.disk_full);
  if (!full && link_.defect != Defect::answer_before_sync) keep(pending.entry);
  if (full) link_.trace.saw("the disk is full");
  std::optional<Error> error;
  if (full) error = Error{Reason::store_unavailable, "no space left on device"};
  std::exchange(pending.done, {})(std::move(error));
}

void SimSpool::append(std::string entry, Done done) {
  auto pending = std::make_shared<Pending>(Pending{std::move(entry), std::move(done), false});
  std::erase_if(pending_, [](const auto& each) { return each.expired(); });
  pending_.push_back(pending);
  link_.schedule.after(link_.dice.milliseconds(0, link_.weather.slowest.count()),
                       [this, pending] { sync(*pending); });
}

std::optional<std::string> SimSpool::front() {
  if (entries_.empty()) return std::nullopt;
  return entries_.front();
}

void SimSpool::pop() {
  link_.server.spool.dropped(entries_.front());
  entries_.pop_front();
}

void SimSpool::set_aside(const std::string& entry) {
  link_.server.spool.set_aside(entry);
  entries_.pop_front();
}

void SimSpool::crash() {
  for (const auto& each : std::exchange(pending_, {})) {
    const auto pending = each.lock();
    if (!pending || pending->over) continue;
    pending->over = true;
    pending->done = {};
    if (!link_.dice.percent(50)) continue;
    link_.trace.saw("the disk has what nobody was told of");
    keep(pending->entry);
  }
  if (!entries_.empty()) link_.trace.saw("a gateway crashes with entries in its spool");
  if (link_.defect == Defect::forget_the_spool) entries_.clear();
}

}  // namespace signalbox::sim
