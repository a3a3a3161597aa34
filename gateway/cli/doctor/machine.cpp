// The machine: has it room, descriptors and free ports, and what does its kernel do to Redis?
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "event/owned_fd.hpp"
#include "gateway/cli/doctor/report.hpp"
#include "gateway/cli/screen/terminal.hpp"
#include "gateway/worker/connection_room.hpp"
#include "gateway/worker/listener.hpp"
#include "store/own_directory.hpp"
#include "store/server/redis_process.hpp"

namespace signalbox {
namespace {

// As who may write: a file without a name shows it, and leaves nothing behind.
bool writable(const std::string& directory) {
  if (OwnedFd{::open(directory.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600)}) return true;
  const bool unsupported = errno == EOPNOTSUPP || errno == EISDIR || errno == EINVAL;
  return unsupported && ::access(directory.c_str(), W_OK | X_OK) == 0;
}

void examine_space(DoctorReport& report, const std::string& directory) {
  struct statvfs disk {};
  if (::statvfs(directory.c_str(), &disk) != 0) return;
  const bool takes_files = disk.f_files == 0 || disk.f_favail > 0;
  examine_room(report, directory, std::uint64_t{disk.f_bavail} * disk.f_frsize, takes_files);
}

// Why the gateway would not start with what is there; nothing where it would. Judged as its owner
// would, who may be another than who runs this.
std::optional<std::string> why_refused(const std::string& path, const struct stat& facts) {
  if (auto refused = why_not_own_directory(facts, facts.st_uid, path)) return refused;
  for (const std::string& inner : {path, path + "/appendonlydir", path + "/spool"}) {
    const OwnedFd opened{::open(inner.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
    if (!opened) continue;
    if (auto foreign = refuse_foreign_entries(opened.get(), facts.st_uid, inner))
      return std::move(foreign->detail);
  }
  return std::nullopt;
}

void examine_data_dir(DoctorReport& report, const Config& config) {
  const std::string& path = config.data_dir;
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) {
    const std::string parent = std::filesystem::path{path}.parent_path().string();
    if (errno != ENOENT || !writable(parent)) {
      report.bad("data_dir", fmt::format("{} is not there and cannot be made", path),
                 "make it for the gateway's user, mode 0700, or change data_dir");
    } else {
      report.good("data_dir", fmt::format("{} is made at the first start", path));
      examine_space(report, parent);
    }
    return;
  }
  const unsigned mode = facts.st_mode & 0777U;
  if (const auto refused = why_refused(path, facts)) {
    report.bad("data_dir", *refused, "the gateway does not start with it; or change data_dir");
    return;
  }
  if (!writable(path)) {
    report.bad(
        "data_dir", fmt::format("{} cannot be written by user {}", path, ::geteuid()),
        fmt::format("run this as the gateway's user, or: chown -R USER {}", shell_quoted(path)));
  } else if ((mode & 0077U) != 0) {
    report.warning("data_dir", fmt::format("{} (mode {:04o}) is open to others", path, mode),
                   fmt::format("chmod 0700 {}", shell_quoted(path)));
  } else if (facts.st_uid != ::geteuid()) {
    report.warning(
        "data_dir",
        fmt::format("{} belongs to user {}, and you are {}", path, facts.st_uid, ::geteuid()),
        "run this as the gateway's user: it may fare otherwise than you");
  } else {
    report.good("data_dir", path + " can be written");
  }
  examine_space(report, path);
}

void examine_descriptors(DoctorReport& report, const Config& config) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const std::uint64_t others =
      own_descriptors + config.threads * thread_descriptors + 2 * crowded_connections_max;
  const std::uint64_t needed =
      std::uint64_t{config.hooks.max_connections} + config.api.max_connections + others;
  // The gateway raises its soft limit to the hard one.
  const std::string found = fmt::format("a limit of {} files, for {} connections and {} others",
                                        limit.rlim_max, needed - others, others);
  if (limit.rlim_max == RLIM_INFINITY || limit.rlim_max >= needed) {
    report.good("descriptors", found);
  } else {
    report.warning("descriptors", found,
                   fmt::format("start the gateway with more (LimitNOFILE={} in systemd, ulimit -Hn "
                               "in a shell), or lower max_connections",
                               needed));
  }
}

std::string listen_text(const ListenAddress& listen) {
  const bool v6 = listen.host.find(':') != std::string::npos;
  return fmt::format("{}{}{}:{}", v6 ? "[" : "", listen.host, v6 ? "]" : "", listen.port);
}

std::string first_line(const char* path) {
  std::ifstream file{path};
  std::string line;
  std::getline(file, line);
  return line;
}

std::uint64_t memory_of_machine() {
  const auto pages = ::sysconf(_SC_PHYS_PAGES);
  const auto size = ::sysconf(_SC_PAGESIZE);
  return pages > 0 && size > 0
             ? static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(size)
             : 0;
}

}  // namespace

void examine_machine(DoctorReport& report, const Config& config) {
  examine_data_dir(report, config);
  examine_descriptors(report, config);
  if (!config.redis.embedded) return;
  if (const auto program = find_program("redis-server")) {
    report.good("redis.program", *program);
  } else {
    report.bad("redis.program", "redis-server is not installed",
               "apt-get install redis-server, or point `redis` at another Redis");
  }
}

void examine_ports(DoctorReport& report, const Config& config) {
  for (const auto& [name, listen] :
       {std::pair{"hooks", &config.hooks.listen}, {"api", &config.api.listen}}) {
    if (listen->port == 0) continue;
    using tcp = boost::asio::ip::tcp;
    boost::system::error_code failed;
    boost::asio::io_context context{1};
    const tcp::endpoint endpoint{boost::asio::ip::make_address(listen->host, failed), listen->port};
    tcp::acceptor acceptor{context};
    if (!failed) acceptor.open(endpoint.protocol(), failed);
    if (!failed) acceptor.set_option(tcp::acceptor::reuse_address{true}, failed);
    if (!failed) acceptor.bind(endpoint, failed);
    if (!failed) acceptor.listen(1, failed);
    const std::string check = fmt::format("port.{}", name);
    const std::string address = listen_text(*listen);
    if (failed) {
      report.bad(check, fmt::format("{} cannot be taken: {}", address, failed.message()),
                 fmt::format("see who has it: sudo ss -ltnp 'sport = :{}' (a gateway shows its "
                             "ports' owner to root only); or change {}.listen",
                             listen->port, name));
    } else {
      report.good(check, address + " is free");
    }
  }
}

void examine_kernel(DoctorReport& report, std::uint64_t used_bytes) {
  // Redis forks to rewrite its append-only file; a small one never meets these limits.
  if (used_bytes < memory_of_machine() / 4) return;
  if (first_line("/proc/sys/vm/overcommit_memory") != "1") {
    report.warning("kernel.overcommit",
                   "vm.overcommit_memory is not 1, and Redis has a quarter of the memory",
                   "sysctl vm.overcommit_memory=1: else rewriting its file may fail");
  }
  if (first_line("/sys/kernel/mm/transparent_hugepage/enabled").starts_with("[always]")) {
    report.warning("kernel.huge_pages", "transparent huge pages are always on",
                   "echo madvise > /sys/kernel/mm/transparent_hugepage/enabled: else a rewrite "
                   "copies far more memory, and answers wait");
  }
}

}  // namespace signalbox
