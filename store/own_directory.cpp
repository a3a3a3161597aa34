#include "store/own_directory.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <limits>
#include <memory>
#include <string_view>
#include <system_error>

namespace signalbox {
namespace {

constexpr mode_t own_directory_mode = 0700;
constexpr mode_t own_file_mode = 0600;
constexpr mode_t others_write = S_IWGRP | S_IWOTH;

Error refused(std::string why) { return Error{Reason::store_unavailable, std::move(why)}; }

Error failed(const std::string& path) {
  return refused(path + ": " + std::generic_category().message(errno));
}

std::string belongs_to_another(const std::string& path, uid_t owner, uid_t user) {
  return path + " belongs to user " + std::to_string(owner) + ", and the gateway runs as user " +
         std::to_string(user);
}

std::string octal(mode_t mode) {
  char text[8];
  std::snprintf(text, sizeof text, "%04o", static_cast<unsigned>(mode & 07777U));
  return text;
}

// A link, a file of another kind, or another user's.
std::optional<std::string> why_not_a_directory_of_ours(const struct stat& facts, uid_t user,
                                                       const std::string& path) {
  if (S_ISLNK(facts.st_mode)) {
    return path +
           " is a symbolic link, which is not followed: name the directory itself, or put it there";
  }
  if (!S_ISDIR(facts.st_mode)) return path + " is no directory: move it away";
  if (facts.st_uid != user) {
    return belongs_to_another(path, facts.st_uid, user) +
           ": choose a directory of its own, or chown -R it once you know what lies in it";
  }
  return std::nullopt;
}

// What is opened is what was looked at: by its descriptor.
Result<OwnedFd> open_directory(int parent, const std::string& name, const std::string& path) {
  OwnedFd opened{::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (opened) return opened;
  const int why = errno;
  struct stat facts {};
  if (::fstatat(parent, name.c_str(), &facts, AT_SYMLINK_NOFOLLOW) == 0) {
    if (auto wrong = why_not_a_directory_of_ours(facts, ::geteuid(), path))
      return refused(std::move(*wrong));
  }
  errno = why;
  return failed(path);
}

}  // namespace

std::optional<std::string> why_not_own_directory(const struct stat& facts, uid_t user,
                                                 const std::string& path) {
  if (auto wrong = why_not_a_directory_of_ours(facts, user, path)) return wrong;
  if ((facts.st_mode & others_write) == 0) return std::nullopt;
  return path + " (mode " + octal(facts.st_mode) +
         ") may be written by other users: see what they left in it, then chmod 0700 it";
}

std::optional<std::string> why_not_own_file(const struct stat& facts, uid_t user,
                                            const std::string& path) {
  if (S_ISLNK(facts.st_mode))
    return path + " is a symbolic link, which is not followed: see where it leads, and remove it";
  if (!S_ISREG(facts.st_mode)) return path + " is no plain file: move it away";
  if (facts.st_uid != user) return belongs_to_another(path, facts.st_uid, user);
  if (facts.st_nlink > 1)
    return path + " is another name of a file elsewhere: remove it, and the other stays as it is";
  return std::nullopt;
}

Result<OwnedFd> open_own_directory(const std::string& named) {
  // With a slash at its end a link would be followed.
  std::string path = named;
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const std::filesystem::path above = std::filesystem::path{path}.parent_path();
  std::error_code unmade;  // mkdir says it, with the whole path
  if (!above.empty()) std::filesystem::create_directories(above, unmade);
  if (::mkdir(path.c_str(), own_directory_mode) != 0 && errno != EEXIST) return failed(path);
  auto opened = open_directory(AT_FDCWD, path, path);
  if (!opened) return opened;
  struct stat facts {};
  if (::fstat(opened->get(), &facts) != 0) return failed(path);
  if (auto wrong = why_not_own_directory(facts, ::geteuid(), path))
    return refused(std::move(*wrong));
  if (::fchmod(opened->get(), own_directory_mode) != 0) return failed(path);
  return opened;
}

Result<OwnedFd> open_own_directory(int parent, const char* name, const std::string& path) {
  if (::mkdirat(parent, name, own_directory_mode) != 0 && errno != EEXIST) return failed(path);
  auto opened = open_directory(parent, name, path);
  if (!opened) return opened;
  struct stat facts {};
  if (::fstat(opened->get(), &facts) != 0) return failed(path);
  if (auto wrong = why_not_a_directory_of_ours(facts, ::geteuid(), path))
    return refused(std::move(*wrong));
  if (::fchmod(opened->get(), own_directory_mode) != 0) return failed(path);
  return opened;
}

Result<OwnedFd> open_own_file(int directory, const char* name, int flags, const std::string& path) {
  // A pipe of that name would keep the caller waiting.
  OwnedFd file{::openat(directory, name, flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC,
                        own_file_mode)};
  const int why = errno;
  struct stat facts {};
  const bool known = file ? ::fstat(file.get(), &facts) == 0
                          : ::fstatat(directory, name, &facts, AT_SYMLINK_NOFOLLOW) == 0;
  if (known) {
    if (auto wrong = why_not_own_file(facts, ::geteuid(), path)) return refused(std::move(*wrong));
  }
  if (!file || !known) {
    errno = file ? errno : why;
    return failed(path);
  }
  return file;
}

std::uint64_t free_bytes(int directory) {
  struct statvfs disk {};
  if (::fstatvfs(directory, &disk) != 0) return std::numeric_limits<std::uint64_t>::max();
  return std::uint64_t{disk.f_bavail} * disk.f_frsize;
}

std::optional<Error> refuse_foreign_entries(int directory, uid_t user, const std::string& path) {
  const int copy = ::openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (copy < 0) return failed(path);
  const auto close = [](DIR* opened) { ::closedir(opened); };
  const std::unique_ptr<DIR, decltype(close)> entries{::fdopendir(copy), close};
  if (!entries) return failed(path);
  while (const dirent* entry = ::readdir(entries.get())) {
    const std::string_view name{entry->d_name};
    if (name == "." || name == "..") continue;
    const std::string shown = path + "/" + std::string{name};
    struct stat facts {};
    if (::fstatat(directory, entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
      if (errno == ENOENT) continue;  // gone meanwhile, as temporary files are
      return failed(shown);
    }
    if (S_ISLNK(facts.st_mode)) {
      return refused(shown +
                     " is a symbolic link, which a data directory must not hold: see where "
                     "it leads, and put what it stands for in its place");
    }
    if (facts.st_uid != user && facts.st_uid != 0)
      return refused(belongs_to_another(shown, facts.st_uid, user) + ": move it away");
  }
  return std::nullopt;
}

}  // namespace signalbox
