#include "bench/harness/measure.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <string_view>

#include "bench/harness/allocations.hpp"

namespace signalbox::bench {
namespace {

constexpr std::uint64_t events_max = 10'000'000;
constexpr std::uint32_t rounds_max = 1'000;

double thread_cpu_us() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

struct Samples {
  std::vector<double> cpu_us;  // an event, of each round
  double allocations = 0;      // an event, of the last round
};

void run_round(const Case& one, std::uint64_t events) {
  for (std::uint64_t i = 0; i < events; ++i) one.work(i);
}

void time_round(const Case& one, std::uint64_t events, Samples& samples) {
  const std::uint64_t allocations = allocation_count();
  const double began = thread_cpu_us();
  run_round(one, events);
  samples.cpu_us.push_back((thread_cpu_us() - began) / static_cast<double>(events));
  samples.allocations =
      static_cast<double>(allocation_count() - allocations) / static_cast<double>(events);
}

std::uint64_t number(std::string_view flag, const char* text, std::uint64_t most) {
  char* end = nullptr;
  const std::uint64_t value = std::strtoull(text, &end, 10);
  if (end == text || *end != '\0' || value > most) {
    throw std::runtime_error(fmt::format("{}: 0 to {}", flag, most));
  }
  return value;
}

}  // namespace

MeasureOptions read_options(int argc, char** argv, std::uint64_t events) {
  MeasureOptions options;
  options.events = events;
  for (int i = 1; i < argc; ++i) {
    const std::string_view flag{argv[i]};
    if (flag == "--list") {
      options.list = true;
      continue;
    }
    if (i + 1 == argc) throw std::runtime_error(fmt::format("{} needs a value", flag));
    const char* value = argv[++i];
    if (flag == "--case") {
      options.only = value;
    } else if (flag == "--rounds") {
      options.rounds = static_cast<std::uint32_t>(number(flag, value, rounds_max));
    } else if (flag == "--events") {
      options.events = number(flag, value, events_max);
    } else {
      throw std::runtime_error(fmt::format("unknown flag {}", flag));
    }
  }
  return options;
}

void measure(const std::string& bench, const std::vector<Case>& cases,
             const MeasureOptions& options) {
  std::vector<const Case*> chosen;
  for (const Case& one : cases) {
    if (options.only.empty() || options.only == one.name) chosen.push_back(&one);
  }
  if (chosen.empty()) throw std::runtime_error("no such case: " + options.only);
  if (options.list) {
    for (const Case* one : chosen) fmt::print("{}\n", one->name);
    return;
  }
  for (const Case* one : chosen) run_round(*one, options.events);
  if (options.rounds == 0) return;
  std::vector<Samples> samples(chosen.size());
  for (std::uint32_t round = 0; round < options.rounds; ++round) {
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      time_round(*chosen[i], options.events, samples[i]);
    }
  }
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    auto& cpu = samples[i].cpu_us;
    std::sort(cpu.begin(), cpu.end());
    fmt::print(
        R"({{"bench":"{}","case":"{}","cpu_us_min":{:.3f},"cpu_us_median":{:.3f},"allocations":{:.2f}}})"
        "\n",
        bench, chosen[i]->name, cpu.front(), cpu[cpu.size() / 2], samples[i].allocations);
  }
}

}  // namespace signalbox::bench
