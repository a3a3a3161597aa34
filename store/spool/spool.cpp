#include "store/spool/spool.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <system_error>

#include "store/own_directory.hpp"
#include "store/spool/frame.hpp"

namespace signalbox {
namespace {

constexpr const char* suffix = ".spool";
constexpr std::size_t trial_bytes = 64 * 1024;

Error spool_error(const std::string& what) {
  return Error{Reason::store_unavailable,
               "spool: " + what + ": " + std::generic_category().message(errno)};
}

std::string name_of(std::uint64_t number) {
  std::string digits = std::to_string(number);
  digits.insert(0, 12 - std::min<std::size_t>(12, digits.size()), '0');
  return digits + suffix;
}

}  // namespace

Spool::Spool(std::string directory, OwnedFd opened, std::uint64_t bytes_max, Sizes sizes)
    : directory_{std::move(directory)},
      bytes_max_{bytes_max},
      sizes_{sizes},
      directory_file_{std::move(opened)} {}

Result<std::unique_ptr<Spool>> Spool::open(std::string directory, std::uint64_t bytes_max) {
  return open(std::move(directory), bytes_max, Sizes{});
}

Result<std::unique_ptr<Spool>> Spool::open(std::string directory, std::uint64_t bytes_max,
                                           Sizes sizes) {
  auto opened = open_own_directory(directory);
  if (!opened) return opened.error();
  std::unique_ptr<Spool> spool{
      new Spool{std::move(directory), std::move(*opened), bytes_max, sizes}};
  if (const auto error = spool->recover()) return *error;
  spool->failure_ = spool->try_disk();
  spool->look_at_disk();
  spool->writer_ = std::thread([&it = *spool] { it.write(); });
  return spool;
}

void Spool::close() {
  {
    const std::lock_guard hold{mutex_};
    ending_ = true;
  }
  wake_.notify_one();
  if (writer_.joinable()) writer_.join();
}

Spool::~Spool() { close(); }

std::string Spool::path_of(const std::string& name) const { return directory_ + "/" + name; }

Result<OwnedFd> Spool::open_file(const std::string& name, int flags) const {
  return open_own_file(directory_file_.get(), name.c_str(), flags, path_of(name));
}

std::optional<Error> Spool::recover() {
  if (auto foreign = refuse_foreign_entries(directory_file_.get(), ::geteuid(), directory_))
    return foreign;
  auto lock = open_file("lock", O_RDWR | O_CREAT);
  if (!lock) return lock.error();
  lock_ = std::move(*lock);
  // The directory too, since nobody can remove that while it is in use.
  if (::flock(lock_.get(), LOCK_EX | LOCK_NB) != 0 ||
      (::flock(directory_file_.get(), LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK))
    return spool_error(directory_ + " is in use");
  std::vector<std::uint64_t> numbers;
  for (const auto& file : std::filesystem::directory_iterator{directory_}) {
    const std::string name = file.path().filename().string();
    if (!name.ends_with(suffix)) continue;
    std::uint64_t number = 0;
    if (std::from_chars(name.data(), name.data() + name.size(), number).ec == std::errc{})
      numbers.push_back(number);
  }
  std::sort(numbers.begin(), numbers.end());
  for (const std::uint64_t number : numbers) {
    if (auto error = recover_file(number)) return error;
  }
  return std::nullopt;
}

std::optional<Error> Spool::recover_file(std::uint64_t number) {
  next_number_ = number + 1;
  const std::string path = path_of(name_of(number));
  auto file = open_file(name_of(number), O_RDWR);
  if (!file) return file.error();
  Segment segment{number, std::move(*file), 0, 0};
  struct stat found {};
  if (::fstat(segment.file.get(), &found) != 0) return spool_error(path);
  const auto size = static_cast<std::uint64_t>(found.st_size);
  while (const auto entry = entry_at(segment.file.get(), segment.synced, size)) {
    segment.synced += frame_head_bytes + entry->size();
    ++numbers_.entries;
    numbers_.bytes += frame_head_bytes + entry->size();
  }
  // The torn tail of an append that nobody was told to be done.
  if (segment.synced < size &&
      (::ftruncate(segment.file.get(), static_cast<off_t>(segment.synced)) != 0 ||
       ::fsync(segment.file.get()) != 0)) {
    return spool_error(path);
  }
  segments_.push_back(std::move(segment));
  return std::nullopt;
}

void Spool::append(std::string entry, Done done) {
  std::string frame = frame_of(entry);
  {
    const std::lock_guard hold{mutex_};
    const bool fits = entry.size() <= sizes_.entry_bytes_max && !ending_ &&
                      numbers_.bytes + frame.size() <= bytes_max_;
    if (fits) {
      numbers_.bytes += frame.size();
      queue_.push_back(Append{std::move(frame), std::move(done)});
    } else {
      ++numbers_.refused;
    }
    if (fits) done = nullptr;
  }
  if (done) return done(Error{Reason::store_unavailable, "the spool is full"});
  wake_.notify_one();
}

// The writer's thread: whatever has gathered is written and synced together.
void Spool::write() {
  std::unique_lock hold{mutex_};
  while (true) {
    const bool called =
        wake_.wait_for(hold, look_interval, [this] { return ending_ || !queue_.empty(); });
    if (!called) {
      const bool failing = !failure_.empty();
      hold.unlock();
      const std::string failure = failing ? try_disk() : std::string{};
      look_at_disk();
      hold.lock();
      failure_ = failure;
      continue;
    }
    if (queue_.empty()) return;
    const std::vector<Append> batch = std::exchange(queue_, {});
    writing_ = true;
    hold.unlock();
    const std::optional<Error> error = write_all(batch);
    hold.lock();
    writing_ = false;
    failure_ = error ? error->detail : std::string{};
    count_written(batch, !error);
    hold.unlock();
    for (const Append& each : batch) each.done(error);
    hold.lock();
  }
}

// Requires the mutex.
void Spool::count_written(const std::vector<Append>& batch, bool good) {
  for (const Append& each : batch) {
    assert(numbers_.bytes >= each.frame.size());  // append() has reserved them
    if (good) segments_.back().synced += each.frame.size();
    if (!good) numbers_.bytes -= each.frame.size();
  }
  (good ? numbers_.appended : numbers_.refused) += batch.size();
  if (good) numbers_.entries += batch.size();
}

std::optional<Error> Spool::begin_segment() {
  auto file = open_file(name_of(next_number_), O_RDWR | O_CREAT | O_EXCL);
  if (!file) return file.error();
  if (::fsync(directory_file_.get()) != 0) return spool_error(directory_);
  const std::lock_guard hold{mutex_};
  segments_.push_back(Segment{next_number_++, std::move(*file), 0, 0});
  open_ = true;
  return std::nullopt;
}

// Only the writer changes which segment is the last one while writing_ is set.
std::optional<Error> Spool::write_all(const std::vector<Append>& batch) {
  bool fresh = false;
  {
    const std::lock_guard hold{mutex_};
    fresh = !open_ || segments_.back().synced >= sizes_.segment_bytes;
  }
  if (fresh) {
    if (auto error = begin_segment()) return error;
  }
  int file = -1;
  off_t synced = 0;
  {
    const std::lock_guard hold{mutex_};
    file = segments_.back().file.get();
    synced = static_cast<off_t>(segments_.back().synced);
  }
  bool good = ::lseek(file, synced, SEEK_SET) >= 0;
  for (const Append& each : batch) good = good && write_fully(file, each.frame);
  if (good && ::fdatasync(file) == 0) return std::nullopt;
  // What is half there must not come back: the senders are told that it was refused. A file that
  // cannot even be cut is written to no more, and its end is no whole frame.
  Error error = spool_error("writing " + directory_);
  if (::ftruncate(file, synced) != 0) {
    const std::lock_guard hold{mutex_};
    open_ = false;
  }
  return error;
}

// Why the disk takes nothing, as a file without a name shows it, which leaves nothing behind; empty
// where it does.
std::string Spool::try_disk() const {
  const OwnedFd file{::openat(directory_file_.get(), ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)};
  const bool unsupported =
      !file && (errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL || errno == ENOENT);
  if (unsupported) return {};
  if (file && write_fully(file.get(), std::string(trial_bytes, 'x')) &&
      ::fdatasync(file.get()) == 0)
    return {};
  return spool_error("writing " + directory_).detail;
}

void Spool::look_at_disk() {
  const bool full = free_bytes(directory_file_.get()) < sizes_.free_bytes_least;
  const std::lock_guard hold{mutex_};
  disk_full_ = full;
}

std::optional<std::string> Spool::front() {
  const std::lock_guard hold{mutex_};
  while (!segments_.empty()) {
    const Segment& first = segments_.front();
    if (first.read < first.synced) return entry_at(first.file.get(), first.read, first.synced);
    const bool written_to = open_ && segments_.size() == 1;
    if (written_to && (writing_ || first.synced == 0)) return std::nullopt;
    if (written_to) open_ = false;
    ::unlinkat(directory_file_.get(), name_of(first.number).c_str(), 0);
    segments_.pop_front();  // should it come back, replaying again adds nothing
  }
  return std::nullopt;
}

void Spool::pop() {
  const std::lock_guard hold{mutex_};
  assert(!segments_.empty());  // front() has given an entry
  Segment& first = segments_.front();
  assert(first.read < first.synced && numbers_.entries > 0);
  const auto size = entry_bytes_at(first.file.get(), first.read);
  if (!size) return;
  first.read += frame_head_bytes + *size;
  assert(first.read <= first.synced && numbers_.bytes >= frame_head_bytes + *size);
  numbers_.bytes -= frame_head_bytes + *size;
  --numbers_.entries;
  ++numbers_.replayed;
}

void Spool::set_aside(const std::string& entry) {
  const auto file = open_file("set-aside", O_WRONLY | O_CREAT | O_APPEND);
  const bool kept =
      file && write_fully(file->get(), frame_of(entry)) && ::fdatasync(file->get()) == 0;
  if (kept) pop();
}

std::string Spool::trouble() const {
  const std::lock_guard hold{mutex_};
  if (!failure_.empty()) return failure_;
  if (disk_full_) return "spool: the disk of " + directory_ + " is full";
  return numbers_.bytes < bytes_max_ ? std::string{} : "the spool is full";
}

SpoolNumbers Spool::numbers() const {
  const std::lock_guard hold{mutex_};
  return numbers_;
}

}  // namespace signalbox
