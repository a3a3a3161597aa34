#include "bench/match/workload.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <random>
#include <stdexcept>

#include "event/json.hpp"
#include "event/json_escape.hpp"

namespace signalbox::bench {
namespace {

std::vector<std::string> read_lines(const std::string& path, std::size_t count) {
  std::ifstream file{path};
  if (!file) throw std::runtime_error(path + ": cannot be read");
  std::vector<std::string> lines;
  for (std::string line; lines.size() < count && std::getline(file, line);) {
    lines.push_back(std::move(line));
  }
  return lines;
}

Payload padded(std::string type, std::string text) {
  Payload payload{std::move(type), std::move(text), 0};
  payload.size = payload.padded.size();
  payload.padded.append(json_padding, '\0');
  return payload;
}

// A repository and an action each, most with one more condition.
std::string made_up_pattern(std::size_t i) {
  constexpr std::string_view more[]{
      "",
      R"(,"sender":{"type":[{"anything-but":["Bot"]}]})",
      R"(,"pull_request":{"changed_files":[{"numeric":[">",5,"<=",50]}]})",
      R"(,"issue":{"labels":{"name":["bug",{"prefix":"kind/"}]}})",
      R"(,"organization":{"login":[{"exists":false}]})",
      R"(,"ref":[{"wildcard":"refs/heads/release/*"}])"};
  constexpr std::string_view actions[]{"opened", "closed", "edited", "created", "completed"};
  const std::string repository =
      i % 50 == 0 ? R"({"wildcard":"*/hello*"})" : fmt::format(R"("acme/service-{}")", i / 3);
  return fmt::format(R"({{"action":["{}"],"repository":{{"full_name":[{}]}}{}}})",
                     actions[i % std::size(actions)], repository, more[i % std::size(more)]);
}

void append_shuffled(std::string& out, Json json, std::mt19937& random) {
  if (json.is(JsonKind::object)) {
    std::vector<JsonField> fields;
    for (const JsonField field : json.fields()) fields.push_back(field);
    std::shuffle(fields.begin(), fields.end(), random);
    out += '{';
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string(out, fields[i].key);
      out += ':';
      append_shuffled(out, fields[i].value, random);
    }
    out += '}';
  } else if (json.is(JsonKind::array)) {
    out += '[';
    bool first = true;
    for (const Json element : json.elements()) {
      if (!first) out += ',';
      first = false;
      append_shuffled(out, element, random);
    }
    out += ']';
  } else {
    out += json.raw();
  }
}

}  // namespace

MatchWorkload::MatchWorkload() {
  const char* directory = std::getenv("SIGNALBOX_MATCH_WORKLOAD");
  if (directory == nullptr || *directory == '\0') {
    sets_ = {"made up"};
    payloads_ = load_payloads();
    return;
  }
  directory_ = directory;
  for (const char* set : {"exact", "base", "wild", "full"}) sets_.emplace_back(set);
  constexpr std::size_t payloads_max = 10'000;
  for (std::string& line : read_lines(directory_ + "/payloads.jsonl", payloads_max)) {
    payloads_.push_back(padded("github", std::move(line)));
  }
  if (payloads_.empty()) throw std::runtime_error(directory_ + ": no payloads");
}

std::vector<std::string> MatchWorkload::patterns(const std::string& set, std::size_t count) const {
  if (!directory_.empty())
    return read_lines(fmt::format("{}/rules_{}.jsonl", directory_, set), count);
  std::vector<std::string> patterns;
  for (std::size_t i = 0; i < count; ++i) patterns.push_back(made_up_pattern(i));
  return patterns;
}

std::string with_shuffled_fields(const std::string& json, unsigned seed) {
  std::mt19937 random{seed};
  JsonDocument document;
  const auto parsed = document.parse_copy(json);
  if (!parsed) throw std::runtime_error("no JSON to be shuffled");
  std::string out;
  append_shuffled(out, *parsed, random);
  return out;
}

Payload with_shuffled_fields(const Payload& payload, unsigned seed) {
  return padded(payload.type, with_shuffled_fields(std::string{payload.body()}, seed));
}

}  // namespace signalbox::bench
