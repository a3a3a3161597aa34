#include "tests/sim/simulated_time.hpp"

#include <openssl/rand.h>
#include <time.h>

namespace signalbox::sim {
namespace {

thread_local SimulatedTime* running = nullptr;

// An ordinary morning; the day changes within some simulations.
constexpr Time began{Milliseconds{1'795'300'000'000}};

std::chrono::nanoseconds read_system(clockid_t clock) noexcept {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

}  // namespace

SimulatedTime::SimulatedTime(std::uint64_t seed) : random_{~seed} { running = this; }
SimulatedTime::~SimulatedTime() { running = nullptr; }

Time SimulatedTime::wall(Milliseconds offset) const noexcept { return began + elapsed_ + offset; }

void SimulatedTime::fill(unsigned char* bytes, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) bytes[i] = static_cast<unsigned char>(random_());
}

double real_seconds() {
  return std::chrono::duration<double>(read_system(CLOCK_MONOTONIC)).count();
}

}  // namespace signalbox::sim

namespace std::chrono {
inline namespace _V2 {

steady_clock::time_point steady_clock::now() noexcept {
  using namespace signalbox::sim;
  return running != nullptr ? running->steady() : time_point{read_system(CLOCK_MONOTONIC)};
}

system_clock::time_point system_clock::now() noexcept {
  using namespace signalbox::sim;
  return running != nullptr ? time_point{running->wall().time_since_epoch()}
                            : time_point{read_system(CLOCK_REALTIME)};
}

}  // namespace _V2
}  // namespace std::chrono

extern "C" int RAND_bytes(unsigned char* bytes, int count) {
  using namespace signalbox::sim;
  if (running == nullptr) return RAND_priv_bytes(bytes, count);
  running->fill(bytes, static_cast<std::size_t>(count));
  return 1;
}
