// The route table against its description, docs/openapi.yaml.
#include "gateway/api/route_table.hpp"

#include <yaml-cpp/yaml.h>
#include <catch2/catch.hpp>

#include <set>

#include "gateway/api/openapi.hpp"

namespace signalbox::api {
namespace {

using Names = std::set<std::string>;

std::string path_of(const Route& route) {
  std::string path;
  for (const std::string_view part : route.path) {
    if (!part.empty()) path.append("/").append(part);
  }
  return path;
}

// "/v1/events/{event}" -> "/v1/events/*"
std::string starred(std::string path) {
  for (std::size_t open = path.find('{'); open != std::string::npos; open = path.find('{')) {
    path.replace(open, path.find('}') - open + 1, "*");
  }
  return path;
}

Names parameters_in_query(const YAML::Node& document, const YAML::Node& operation) {
  Names names;
  for (const YAML::Node& each : operation["parameters"]) {
    YAML::Node parameter = each;
    if (each["$ref"]) {
      const std::string reference = each["$ref"].as<std::string>();
      const std::string name = reference.substr(reference.rfind('/') + 1);
      parameter.reset(document["components"]["parameters"][name]);
    }
    if (parameter["in"].as<std::string>() == "query")
      names.insert(parameter["name"].as<std::string>());
  }
  return names;
}

}  // namespace

TEST_CASE("openapi.yaml describes each route with its parameters, and no other") {
  const YAML::Node document = YAML::Load(std::string{openapi_yaml});
  Names described;
  for (const auto& path : document["paths"]) {
    for (const auto& operation : path.second) {
      std::string method = operation.first.as<std::string>();
      for (char& c : method) c = static_cast<char>(c & ~0x20);
      described.insert(method + " " + starred(path.first.as<std::string>()));
    }
  }
  Names routed;
  for (const Route& route : all_routes()) {
    routed.insert(std::string{route.method} + " " + path_of(route));
  }
  CHECK(described == routed);

  for (const auto& path : document["paths"]) {
    for (const Route& route : all_routes()) {
      if (path_of(route) != starred(path.first.as<std::string>())) continue;
      const YAML::Node operation = path.second[route.method == "GET" ? "get" : "post"];
      if (!operation) continue;
      Names known;
      for (const std::string_view name : route.query) {
        if (!name.empty()) known.emplace(name);
      }
      INFO(path_of(route));
      CHECK(parameters_in_query(document, operation) == known);
      CHECK(operation["security"].IsDefined() == (route.access == Access::anyone));
    }
  }
}

TEST_CASE("a path that is taken by another method says which") {
  CHECK(find_route("DELETE", {"v1", "inbox"}).allowed == "GET, HEAD, OPTIONS");
  CHECK(find_route("DELETE", {"v1", "inbox"}).route == nullptr);
  CHECK(find_route("HEAD", {"v1", "inbox"}).route != nullptr);
  CHECK(find_route("GET", {"v1", "nothing"}).allowed.empty());
  CHECK(find_route("GET", {"v1", "events", "e_1", "explain"}).route != nullptr);
}

}  // namespace signalbox::api
