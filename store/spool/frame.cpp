#include "store/spool/frame.hpp"

#include <boost/crc.hpp>

#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace signalbox {
namespace {

struct Head {
  std::uint32_t size = 0;
  std::uint32_t check = 0;
};
static_assert(sizeof(Head) == frame_head_bytes);

std::uint32_t check_of(std::string_view bytes) {
  boost::crc_32_type crc;
  crc.process_bytes(bytes.data(), bytes.size());
  return crc.checksum();
}

bool read_at(int file, char* into, std::uint64_t size, std::uint64_t at) {
  while (size > 0) {
    const ssize_t got = ::pread(file, into, size, static_cast<off_t>(at));
    if (got <= 0) return false;
    into += got;
    at += static_cast<std::uint64_t>(got);
    size -= static_cast<std::uint64_t>(got);
  }
  return true;
}

}  // namespace

std::string frame_of(const std::string& entry) {
  const Head head{static_cast<std::uint32_t>(entry.size()), check_of(entry)};
  std::string frame(frame_head_bytes, '\0');
  std::memcpy(frame.data(), &head, frame_head_bytes);
  return frame += entry;
}

std::optional<std::uint32_t> entry_bytes_at(int file, std::uint64_t at) {
  Head head;
  if (!read_at(file, reinterpret_cast<char*>(&head), frame_head_bytes, at)) return std::nullopt;
  return head.size;
}

std::optional<std::string> entry_at(int file, std::uint64_t at, std::uint64_t end) {
  Head head;
  if (at + frame_head_bytes > end ||
      !read_at(file, reinterpret_cast<char*>(&head), frame_head_bytes, at))
    return std::nullopt;
  if (head.size > end - at - frame_head_bytes) return std::nullopt;
  std::string entry(head.size, '\0');
  if (!read_at(file, entry.data(), head.size, at + frame_head_bytes)) return std::nullopt;
  if (check_of(entry) != head.check) return std::nullopt;
  return entry;
}

bool write_fully(int file, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(file, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

}  // namespace signalbox
