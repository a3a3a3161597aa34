#include "connectors/github_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/github_events.hpp"
#include "connectors/names.hpp"

namespace signalbox::github_body {
namespace {

constexpr std::size_t url_host_bytes_max = 253;
constexpr std::size_t full_name_bytes_max = 256;
constexpr std::size_t person_bytes_max = 256;

// Members that stand around most bodies and describe where and who, not what happened.
constexpr std::array<std::string_view, 8> envelope{
    "repository", "sender", "organization", "installation", "enterprise",
    // Chosen by whoever dispatched, so no proof of anything.
    "client_payload", "inputs", "changes"};

// Pressing a button twice is asking twice; nothing in the body needs to change in between.
constexpr std::array<std::string_view, 4> asking_actions{"rerequested", "requested_action",
                                                         "pinned", "unpinned"};

// Objects with a text and the association of its author.
constexpr std::array<std::string_view, 7> texts{"pull_request", "issue",  "comment",   "review",
                                                "discussion",   "answer", "old_answer"};

constexpr std::array<std::pair<std::string_view, Trust>, 4> associations{
    {{"OWNER", Trust::owner},
     {"MEMBER", Trust::member},
     {"COLLABORATOR", Trust::collaborator},
     // Had a commit merged. FIRST_TIME_CONTRIBUTOR, FIRST_TIMER, MANNEQUIN and NONE had not:
     // outsiders.
     {"CONTRIBUTOR", Trust::contributor}}};

template <std::size_t n>
bool holds(const std::array<std::string_view, n>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

Trust association(Json object) {
  const auto name = object["author_association"].string_or({});
  for (const auto& [association, trust] : associations) {
    if (association == name) return trust;
  }
  return Trust::outsider;
}

bool has_own_time(Json body) {
  for (const auto& [key, value] : body.fields()) {
    if (holds(envelope, key)) continue;
    if (value["updated_at"].string() || value["created_at"].string()) return true;
  }
  return false;
}

// "https://ghe.acme.example/acme/api" -> "ghe.acme.example". Empty for anything else.
std::string host_of(std::string_view url) {
  constexpr std::string_view scheme = "https://";
  constexpr std::string_view plain_scheme = "http://";  // Enterprise Server without TLS
  if (url.starts_with(scheme)) {
    url.remove_prefix(scheme.size());
  } else if (url.starts_with(plain_scheme)) {
    url.remove_prefix(plain_scheme.size());
  } else {
    return {};
  }
  std::string host{url.substr(0, url.find('/'))};
  if (!is_plain_name(host, ":", url_host_bytes_max)) return {};
  std::ranges::transform(host, host.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  });
  return host;
}

// Numbers of a repository are unique within its installation of GitHub only, so its host is part of
// a name.
std::string site(Json repository) {
  std::string host = host_of(repository["html_url"].string_or({}));
  if (host.empty()) host = host_of(repository["url"].string_or({}));
  return host.empty() || host == "api.github.com" ? "github.com" : host;
}

struct Item {
  Json object;
  std::string_view kind;
};

Item only_pull_request(Json body) {
  const auto home = body["repository"]["id"].integer();
  for (const std::string_view name : {"check_run", "check_suite", "workflow_run"}) {
    const Json list = body[name]["pull_requests"];
    const Json first = list.at(0);
    if (!first || list.at(1)) continue;
    // A fork's checks list the pull requests of other repositories too: their numbers are not ours.
    if (home && first["base"]["repo"]["id"].integer() == home) return {first, "pull"};
  }
  return {};
}

Item item(Json body) {
  constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kinds{
      {{"pull_request", "pull"}, {"issue", "issue"}, {"discussion", "discussion"}}};
  for (const auto& [key, kind] : kinds) {
    if (const Json object = body[key]; object["number"].integer()) return {object, kind};
  }
  return only_pull_request(body);
}

// A person wrote, but through an App: said by the object that this action made.
bool written_by_app(Json body) {
  const auto action = body["action"].string_or({});
  if (action != "created" && action != "opened" && action != "submitted") return false;
  for (const std::string_view key :
       {"comment", "review", "issue", "deployment_status", "deployment"}) {
    if (const Json made = body[key]) return made["performed_via_github_app"].is(JsonKind::object);
  }
  return false;
}

std::string_view full_name(Json body) {
  const auto name = body["repository"]["full_name"].string_or({});
  return is_plain_name(name, "/", full_name_bytes_max) ? name : std::string_view{};
}

}  // namespace

std::string shape_error(std::string_view event, Json body) {
  const GithubEvent* known = find_github_event(event);
  if (known == nullptr) return {};
  for (const auto& need : known->needs) {
    if (need.key.empty()) break;
    if (!body[need.key].is(need.kind))
      return fmt::format("no body of '{}': '{}' is missing", event, need.key);
  }
  for (const std::string_view key : known->excludes) {
    if (key.empty()) break;
    if (body[key].is(JsonKind::object))
      return fmt::format("no body of '{}': it has '{}'", event, key);
  }
  return {};
}

bool is_unique(std::string_view event, std::string_view action, Json body) {
  if (holds(asking_actions, action)) return false;
  const GithubEvent* known = find_github_event(event);
  if (known == nullptr) return has_own_time(body);
  if (known->own_field.empty()) return false;
  const Json object = known->own_object.empty() ? body : body[known->own_object];
  const Json value = object[known->own_field];
  return value && !value.is(JsonKind::null);
}

Actor actor(Json body) {
  Actor actor;
  const Json sender = body["sender"];
  if (sender["id"].integer()) actor.id = sender["id"].raw();
  const auto login = sender["login"].string_or({});
  if (login.size() <= person_bytes_max) actor.name = login;
  const auto type = sender["type"].string_or({});
  if (type == "Bot" || login.ends_with("[bot]")) {
    actor.kind = ActorKind::bot;
  } else if (type == "User") {
    actor.kind = written_by_app(body) ? ActorKind::app : ActorKind::human;
  }
  return actor;
}

Trust trust(Json body) {
  std::optional<Trust> lowest;
  const auto add = [&lowest](Json object) {
    lowest = std::min(lowest.value_or(Trust::owner), association(object));
  };
  for (const std::string_view key : texts) {
    if (const Json object = body[key]; object.is(JsonKind::object)) add(object);
  }
  for (const Json comment : body["thread"]["comments"].elements()) add(comment);
  return lowest.value_or(Trust::outsider);
}

std::optional<WorkRef> work(Json body) {
  const Json repository = body["repository"];
  const auto repository_id = repository["id"].integer();
  const std::string_view name = full_name(body);
  const auto [object, kind] = item(body);
  const auto number = object["number"].integer();
  if (!number || !repository_id || name.empty()) return std::nullopt;
  const std::string host = site(repository);
  WorkRef work{.canonical = fmt::format("github:{}/{}/{}", host, *repository_id, *number),
               .readable = fmt::format("github:{}#{}", name, *number),
               .aliases = {}};
  if (const auto node = object["node_id"].string_or({}); is_plain_name(node, "=")) {
    work.aliases.push_back(fmt::format("github:node:{}", node));
  }
  if (const auto id = object["id"].integer()) {
    work.aliases.push_back(fmt::format("github:{}/{}/{}", host, kind, *id));
  }
  return work;
}

std::string place(Json body) {
  if (const auto name = full_name(body); !name.empty()) return fmt::format("github:{}", name);
  for (const Json owner : {body["organization"], body["installation"]["account"]}) {
    const auto login = owner["login"].string_or({});
    if (is_plain_name(login)) return fmt::format("github:{}", login);
  }
  return {};
}

}  // namespace signalbox::github_body
