// The route table against its descriptions, docs/openapi.yaml and docs/API.md.
#include "gateway/api/route_table.hpp"

#include <yaml-cpp/yaml.h>
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <map>
#include <regex>
#include <set>

#include "gateway/api/openapi.hpp"
#include "tests/documents.hpp"
#include "tests/source_tree.hpp"

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

// "/v1/events/{event}" and "/v1/events/<id>" -> "/v1/events/*"
std::string starred(const std::string& path) {
  return std::regex_replace(path, std::regex{"\\{[^}]*\\}|<[^>]*>"}, "*");
}

Names query_of(const Route& route) {
  Names names;
  for (const std::string_view name : route.query) {
    if (!name.empty()) names.emplace(name);
  }
  return names;
}

const Route* route_of(const std::string& method, const std::string& starred_path) {
  for (const Route* route : all_routes()) {
    if (route->method == method && path_of(*route) == starred_path) return route;
  }
  return nullptr;
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

// One operation of docs/openapi.yaml.
struct Operation {
  std::string method;
  std::string path;  // with its names in braces
  YAML::Node node;
};

std::vector<Operation> operations_of(const YAML::Node& document) {
  std::vector<Operation> operations;
  for (const auto& path : document["paths"]) {
    for (const auto& operation : path.second) {
      std::string method = operation.first.as<std::string>();
      for (char& c : method) c = static_cast<char>(c & ~0x20);
      operations.push_back({method, path.first.as<std::string>(), operation.second});
    }
  }
  return operations;
}

std::string who_may(Access access) {
  switch (access) {
    case Access::anyone:
      return "anyone";
    case Access::monitoring:
      return "monitoring";
    case Access::operators:
      return "operators";
    case Access::agents:
      break;
  }
  return "agents, operators";
}

constexpr std::string_view of_operators = " (operators)";  // behind a summary or a heading

std::string calls_markdown() {
  const YAML::Node document = YAML::Load(std::string{openapi_yaml});
  std::string text = "| call | for | parameters | does |\n| --- | --- | --- | --- |\n";
  for (const Operation& operation : operations_of(document)) {
    const Route* route = route_of(operation.method, starred(operation.path));
    REQUIRE(route != nullptr);
    std::string parameters;
    for (const std::string_view name : route->query) {
      if (name.empty()) break;
      parameters.append(parameters.empty() ? "`" : ", `").append(name).append("`");
    }
    std::string summary = operation.node["summary"].as<std::string>();
    if (summary.ends_with(of_operators)) summary.resize(summary.size() - of_operators.size());
    const std::string path =
        std::regex_replace(operation.path, std::regex{"\\{([^}]*)\\}"}, "<$1>");
    text += "| `" + operation.method + " " + path + "` | " + who_may(route->access) + " | " +
            parameters + " | " + summary + " |\n";
  }
  return text;
}

}  // namespace

TEST_CASE("openapi.yaml describes each route as it is: parameters, token, who may call it") {
  const YAML::Node document = YAML::Load(std::string{openapi_yaml});
  const std::vector<Operation> operations = operations_of(document);
  CHECK(operations.size() == all_routes().size());
  for (const Operation& operation : operations) {
    INFO(operation.method << " " << operation.path);
    const Route* route = route_of(operation.method, starred(operation.path));
    REQUIRE(route != nullptr);
    CHECK(parameters_in_query(document, operation.node) == query_of(*route));
    const bool needs_none = route->access == Access::anyone || route->access == Access::monitoring;
    CHECK(operation.node["security"].IsDefined() == needs_none);
    const std::string summary = operation.node["summary"].as<std::string>();
    CHECK(summary.ends_with(of_operators) == (route->access == Access::operators));
  }
}

// A row that no operation names is linked and never found.
TEST_CASE("each row of gateway/api is one of the route table") {
  Names rows;
  const std::regex row{"constinit const Route (\\w+)_route\\{"};
  for (const auto& file : std::filesystem::directory_iterator{test::source_path("gateway/api")}) {
    if (file.path().extension() != ".cpp") continue;
    const std::string text = test::read_document("gateway/api/" + file.path().filename().string());
    for (std::sregex_iterator at{text.begin(), text.end(), row}; at != std::sregex_iterator{}; ++at)
      rows.insert((*at)[1]);
  }
  Names operations;
  for (const Operation& operation : operations_of(YAML::Load(std::string{openapi_yaml}))) {
    std::string name;
    for (const char c : operation.node["operationId"].as<std::string>()) {
      if (c >= 'A' && c <= 'Z') name += '_';
      name += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 0x20 : c);
    }
    operations.insert(name);
  }
  CHECK(rows == operations);
}

