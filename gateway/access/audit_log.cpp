#include "gateway/access/audit_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <span>
#include <system_error>

#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

std::string because(const std::string& path, int error_number) {
  return fmt::format("{}: {}", path, std::generic_category().message(error_number));
}

// A link in its place is not followed: whoever may write into the directory would choose the file.
OwnedFd open_for_appending(const std::string& path) {
  return OwnedFd{::open(path.c_str(),
                        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600)};
}

// Its directory may be one that only others make, as data_dir is with a Redis elsewhere.
void make_directory_of(const std::string& path) {
  ::mkdir(std::filesystem::path{path}.parent_path().c_str(), 0700);  // the open says what is wrong
}

// What was written, of what was to be.
std::size_t write_some(int descriptor, std::string_view bytes, int& failed) {
  std::size_t written = 0;
  while (written < bytes.size()) {
    const ssize_t count = ::write(descriptor, bytes.data() + written, bytes.size() - written);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      failed = count < 0 ? errno : ENOSPC;
      return written;
    }
    written += static_cast<std::size_t>(count);
  }
  return written;
}

void log_record(const AuditRecord& record) {
  std::string ids;
  for (std::size_t i = 0; i < std::min(record.ids.size(), audit_ids_max); ++i) {
    ids.append(ids.empty() ? "" : ",").append(record.ids[i]);
  }
  log_line(Severity::info, "audit",
           {{"principal", record.principal},
            {"role", record.role},
            {"call", record.route},
            {"query", record.parameters},
            {"namespace", record.space},
            {"mailbox", record.mailbox},
            {"ids", ids},
            {"dry_run", record.dry_run ? "true" : ""},
            {"status", std::to_string(record.status)},
            {"reason", record.reason},
            {"peer", record.peer}});
}

}  // namespace

std::string audit_line(const AuditRecord& record) {
  std::string line;
  JsonObject object{line};
  object.time("time", record.time).text("principal", record.principal).text("role", record.role);
  object.text("peer", record.peer);
  const auto add = [&](std::string_view key, std::string_view text) {
    if (!text.empty()) object.text(key, text);
  };
  add("call", record.route);
  add("query", record.parameters);
  add("namespace", record.space);
  add("mailbox", record.mailbox);
  if (!record.ids.empty()) {
    const std::size_t shown = std::min(record.ids.size(), audit_ids_max);
    object.raw("ids", json_list(std::span{record.ids}.first(shown)));
    if (shown < record.ids.size()) object.number("more_ids", record.ids.size() - shown);
  }
  if (record.dry_run) object.boolean("dry_run", true);
  object.number("status", record.status);
  add("reason", record.reason);
  object.close();
  return line += '\n';
}

AuditLog::AuditLog(std::size_t queue_most)
    : queue_most_{queue_most}, thread_{[this](const std::stop_token& stopping) {
        run(stopping);
      }} {}

AuditLog::~AuditLog() {
  thread_.request_stop();
  wake_.notify_all();
  thread_.join();
}

Result<bool> AuditLog::use(AuditOptions options) {
  const std::lock_guard file_lock{file_mutex_};
  if (options.file != opened_.file) {
    OwnedFd file;
    if (!options.file.empty()) {
      make_directory_of(options.file);
      file = open_for_appending(options.file);
      if (!file) return Error{Reason::invalid_argument, because(options.file, errno)};
    }
    file_ = std::move(file);
    torn_ = false;
  }
  opened_ = options;
  const std::lock_guard lock{mutex_};
  numbers_.file = options.file;
  numbers_.failure.clear();
  options_ = std::move(options);
  return true;
}

void AuditLog::add(const AuditRecord& record) {
  {
    const std::lock_guard lock{mutex_};
    if (!options_.file.empty()) {
      if (queue_.size() >= queue_most_) {
        ++numbers_.lost;
        numbers_.failure = options_.file + ": its disk does not keep up";
      } else {
        queue_.push_back(audit_line(record));
        wake_.notify_one();
      }
      return;
    }
    ++numbers_.written;
  }
  log_record(record);
}

AuditLog::Numbers AuditLog::numbers() const {
  const std::lock_guard lock{mutex_};
  return numbers_;
}

void AuditLog::run(const std::stop_token& stopping) {
  while (true) {
    std::vector<std::string> lines;
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, stopping, [this] { return !queue_.empty(); });
      if (queue_.empty()) return;
      lines.assign(std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
      queue_.clear();
    }
    write(lines);
  }
}

void AuditLog::write(const std::vector<std::string>& lines) {
  const std::lock_guard file_lock{file_mutex_};
  std::size_t written = 0;
  const std::string failure = write_lines(lines, written);
  const std::lock_guard lock{mutex_};
  if (failure != numbers_.failure && !failure.empty()) {
    log_line(Severity::error, "audit records are lost", {{"detail", failure}});
  }
  numbers_.failure = failure;
  numbers_.written += written;
  numbers_.lost += lines.size() - written;
}

// Why not all were written, or not synced; empty where they were.
std::string AuditLog::write_lines(const std::vector<std::string>& lines, std::size_t& written) {
  if (opened_.file.empty()) {  // a reload has taken the file away meanwhile
    return "the file of these records is no longer configured";
  }
  for (const std::string& line : lines) {
    if (const std::string failure = make_ready(line.size()); !failure.empty()) return failure;
    const std::string text = torn_ ? "\n" + line : line;
    int failed = 0;
    const std::size_t count = write_some(file_.get(), text, failed);
    torn_ = count == text.size() ? false : torn_ || count > 0;
    if (failed != 0) return because(opened_.file, failed);
    ++written;
  }
  if (::fdatasync(file_.get()) != 0) return because(opened_.file, errno);
  return {};
}

// The file is there, under its name, and has room for a line.
std::string AuditLog::make_ready(std::size_t more) {
  struct stat open_now {};
  struct stat named {};
  const bool there = ::lstat(opened_.file.c_str(), &named) == 0;
  if (file_ && ::fstat(file_.get(), &open_now) != 0) return because(opened_.file, errno);
  bool same = file_ && there && open_now.st_dev == named.st_dev && open_now.st_ino == named.st_ino;
  if (same && opened_.max_bytes > 0 && open_now.st_size > 0 &&
      static_cast<std::uint64_t>(open_now.st_size) + more > opened_.max_bytes) {
    const std::string older = opened_.file + ".1";
    if (::rename(opened_.file.c_str(), older.c_str()) != 0) return because(older, errno);
    same = false;
  }
  if (same) return {};
  file_ = open_for_appending(opened_.file);
  torn_ = false;
  return file_ ? std::string{} : because(opened_.file, errno);
}

}  // namespace signalbox
