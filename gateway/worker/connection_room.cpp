#include "gateway/worker/connection_room.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <limits>

namespace signalbox {

ConnectionRoom connection_room(ConnectionRoom wanted, std::size_t threads,
                               std::uint64_t descriptors) noexcept {
  const std::uint64_t own = own_descriptors + threads * thread_descriptors;
  const std::uint64_t room = std::max<std::uint64_t>(descriptors > own ? descriptors - own : 0, 2);
  if (std::uint64_t{wanted.hooks} + wanted.api <= room) return wanted;
  const std::uint64_t quarter = std::max<std::uint64_t>(room / 4, 1);
  const std::uint64_t left = room - std::min<std::uint64_t>(wanted.hooks, room - quarter);
  const auto api = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted.api, left));
  const auto hooks = static_cast<std::uint32_t>(std::min<std::uint64_t>(wanted.hooks, room - api));
  return {hooks, api};
}

std::uint64_t descriptor_limit() noexcept {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) {
    return std::numeric_limits<std::uint64_t>::max();
  }
  return limit.rlim_cur;
}

}  // namespace signalbox
