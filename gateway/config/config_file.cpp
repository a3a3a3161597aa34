#include "gateway/config/config_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "event/owned_fd.hpp"

namespace signalbox {
namespace {

Error failed(const std::string& path, int error_number) {
  const Reason reason = error_number == ENOENT ? Reason::not_found : Reason::invalid_argument;
  return Error{reason, fmt::format("{}: {}", path, std::generic_category().message(error_number))};
}

Result<std::string> read_all(int descriptor, const std::string& name, std::size_t bytes_max) {
  std::string content;
  char piece[16 * 1024];
  while (true) {
    const ssize_t count = ::read(descriptor, piece, sizeof piece);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return failed(name, errno);
    if (count == 0) return content;
    content.append(piece, static_cast<std::size_t>(count));
    if (content.size() > bytes_max) {
      return Error{Reason::invalid_argument,
                   fmt::format("{}: larger than {} bytes", name, bytes_max)};
    }
  }
}

Result<std::string> read_path(const std::string& path, std::size_t bytes_max, bool regular_only) {
  // Without O_NONBLOCK the open of a FIFO that nobody writes to would wait for ever.
  const OwnedFd file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | (regular_only ? O_NONBLOCK : 0))};
  if (file.get() < 0) return failed(path, errno);
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) return failed(path, errno);
  if (S_ISDIR(status.st_mode)) return failed(path, EISDIR);
  if (regular_only && !S_ISREG(status.st_mode)) {
    return Error{Reason::invalid_argument, fmt::format("{}: not a regular file", path)};
  }
  return read_all(file.get(), path, bytes_max);
}

}  // namespace

Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max) {
  return read_path(path, bytes_max, true);
}

Result<std::string> read_stream_file(const std::string& path, std::size_t bytes_max) {
  return read_path(path, bytes_max, false);
}

Result<std::string> read_standard_input(std::size_t bytes_max) {
  return read_all(STDIN_FILENO, "standard input", bytes_max);
}

bool is_world_readable(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & S_IROTH) != 0;
}

bool is_writable_by_others(const std::string& path) noexcept {
  struct stat status {};
  return ::stat(path.c_str(), &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0;
}

}  // namespace signalbox
