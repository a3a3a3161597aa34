#include "store/server/memory_share.hpp"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>

namespace signalbox {
namespace {

constexpr std::uint64_t unlimited = std::numeric_limits<std::uint64_t>::max();
constexpr std::string_view whole_tree = "0::";  // of version 2, in /proc/self/cgroup

// "max", and what is no number, is no limit.
std::uint64_t limit_in(const std::string& path) {
  std::ifstream file{path};
  std::string text;
  file >> text;
  std::uint64_t bytes = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), bytes);
  return failed == std::errc{} && end == text.data() + text.size() && bytes > 0 ? bytes : unlimited;
}

std::string own_group() {
  std::ifstream file{"/proc/self/cgroup"};
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with(whole_tree)) return line.substr(whole_tree.size());
  }
  return {};
}

}  // namespace

std::uint64_t control_group_bytes(const std::string& root, const std::string& group) {
  std::uint64_t least = unlimited;
  for (std::string path = group;; path.resize(path.rfind('/'))) {
    least = std::min(least, limit_in(root + path + "/memory.max"));
    if (path.rfind('/') == std::string::npos) break;
  }
  return least == unlimited ? 0 : least;
}

std::uint64_t usable_memory_bytes() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto page_bytes = ::sysconf(_SC_PAGESIZE);
  const std::uint64_t machine =
      pages > 0 && page_bytes > 0
          ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page_bytes)
          : 0;
  std::uint64_t group = control_group_bytes("/sys/fs/cgroup", own_group());
  if (group == 0) {
    const std::uint64_t first = limit_in("/sys/fs/cgroup/memory/memory.limit_in_bytes");
    if (first != unlimited) group = first;
  }
  if (group == 0 || machine == 0) return std::max(group, machine);
  return std::min(group, machine);
}

std::uint64_t redis_memory_bytes_max(std::uint64_t usable_bytes) noexcept {
  return usable_bytes == 0 ? 0 : std::max(redis_memory_bytes_least, usable_bytes / 2);
}

}  // namespace signalbox
