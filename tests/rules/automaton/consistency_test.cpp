// Array consistency against a second, simpler idea of it: try every combination of values.
#include <catch2/catch.hpp>

#include <chrono>
#include <random>

#include "rules/automaton/pattern_answer.hpp"

using namespace signalbox;

namespace {

struct Leaf {
  std::string path;
  int value;
  std::vector<std::pair<int, int>> elements;  // array, position
};

// A random document over the keys a to c, and its leaves.
class RandomEvent {
 public:
  explicit RandomEvent(std::mt19937& random) : random_{random} { object({}, {}, 0); }

  std::string text;
  std::vector<Leaf> leaves;

 private:
  using Elements = std::vector<std::pair<int, int>>;

  int pick(int count) { return static_cast<int>(random_() % static_cast<unsigned>(count)); }

  void object(const std::string& path, const Elements& elements, int depth) {
    text += '{';
    const char* comma = "";
    for (const char key : {'a', 'b', 'c'}) {
      if (pick(4) == 0) continue;
      text += std::string{comma} + '"' + key + "\":";
      comma = ",";
      value(path.empty() ? std::string(1, key) : path + '.' + key, elements, depth + 1);
    }
    text += '}';
  }

  void value(const std::string& path, Elements elements, int depth) {
    const int kind = depth > 3 ? 0 : pick(3);
    if (kind == 0) {
      const int number = pick(3);
      text += std::to_string(number);
      leaves.push_back({path, number, elements});
    } else if (kind == 1) {
      object(path, elements, depth);
    } else {
      array(path, elements, depth);
    }
  }

  void array(const std::string& path, Elements elements, int depth) {
    const int id = arrays_++;
    text += '[';
    const int count = pick(4);
    for (int i = 0; i < count; ++i) {
      if (i > 0) text += ',';
      const int kind = pick(3);
      if (kind == 0) {
        const int number = pick(3);
        text += std::to_string(number);
        leaves.push_back({path, number, elements});
        continue;
      }
      Elements inner = elements;
      inner.emplace_back(id, i);
      if (kind == 1 || depth > 3) {
        object(path, inner, depth + 1);
      } else {
        array(path, inner, depth + 1);
      }
    }
    text += ']';
  }

  std::mt19937& random_;
  int arrays_ = 0;
};

struct Wanted {
  std::string path;
  int value;
  bool absent;  // or: not there
};

bool consistent(const std::vector<std::pair<int, int>>& chosen, const Leaf& leaf) {
  for (const auto& [array, position] : leaf.elements) {
    for (const auto& [known, at] : chosen) {
      if (known == array && at != position) return false;
    }
  }
  return true;
}

bool holds(const std::vector<Wanted>& wanted, std::size_t step,
           std::vector<std::pair<int, int>> chosen, const std::vector<Leaf>& leaves) {
  if (step == wanted.size()) return true;
  bool any = false;
  for (const Leaf& leaf : leaves) {
    if (leaf.path != wanted[step].path || !consistent(chosen, leaf)) continue;
    any = true;
    if (leaf.value != wanted[step].value) continue;
    auto next = chosen;
    next.insert(next.end(), leaf.elements.begin(), leaf.elements.end());
    if (holds(wanted, step + 1, next, leaves)) return true;
  }
  return wanted[step].absent && !any && holds(wanted, step + 1, chosen, leaves);
}

}  // namespace

TEST_CASE("conditions over arrays hold exactly when one choice of elements fulfils them all") {
  const unsigned seed = std::random_device{}();
  INFO("seed " << seed);
  std::mt19937 random{seed};
  int matches = 0;
  for (int round = 0; round < 3000; ++round) {
    const RandomEvent event{random};
    std::vector<Wanted> wanted;
    for (const char* path : {"a", "a.a", "a.a.b", "a.b", "a.b.c", "b", "b.c", "c.a", "c.b"}) {
      if (random() % 3 == 0)
        wanted.push_back({path, static_cast<int>(random() % 3), random() % 4 == 0});
    }
    if (wanted.empty()) continue;
    std::string pattern;
    for (const Wanted& each : wanted) {
      pattern += (pattern.empty() ? "{\"" : ",\"") + each.path + "\":[" +
                 std::to_string(each.value) + (each.absent ? ",{\"exists\":false}]" : "]");
    }
    pattern += '}';
    const bool expected = holds(wanted, 0, {}, event.leaves);
    matches += expected ? 1 : 0;
    INFO(pattern << "\n" << event.text);
    REQUIRE(answer_pattern(pattern, event.text) ==
            (expected ? PatternAnswer::match : PatternAnswer::no_match));
  }
  CHECK(matches > 100);
}

TEST_CASE("many elements that all nearly match take no more than their number") {
  std::string event = "{\"l\":[";
  for (int i = 0; i < 20'000; ++i) {
    event += (i == 0 ? "" : ",") + std::string{R"({"a":1,"b":1,"c":1,"d":[{"x":1},{"y":1}]})"};
  }
  event += "],\"m\":[";
  for (int i = 0; i < 20'000; ++i) event += (i == 0 ? "" : ",") + std::string{R"({"a":1},{"b":1})"};
  event += "]}";
  const auto pattern = compile_single_pattern(
      R"({"l":{"a":[1],"b":[1],"c":[1],"d":{"x":[1],"y":[1]}},"m":{"a":[1],"b":[1]}})");
  REQUIRE(pattern.has_value());
  JsonDocument document;
  const auto parsed = document.parse_copy(event);
  REQUIRE(parsed.has_value());
  const auto before = std::chrono::steady_clock::now();
  MatchScratch scratch;
  CHECK((*pattern)->match({}, *parsed, scratch).empty());
  const MatchTrace trace = (*pattern)->trace(0, *parsed, scratch);
  CHECK(trace.path == "l.d.y");
  // Trying pairs would take hours.
  CHECK(std::chrono::steady_clock::now() - before < std::chrono::seconds{20});
}
