// The trail of what operators call, one record a call: who, from where, what, and how it ended.
// Records go to a file of JSON lines where one is configured, else into the log. Nothing of a
// token, a body or a message is in a record, and nothing that a caller wrote but was not found.
//
// The file is written by a thread of its own behind a bounded queue and synced after each batch, so
// a slow or full disk holds no call up: what cannot be written is lost, counted and shown. It is
// opened anew where it was moved away, so that logrotate works with and without `copytruncate`;
// beyond its size it is moved to `<file>.1`, which replaces the one before.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "event/clock.hpp"
#include "event/error.hpp"
#include "event/owned_fd.hpp"

namespace signalbox {

// Records that wait for the disk.
inline constexpr std::size_t audit_queue_max = 4096;
// Ids that a record names; how many more there were is a number.
inline constexpr std::size_t audit_ids_max = 16;

struct AuditRecord {
  Time time{};
  std::string_view principal;  // its name, never its token
  std::string_view role;
  std::string_view peer;           // who called, behind trusted proxies
  std::string route;               // "POST /v1/events/*/replay"; empty: no such call
  std::string parameters{};        // names of the query's, "agent,max"
  std::string space{};             // the namespace
  std::string mailbox{};           // that it was about
  std::vector<std::string> ids{};  // of the events and messages that were found
  bool dry_run = false;
  unsigned status = 0;
  std::string_view reason{};  // of a refusal
};

// One line, with its end.
std::string audit_line(const AuditRecord& record);

struct AuditOptions {
  std::string file;             // absolute; empty: the log
  std::uint64_t max_bytes = 0;  // of the file; 0: no limit

  bool operator==(const AuditOptions&) const = default;
};

// Thread-safe.
class AuditLog {
 public:
  struct Numbers {
    std::uint64_t written = 0;
    std::uint64_t lost = 0;
    std::string failure;  // of the last batch; empty when it was written
    std::string file;     // empty: the log
  };

  explicit AuditLog(std::size_t queue_most = audit_queue_max);
  // Writes what is queued.
  ~AuditLog();
  AuditLog(const AuditLog&) = delete;
  AuditLog& operator=(const AuditLog&) = delete;

  // From now on. An error, with the path and why, where the file cannot be opened; what was in use
  // stays then.
  Result<bool> use(AuditOptions options);

  void add(const AuditRecord& record);

  Numbers numbers() const;

 private:
  void run(const std::stop_token& stopping);
  void write(const std::vector<std::string>& lines);
  std::string write_lines(const std::vector<std::string>& lines, std::size_t& written);
  std::string make_ready(std::size_t more);

  const std::size_t queue_most_;
  mutable std::mutex mutex_;  // of what follows
  std::condition_variable_any wake_;
  AuditOptions options_;
  std::deque<std::string> queue_;
  Numbers numbers_;

  std::mutex file_mutex_;  // of what follows; taken before the other
  AuditOptions opened_;
  OwnedFd file_;
  bool torn_ = false;  // the file may end within a line
  std::jthread thread_;
};

}  // namespace signalbox
