#include "gateway/monitoring/process_facts.hpp"

#include <dirent.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <limits>
#include <memory>
#include <sstream>
#include <string>

namespace signalbox {
namespace {

constexpr int start_time_field = 22;  // of /proc/<pid>/stat, counted from 1: proc(5)

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

std::uint64_t count_descriptors() {
  constexpr const char* path = "/proc/self/fd";
  struct stat info {};
  // Since Linux 6.2 its size is their number; before, they have to be counted.
  if (::stat(path, &info) == 0 && info.st_size > 0) return static_cast<std::uint64_t>(info.st_size);
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(path), ::closedir};
  if (!directory) return 0;
  std::uint64_t count = 0;
  while (const dirent* entry = ::readdir(directory.get())) count += entry->d_name[0] != '.';
  return count - 1;  // the directory's own
}

// Clock ticks from the machine's start to the process's; nothing where /proc says otherwise.
std::optional<double> start_ticks() {
  std::ifstream file{"/proc/self/stat"};
  std::string text;
  if (!std::getline(file, text)) return std::nullopt;
  // The name in parentheses may hold anything; the fields behind it count from 3.
  const std::size_t name_end = text.rfind(')');
  if (name_end == std::string::npos) return std::nullopt;
  std::istringstream fields{text.substr(name_end + 1)};
  std::string field;
  for (int i = 3; i < start_time_field; ++i) fields >> field;
  double ticks = 0;
  if (!(fields >> ticks)) return std::nullopt;
  return ticks;
}

std::optional<double> boot_seconds() {
  std::ifstream file{"/proc/stat"};
  std::string name;
  double value = 0;
  while (file >> name) {
    if (name == "btime" && file >> value) return value;
    file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
  }
  return std::nullopt;
}

std::optional<double> start_of_process() {
  const auto ticks = start_ticks();
  const auto boot = boot_seconds();
  if (!ticks || !boot) return std::nullopt;
  return *boot + *ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

}  // namespace

std::optional<ProcessFacts> read_process_facts() {
  static const std::optional<double> start = start_of_process();
  std::ifstream memory{"/proc/self/statm"};
  std::uint64_t pages_total = 0;
  std::uint64_t pages_resident = 0;
  rusage usage{};
  rlimit limit{};
  if (!start || !(memory >> pages_total >> pages_resident)) return std::nullopt;
  if (::getrusage(RUSAGE_SELF, &usage) != 0 || ::getrlimit(RLIMIT_NOFILE, &limit) != 0) {
    return std::nullopt;
  }
  ProcessFacts facts;
  facts.cpu_seconds = seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime);
  facts.resident_bytes = pages_resident * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  facts.open_descriptors = count_descriptors();
  facts.descriptors_max = limit.rlim_cur;
  facts.start_seconds = *start;
  return facts;
}

}  // namespace signalbox
