// Sends signed sample deliveries to a gateway on this machine, each with an id and a body of its
// own, and prints what it saw as one JSON line. bench/run puts the processes' CPU time beside it.
//
//   SIGNALBOX_BENCH_SECRET=… sb_bench_ingest <port> <requests> <connections> [type [first number]]
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <exception>

#include "bench/ingest/connections.hpp"
#include "connectors/connector.hpp"
#include "connectors/samples.hpp"

namespace {

using namespace signalbox;
constexpr std::uint64_t requests_max = 1'000'000;
constexpr std::size_t connections_max = 512;

// The request is rendered while the clock of the run is on: its cost is the load generator's, not
// the gateway's.
void render(std::uint64_t number, std::string_view type, std::string_view secret,
            std::string& out) {
  const auto sample = make_sample("github", type, number);
  if (!sample) throw std::runtime_error(fmt::format("no sample of type {}", type));
  const auto headers = find_connector("github")->sign(
      fmt::format("github.{}", type), fmt::format("bench-{}", number), sample->body, secret);
  out = "POST /hooks/github HTTP/1.1\r\nHost: 127.0.0.1\r\n";
  for (const auto& [name, value] : headers) out += fmt::format("{}: {}\r\n", name, value);
  out += fmt::format("Content-Length: {}\r\n\r\n{}", sample->body.size(), sample->body);
}

int run(int argc, char** argv) {
  const char* secret = std::getenv("SIGNALBOX_BENCH_SECRET");
  if (argc < 4 || secret == nullptr) {
    fmt::print(stderr, "SIGNALBOX_BENCH_SECRET=… {} <port> <requests> <connections> [type]\n",
               argv[0]);
    return 2;
  }
  bench::Plan plan;
  plan.port = static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10));
  plan.requests = std::clamp<std::uint64_t>(std::strtoull(argv[2], nullptr, 10), 1, requests_max);
  plan.connections =
      std::clamp<std::size_t>(std::strtoul(argv[3], nullptr, 10), 1, connections_max);
  const std::string type = argc > 4 ? argv[4] : "pull_request.opened";
  const std::uint64_t first = argc > 5 ? std::strtoull(argv[5], nullptr, 10) : 1;
  auto outcome = bench::drive(
      plan, [&](std::uint64_t i, std::string& out) { render(first + i, type, secret, out); });
  std::sort(outcome.latencies_us.begin(), outcome.latencies_us.end());
  const auto percentile = [&](double share) {
    return outcome.latencies_us[static_cast<std::size_t>(
        share * static_cast<double>(outcome.latencies_us.size() - 1))];
  };
  const double seconds = std::chrono::duration<double>(outcome.wall).count();
  fmt::print(
      R"({{"requests":{},"good":{},"seconds":{:.3f},"per_second":{:.0f},"p50_us":{},"p99_us":{}}})"
      "\n",
      outcome.answered, outcome.good, seconds, static_cast<double>(outcome.answered) / seconds,
      percentile(0.5), percentile(0.99));
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
