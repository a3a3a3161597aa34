#include "bench/harness/payloads.hpp"

#include <simdjson.h>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

#include "connectors/samples/samples.hpp"
#include "event/json.hpp"

namespace signalbox::bench {
namespace {

Payload make_payload(std::string type, std::string_view body) {
  Payload payload{std::move(type), std::string{body}, body.size()};
  payload.padded.append(json_padding, '\0');
  return payload;
}

// GitHub sends JSON without blanks; the examples are indented.
std::string without_blanks(std::string_view json) {
  std::string compact(json.size(), '\0');
  std::size_t size = 0;
  if (simdjson::minify(json.data(), json.size(), compact.data(), size)) {
    throw std::runtime_error("an example is no JSON");
  }
  compact.resize(size);
  return compact;
}

std::vector<Payload> own_samples() {
  std::vector<Payload> payloads;
  std::uint64_t seed = 0;
  for (const std::string_view type : sample_types("github")) {
    payloads.push_back(make_payload(std::string{type}, make_sample("github", type, ++seed)->body));
  }
  return payloads;
}

std::vector<Payload> examples(const char* path) {
  std::ifstream file{path};
  std::stringstream text;
  text << file.rdbuf();
  JsonDocument document;
  const auto index = document.parse_copy(text.str());
  if (!file || !index) throw std::runtime_error(std::string{path} + ": no index of examples");
  std::vector<Payload> payloads;
  for (const Json group : index->elements()) {
    const std::string name{group["name"].string_or({})};
    for (const Json example : group["examples"].elements()) {
      payloads.push_back(make_payload("github." + name, without_blanks(example.raw())));
    }
  }
  if (payloads.empty()) throw std::runtime_error(std::string{path} + ": no examples");
  return payloads;
}

}  // namespace

std::vector<Payload> load_payloads() {
  const char* path = std::getenv("SIGNALBOX_OCTOKIT_EXAMPLES");
  return path != nullptr && *path != '\0' ? examples(path) : own_samples();
}

}  // namespace signalbox::bench
