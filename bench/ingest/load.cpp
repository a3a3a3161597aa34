// Sends signed deliveries to a server on this machine, each with an id and a body of its own, and
// prints what it saw as one JSON line. bench/run puts the processes' CPU time beside it.
//
//   SIGNALBOX_BENCH_SECRET=… sb_bench_ingest --port 8080 --seconds 2 [--per-second 5000]
#include <fmt/format.h>
#include <sys/resource.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdlib>
#include <exception>

#include "bench/ingest/connections.hpp"

namespace {

using namespace signalbox;

struct LoadOptions {
  bench::LoadPlan plan;
  std::string path = "/hooks/github";
  double seconds = 0;
  std::uint64_t first = 1;  // number of the first delivery
};

void add_options(CLI::App& app, LoadOptions& options) {
  bench::LoadPlan& plan = options.plan;
  plan.requests = 10'000'000;
  plan.connections = 64;
  app.add_option("--port", plan.port)->required();
  app.add_option("--path", options.path)->capture_default_str();
  app.add_option("--connections", plan.connections)->check(CLI::Range(1, 16'384));
  app.add_option("--requests", plan.requests)->check(CLI::Range(1, 10'000'000));
  app.add_option("--seconds", options.seconds, "0: until all requests are sent")
      ->check(CLI::Range(0.0, 120.0));
  app.add_option("--per-second", plan.per_second, "by the clock; 0: as fast as answers come")
      ->check(CLI::Range(0.0, 1e6));
  app.add_option("--first", options.first, "number of the first delivery");
}

double own_cpu_us() {
  rusage used{};
  ::getrusage(RUSAGE_SELF, &used);
  return static_cast<double>(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1e6 +
         static_cast<double>(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

void print(bench::LoadOutcome& outcome, double mean_body_bytes, double cpu_us) {
  auto& latencies = outcome.latencies_us;
  std::sort(latencies.begin(), latencies.end());
  const auto percentile = [&](double share) {
    if (latencies.empty()) return std::uint32_t{0};
    return latencies[static_cast<std::size_t>(share * static_cast<double>(latencies.size() - 1))];
  };
  const auto answered = static_cast<double>(outcome.answered);
  const double seconds = std::chrono::duration<double>(outcome.wall).count();
  fmt::print(
      R"({{"requests":{},"good":{},"seconds":{:.3f},"per_second":{:.0f},"body_bytes":{:.0f},)"
      R"("cpu_us":{:.2f},"p50_us":{},"p99_us":{},"p999_us":{},"max_us":{}}})"
      "\n",
      outcome.answered, outcome.good, seconds, answered / seconds, mean_body_bytes,
      cpu_us / std::max(answered, 1.0), percentile(0.5), percentile(0.99), percentile(0.999),
      percentile(1));
}

int run(int argc, char** argv) {
  const char* secret = std::getenv("SIGNALBOX_BENCH_SECRET");
  if (secret == nullptr) throw std::runtime_error("SIGNALBOX_BENCH_SECRET is not set");
  CLI::App app{"Sends signed deliveries to a server on this machine"};
  LoadOptions options;
  add_options(app, options);
  CLI11_PARSE(app, argc, argv);
  options.plan.time = std::chrono::nanoseconds{static_cast<std::int64_t>(options.seconds * 1e9)};
  options.plan.deadline = std::chrono::seconds{static_cast<std::int64_t>(options.seconds) + 120};
  bench::Deliveries deliveries{options.path, secret};
  const double before = own_cpu_us();
  auto outcome = bench::drive(options.plan, [&](std::uint64_t number, bench::DeliveryPieces& out) {
    deliveries.make(options.first + number, out);
  });
  print(outcome, deliveries.mean_body_bytes(), own_cpu_us() - before);
  return outcome.good == outcome.answered ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sb_bench_ingest: {}\n", error.what());
    return 1;
  }
}
