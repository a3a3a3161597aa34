#include "gateway/serve.hpp"

#include <fmt/format.h>

#include <sys/resource.h>

#include <cstdio>
#include <exception>

#include "gateway/gateway.hpp"
#include "gateway/log.hpp"

namespace signalbox {
namespace {

// Each connection is a descriptor; the soft limit is often far below what the system allows.
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == limit.rlim_max) return;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

int serve(std::shared_ptr<const Config> config) {
  raise_descriptor_limit();
  open_log(config->log_level);
  int status = 1;
  try {
    Gateway gateway{std::move(config)};
    status = gateway.run();
  } catch (const std::exception& error) {
    log_line(Severity::error, "cannot start", {{"detail", error.what()}});
    fmt::print(stderr, "signalbox: {}\n", error.what());
  }
  close_log();
  return status;
}

}  // namespace signalbox
