// Directories and files that are ours alone. Whoever prepared a directory, or may write into it,
// could have a gateway that runs as root empty or append to any file, by a link of a name that it
// uses; so neither is opened, nor followed. What is refused is store_unavailable with what to do.
// Thread-safe. Linux; the paths are for people where a descriptor says where.
#pragma once

#include <sys/stat.h>

#include <cstdint>
#include <optional>
#include <string>

#include "event/error.hpp"
#include "event/owned_fd.hpp"

namespace signalbox {

// Why a directory is not ours alone: it is a link or no directory, it belongs to another user, or
// others may write into it. `facts` are lstat's, `user` is who we are. Nothing where it is.
std::optional<std::string> why_not_own_directory(const struct stat& facts, uid_t user,
                                                 const std::string& path);

// Why a file is not to be used: it is no plain file, belongs to another user, or has a second name.
std::optional<std::string> why_not_own_file(const struct stat& facts, uid_t user,
                                            const std::string& path);

// Makes it (mode 0700) and its parents where they are missing. One that is there is looked at
// first, and then closed to others.
Result<OwnedFd> open_own_directory(const std::string& path);

// The same for one within a directory of ours, whose own mode keeps others out: `name` is made
// where it is missing.
Result<OwnedFd> open_own_directory(int parent, const char* name, const std::string& path);

// A plain file in a directory of ours, with mode 0600 where O_CREAT makes it.
Result<OwnedFd> open_own_file(int directory, const char* name, int flags, const std::string& path);

// What is left to us on the disk of a directory; where that is not told, as much as there could be.
std::uint64_t free_bytes(int directory);

// Whether programs that follow links may use what lies in the directory: none of it is a link, and
// all of it is the user's, or root's.
std::optional<Error> refuse_foreign_entries(int directory, uid_t user, const std::string& path);

}  // namespace signalbox
