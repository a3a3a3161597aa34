// Commits that Redis did not confirm in time, on the local disk until it does (invariant E1): files
// of frames (length, CRC-32, bytes), each synced before its append is done. What was synced
// survives kill -9; a torn tail is cut off when the files are opened. One process at a time.
// append() and the numbers are thread-safe; front(), pop() and set_aside() are for one thread.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "event/clock.hpp"
#include "event/error.hpp"
#include "event/owned_fd.hpp"
#include "store/spool/durable_queue.hpp"

namespace signalbox {

struct SpoolNumbers {
  std::uint64_t entries = 0;   // not replayed yet
  std::uint64_t bytes = 0;     // of those
  std::uint64_t appended = 0;  // since the start, as the following
  std::uint64_t replayed = 0;
  std::uint64_t refused = 0;  // the spool was full, or the disk
};

class Spool final : public DurableQueue {
 public:
  static constexpr std::uint64_t segment_bytes = 4 * 1024 * 1024;  // about: a file's size
  static constexpr std::uint32_t entry_bytes_max = 256 * 1024 * 1024;
  // With less left on its disk it counts as full: an ordinary entry would not be taken.
  static constexpr std::uint64_t free_bytes_least = 1024 * 1024;
  // How often that is looked at, and a disk that failed tried again.
  static constexpr Milliseconds look_interval{1'000};

  // How long one entry may be, how long a file is before the next one begins, and what the disk has
  // to have left. Tests bring others.
  struct Sizes {
    std::uint32_t entry_bytes_max = Spool::entry_bytes_max;
    std::uint64_t segment_bytes = Spool::segment_bytes;
    std::uint64_t free_bytes_least = Spool::free_bytes_least;
  };

  // Makes the directory (mode 0700). `bytes_max` is that of all entries that were not replayed yet,
  // 8 bytes each for their frames included. store_unavailable when another process has it open, the
  // disk fails, or it is not ours alone (own_directory.hpp).
  static Result<std::unique_ptr<Spool>> open(std::string directory, std::uint64_t bytes_max);
  static Result<std::unique_ptr<Spool>> open(std::string directory, std::uint64_t bytes_max,
                                             Sizes sizes);
  ~Spool() override;  // close()
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  // `done` is called from the spool's own thread: with nothing once the entry is synced, with
  // store_unavailable when there is no room for it. Appends that come together share one sync.
  void append(std::string entry, Done done) override;

  std::optional<std::string> front() override;
  void pop() override;
  void set_aside(const std::string& entry) override;  // in the file `set-aside`

  // Syncs what was appended and ends the thread; what is appended from now on is refused.
  void close();

  // Whether an entry would be taken now: it is not full, the disk has room, and the last write, of
  // an entry or a trial, did not fail.
  bool has_room() const { return trouble().empty(); }
  // Why not, for people; empty where it has room.
  std::string trouble() const;
  SpoolNumbers numbers() const;

 private:
  struct Segment {
    std::uint64_t number = 0;
    OwnedFd file;
    std::uint64_t synced = 0;  // bytes
    std::uint64_t read = 0;
  };
  struct Append {
    std::string frame;
    Done done;
  };

  Spool(std::string directory, OwnedFd opened, std::uint64_t bytes_max, Sizes sizes);
  std::optional<Error> recover();
  std::optional<Error> recover_file(std::uint64_t number);
  std::optional<Error> begin_segment();
  void write();
  std::optional<Error> write_all(const std::vector<Append>& batch);
  std::string try_disk() const;
  void look_at_disk();
  void count_written(const std::vector<Append>& batch, bool good);
  std::string path_of(const std::string& name) const;
  Result<OwnedFd> open_file(const std::string& name, int flags) const;

  std::string directory_;
  std::uint64_t bytes_max_;
  Sizes sizes_;
  OwnedFd directory_file_;
  OwnedFd lock_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<Segment> segments_;  // oldest first; the last is written to while open_ is set
  bool open_ = false;
  bool writing_ = false;
  bool ending_ = false;
  std::vector<Append> queue_;
  SpoolNumbers numbers_;
  std::string failure_;  // of the last write; empty: it was done
  bool disk_full_ = false;
  std::uint64_t next_number_ = 1;
  std::thread writer_;
};

}  // namespace signalbox
