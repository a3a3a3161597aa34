#include "gateway/serve.hpp"

#include <sys/prctl.h>
#include <sys/resource.h>

#include <csignal>
#include <exception>

#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

// Each connection is a descriptor; the soft limit is often far below what the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

// The process's memory holds secrets: no core file gets them, and no process of the same user may
// attach to it. The child's Redis is started after this and leaves no core either.
void keep_memory_private() {
  const rlimit none{};
  ::setrlimit(RLIMIT_CORE, &none);
  ::prctl(PR_SET_DUMPABLE, 0);
}

}  // namespace

int serve(LoadedConfig first, std::function<LoadedConfig()> load, StartOptions options) {
  raise_descriptor_limit();
  keep_memory_private();
  std::signal(SIGPIPE, SIG_IGN);  // OpenSSL writes to sockets that the other side has closed
  open_log(first.config->log_level, log_format_named(first.config->log_format));
  int status = 1;
  try {
    Gateway gateway{std::move(first), std::move(load), options};
    status = gateway.run();
    // What is left takes a moment. A second signal in it would end the process as if it had
    // crashed.
    for (const int signal : {SIGTERM, SIGINT, SIGHUP}) std::signal(signal, SIG_IGN);
  } catch (const std::exception& error) {
    log_line(Severity::error, "cannot start", {{"detail", error.what()}});
  }
  close_log();
  return status;
}

}  // namespace signalbox
