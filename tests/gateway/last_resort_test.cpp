// The end that nothing can put off.
#include "gateway/last_resort.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <chrono>

namespace signalbox {

using namespace std::chrono_literals;

TEST_CASE("a process that does not end by itself ends in time, with status 1", "[gateway]") {
  const auto began = std::chrono::steady_clock::now();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::close(STDERR_FILENO);
    end_process_within(1h);
    end_process_within(100ms);  // the last call counts
    while (true) ::pause();
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  CHECK(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 1);
  CHECK(std::chrono::steady_clock::now() - began >= 100ms);
}

}  // namespace signalbox
