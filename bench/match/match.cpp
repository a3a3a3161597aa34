// Patterns against events: parse and match, and matching alone, for sets of up to a hundred
// thousand patterns. The floor is simdjson's On-Demand reading seven fields.
#include <fmt/format.h>

#include <deque>
#include <map>

#include "bench/harness/floor.hpp"
#include "bench/harness/measure.hpp"
#include "bench/match/workload.hpp"
#include "rules/automaton/automaton.hpp"

namespace {

using namespace signalbox;
constexpr std::size_t counts[]{10, 1'000, 10'000, 100'000};
constexpr std::size_t shuffled_count = 10'000;

// A set of patterns, compiled when it is first used: one case alone must not pay for all.
class CompiledSet {
 public:
  CompiledSet(const bench::MatchWorkload& workload, std::string set, std::size_t count,
              bool shuffled)
      : workload_{workload}, set_{std::move(set)}, count_{count}, shuffled_{shuffled} {}

  const Automaton& automaton() {
    if (!automaton_) compile();
    return *automaton_;
  }
  std::size_t match(Json event) { return automaton().match({}, event, space_).size(); }
  void print_stats() const {
    if (!automaton_) return;
    const AutomatonStats& stats = automaton_->stats();
    fmt::print(
        R"({{"bench":"match","case":"compile {} {}{}","compile_ms":{:.1f},"memory_mb":{:.1f},)"
        R"("conditions":{},"fields":{}}})"
        "\n",
        set_, count_, shuffled_ ? " shuffled" : "", static_cast<double>(stats.compile_us) / 1e3,
        static_cast<double>(stats.bytes) / 1e6, stats.conditions, stats.fields);
  }

 private:
  void compile() {
    ConditionPool conditions;
    std::vector<Pattern> patterns;
    unsigned seed = 0;
    for (const std::string& text : workload_.patterns(set_, count_)) {
      auto pattern = compile_pattern_text(
          shuffled_ ? bench::with_shuffled_fields(text, ++seed) : text, &conditions);
      if (!pattern) throw std::runtime_error("no pattern: " + text);
      patterns.push_back(std::move(*pattern));
    }
    const std::vector<AutomatonRule> rules{patterns.begin(), patterns.end()};
    TooComplex problem;
    automaton_ = Automaton::compile(rules, problem);
    if (!automaton_) throw std::runtime_error(problem.what);
  }

  const bench::MatchWorkload& workload_;
  const std::string set_;
  const std::size_t count_;
  const bool shuffled_;
  std::shared_ptr<const Automaton> automaton_;
  MatchScratch space_;
};

// Events that are parsed already.
class ParsedEvents {
 public:
  explicit ParsedEvents(const std::vector<bench::Payload>& payloads) : documents_(payloads.size()) {
    for (std::size_t i = 0; i < payloads.size(); ++i) {
      const auto parsed = documents_[i].parse(payloads[i].body());
      if (!parsed) throw std::runtime_error("an example is no JSON");
      events_.push_back(*parsed);
    }
  }
  Json operator[](std::uint64_t i) const { return events_[i % events_.size()]; }

 private:
  std::deque<JsonDocument> documents_;
  std::vector<Json> events_;
};

void run(int argc, char** argv) {
  const bench::MatchWorkload workload;
  const auto& payloads = workload.payloads();
  std::vector<bench::Payload> shuffled;
  for (const bench::Payload& payload : payloads) {
    shuffled.push_back(
        bench::with_shuffled_fields(payload, static_cast<unsigned>(shuffled.size())));
  }
  const ParsedEvents parsed{payloads};
  const ParsedEvents parsed_shuffled{shuffled};
  simdjson::ondemand::parser parser;
  JsonDocument document;
  const auto parse = [&](const std::vector<bench::Payload>& from, std::uint64_t i) {
    return *document.parse(from[i % from.size()].body());
  };
  std::vector<bench::Case> cases{
      {"floor: On-Demand, 7 fields",
       [&](std::uint64_t i) { bench::read_seven_fields(parser, payloads[i % payloads.size()]); }},
      {"parse", [&](std::uint64_t i) { bench::keep(parse(payloads, i)); }},
      {"parse shuffled", [&](std::uint64_t i) { bench::keep(parse(shuffled, i)); }},
  };
  std::deque<CompiledSet> sets;
  const auto add = [&](const std::string& set, std::size_t count, bool shuffle) {
    CompiledSet& compiled = sets.emplace_back(workload, set, count, shuffle);
    const std::string name = fmt::format("{} {}{}", set, count, shuffle ? " shuffled" : "");
    const auto& texts = shuffle ? shuffled : payloads;
    const ParsedEvents& events = shuffle ? parsed_shuffled : parsed;
    cases.push_back({"parse + match, " + name,
                     [&](std::uint64_t i) { bench::keep(compiled.match(parse(texts, i))); }});
    cases.push_back(
        {"match, " + name, [&](std::uint64_t i) { bench::keep(compiled.match(events[i])); }});
  };
  for (const std::string& set : workload.sets()) {
    for (const std::size_t count : counts) add(set, count, false);
    add(set, shuffled_count, true);
  }
  bench::measure("match", cases, bench::read_options(argc, argv, 5 * payloads.size()));
  for (const CompiledSet& set : sets) set.print_stats();
}

}  // namespace

int main(int argc, char** argv) {
  try {
    run(argc, argv);
    return 0;
  } catch (const std::exception& error) {
    fmt::print(stderr, "sb_bench_match: {}\n", error.what());
    return 1;
  }
}