TEST_CASE("no two routes take the same call") {
  std::set<std::string> calls;
  for (const Route* route : all_routes()) {
    CHECK(calls.insert(std::string{route->method} + " " + path_of(*route)).second);
  }
}

TEST_CASE("the calls in docs/API.md are those of the route table", "[docs]") {
  test::check_section("docs/API.md", "calls", "\n" + calls_markdown() + "\n");
}

TEST_CASE("each heading of docs/API.md that names a call names a route and its parameters") {
  const std::string document = test::read_document("docs/API.md");
  const std::regex heading{"\n### ([^\n]*`(?:GET|POST) /v1[^\n]*)"};
  const std::regex call{"`(GET|POST) ([^`?]+)[?]?([^`]*)`"};
  const std::regex parameter{"([a-z_]+)="};
  std::size_t headings = 0;
  for (std::sregex_iterator at{document.begin(), document.end(), heading};
       at != std::sregex_iterator{}; ++at, ++headings) {
    const std::string text = (*at)[1];
    INFO(text);
    for (std::sregex_iterator named{text.begin(), text.end(), call};
         named != std::sregex_iterator{}; ++named) {
      const Route* route = route_of((*named)[1], starred((*named)[2]));
      REQUIRE(route != nullptr);
      CHECK(text.ends_with(of_operators) == (route->access == Access::operators));
      const Names known = query_of(*route);
      const std::string query = (*named)[3];
      for (std::sregex_iterator name{query.begin(), query.end(), parameter};
           name != std::sregex_iterator{}; ++name) {
        CHECK(known.count((*name)[1]) == 1);
      }
    }
  }
  CHECK(headings >= 10);
}

TEST_CASE("a path that is taken by another method says which") {
  CHECK(find_route("DELETE", {"v1", "inbox"}).allowed == "GET, HEAD, OPTIONS");
  CHECK(find_route("DELETE", {"v1", "inbox"}).route == nullptr);
  CHECK(find_route("POST", {"v1", "inbox", "ack"}).allowed == "POST, OPTIONS");
  CHECK(find_route("GET", {"v1", "nothing"}).allowed.empty());
}

TEST_CASE("a route is found by its method and the whole of its path") {
  const auto found = [](std::string_view method, const PathParts& parts) {
    return find_route(method, parts).route;
  };
  const Route* inbox = found("GET", {"v1", "inbox"});
  REQUIRE(inbox != nullptr);
  CHECK(inbox->query[0] == "agent");
  CHECK(found("HEAD", {"v1", "inbox"}) == inbox);
  CHECK(found("HEAD", {"v1", "inbox", "ack"}) == nullptr);
  CHECK(found("get", {"v1", "inbox"}) == nullptr);
  CHECK(found("GET", {"v1"}) == nullptr);
  CHECK(found("GET", {}) == nullptr);
  CHECK(found("GET", {"v1", "Inbox"}) == nullptr);
  CHECK(found("GET", {"v1", "events", "e_1"}) != nullptr);
  CHECK(found("GET", {"v1", "events", "e_1", "explain"}) != nullptr);
  CHECK(found("GET", {"v1", "events", "e_1", "explain", "more"}) == nullptr);
  CHECK(found("POST", {"v1", "events", "*", "replay"}) != nullptr);
}

TEST_CASE("a query parameter is known to its route, given once, and well-formed") {
  const Route* inbox = find_route("GET", {"v1", "inbox"}).route;
  const Route* events = find_route("GET", {"v1", "events"}).route;
  const Route* rules = find_route("GET", {"v1", "rules"}).route;
  REQUIRE((inbox != nullptr && events != nullptr && rules != nullptr));
  const auto refusal = [](const Route& route, std::string_view target) {
    const auto checked = check_query(route, target);
    return checked ? std::string{} : checked.error().detail;
  };
  CHECK(refusal(*inbox, "/v1/inbox").empty());
  CHECK(refusal(*inbox, "/v1/inbox?agent=a&max=1").empty());
  CHECK(refusal(*events, "/v1/events?cursor=x&namespace=blue").empty());
  CHECK(refusal(*inbox, "/v1/inbox?agnt=a") == "unknown parameter 'agnt'; did you mean 'agent'?");
  CHECK(refusal(*inbox, "/v1/inbox?=1") == "unknown parameter ''");
  CHECK(refusal(*rules, "/v1/rules?max=1") == "unknown parameter 'max'");
  CHECK(refusal(*inbox, "/v1/inbox?max=1&agent=a&max=1") == "'max' is given twice");
  CHECK(refusal(*inbox, "/v1/inbox?max=%zz") == "the query is malformed");
}

}  // namespace signalbox::api
