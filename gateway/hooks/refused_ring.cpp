#include "gateway/hooks/refused_ring.hpp"

#include <cassert>
#include <ranges>

namespace signalbox {
namespace {

std::size_t bytes_of(const RefusedDelivery& delivery) {
  std::size_t bytes = sizeof delivery + delivery.body.size() + delivery.delivery.size() +
                      delivery.error.detail.size() + delivery.peer.size();
  for (const auto& [name, value] : delivery.headers) bytes += name.size() + value.size();
  return bytes;
}

}  // namespace

void RefusedRing::keep(RefusedDelivery delivery, std::size_t most) {
  if (delivery.body.size() > refused_body_bytes_max) delivery.body = {};
  Entry entry = std::make_shared<const RefusedDelivery>(std::move(delivery));
  std::vector<Entry> left;  // destroyed without the lock
  const std::lock_guard lock{mutex_};
  bytes_ += bytes_of(*entry);
  entries_.push_back(std::move(entry));
  while (!entries_.empty() && (entries_.size() > most || bytes_ > refused_bytes_max)) {
    assert(bytes_ >= bytes_of(*entries_.front()));
    bytes_ -= bytes_of(*entries_.front());
    left.push_back(std::move(entries_.front()));
    entries_.pop_front();
  }
  assert(!entries_.empty() || bytes_ == 0);
}

std::vector<RefusedRing::Entry> RefusedRing::find(std::string_view delivery,
                                                  std::size_t max) const {
  std::vector<Entry> found;
  const std::lock_guard lock{mutex_};
  for (const Entry& entry : std::views::reverse(entries_)) {
    if (found.size() == max) break;
    if (delivery.empty() || entry->delivery == delivery) found.push_back(entry);
  }
  return found;
}

}  // namespace signalbox
