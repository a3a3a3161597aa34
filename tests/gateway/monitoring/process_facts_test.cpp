#include "gateway/monitoring/process_facts.hpp"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include <array>
#include <chrono>

namespace signalbox {

TEST_CASE("the process's facts agree with one another") {
  const auto facts = read_process_facts();
  REQUIRE(facts);
  CHECK(facts->open_descriptors >= 3);
  CHECK(facts->open_descriptors <= facts->descriptors_max);
  CHECK(facts->resident_bytes > 1024 * 1024);
}

TEST_CASE("each open descriptor is counted, and the one that counts them is not") {
  const auto before = read_process_facts();
  std::array<int, 3> files{};
  for (int& file : files) file = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  const auto during = read_process_facts();
  for (const int file : files) ::close(file);
  const auto after = read_process_facts();
  REQUIRE((before && during && after));
  CHECK(during->open_descriptors == before->open_descriptors + files.size());
  CHECK(after->open_descriptors == before->open_descriptors);
  // Descriptors are given out from the lowest, so all up to the next one are open.
  const int next = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(next);
  CHECK(after->open_descriptors >= static_cast<std::uint64_t>(next));
}

TEST_CASE("the limit of descriptors is the soft one") {
  rlimit was{};
  REQUIRE(::getrlimit(RLIMIT_NOFILE, &was) == 0);
  rlimit lower = was;
  lower.rlim_cur = was.rlim_cur - 1;
  REQUIRE(::setrlimit(RLIMIT_NOFILE, &lower) == 0);
  const auto facts = read_process_facts();
  ::setrlimit(RLIMIT_NOFILE, &was);
  REQUIRE(facts);
  CHECK(facts->descriptors_max == was.rlim_cur - 1);
}

TEST_CASE("the process's time grows with what it does, and its start lies behind it") {
  const auto before = read_process_facts();
  REQUIRE(before);
  auto now = before;
  // The kernel counts in ticks.
  const auto patience = std::chrono::steady_clock::now() + std::chrono::seconds{20};
  while (now && now->cpu_seconds <= before->cpu_seconds &&
         std::chrono::steady_clock::now() < patience) {
    now = read_process_facts();
  }
  REQUIRE(now);
  CHECK(now->cpu_seconds > before->cpu_seconds);
  const std::chrono::duration<double> epoch = std::chrono::system_clock::now().time_since_epoch();
  CHECK(now->start_seconds <= epoch.count() + 1);
  CHECK(now->start_seconds > epoch.count() - 3600 * 24);
  CHECK(now->start_seconds == before->start_seconds);
}

}  // namespace signalbox
