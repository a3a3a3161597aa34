#include "connectors/github/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "connectors/request/names.hpp"

namespace signalbox {
namespace {

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

// What can be done to and fro, so that an id alone does not tell the third time from the first.
constexpr std::array<std::string_view, 4> reversible_actions{"edited", "prereleased", "released",
                                                             "unpublished"};

constexpr std::array<std::pair<std::string_view, Trust>, 4> associations{
    {{"OWNER", Trust::owner},
     {"MEMBER", Trust::member},
     {"COLLABORATOR", Trust::collaborator},
     // Had a commit merged. FIRST_TIME_CONTRIBUTOR, FIRST_TIMER, MANNEQUIN and NONE had not:
     // outsiders.
     {"CONTRIBUTOR", Trust::contributor}}};

// Two parts: a host could be told from an owner otherwise by nobody.
bool is_full_name(std::string_view name) {
  const std::size_t slash = name.find('/');
  return slash != std::string_view::npos && slash > 0 && slash + 1 < name.size() &&
         name.find('/', slash + 1) == std::string_view::npos;
}

// How the host stands before a place. github.com is what is meant without one; a name that has no
// dot is closed with one, as DNS allows, since it could be an owner's.
std::string place_of(std::string_view host, std::string_view name) {
  if (host == "github.com") return std::string{name};
  const bool bare = host.find_first_of(".:") == std::string_view::npos;
  return fmt::format("{}{}/{}", host, bare ? "." : "", name);
}

std::string host_or_public(std::string_view page, std::string_view api) {
  std::string host = host_of(page);
  if (host.empty()) host = host_of(api);
  return host.empty() || host == "api.github.com" ? "github.com" : host;
}

template <std::size_t n>
bool holds(const std::array<std::string_view, n>& list, std::string_view item) {
  return std::ranges::find(list, item) != list.end();
}

// Seconds that a Time can hold, and that somebody lives to see.
bool within_times(std::int64_t seconds) {
  constexpr std::int64_t end_of_9999 = 253'402'300'799;
  return seconds >= 0 && seconds <= end_of_9999;
}

// The standing of an author. Outsider where none is said.
Trust trust_of(Json association) {
  const auto name = association.string_or({});
  for (const auto& [known, trust] : associations) {
    if (known == name) return trust;
  }
  return Trust::outsider;
}

}  // namespace

Trust GithubBody::Written::trust() const { return trust_of(association); }

std::string_view repository_of_url(std::string_view url) {
  constexpr std::string_view segment = "/repos/";
  const std::size_t at = url.find(segment);
  if (at == std::string_view::npos) return {};
  url.remove_prefix(at + segment.size());
  return is_plain_name(url, "/", full_name_bytes_max) && is_full_name(url) ? url
                                                                           : std::string_view{};
}

GithubBody::GithubBody(Json object) : object_{object}, top_{object.pick(top_names)} {
  constexpr std::array<std::string_view, 4> names{"id", "full_name", "html_url", "url"};
  const auto found = top(Top::repository).pick(names);
  repository_id_ = found[0];
  full_name_ = found[1];
  host_ = host_or_public(found[2].string_or({}), found[3].string_or({}));
  constexpr std::array<std::string_view, 8> of_written{
      "number", "node_id", "id",   "author_association",
      "title",  "body",    "head", "performed_via_github_app"};
  for (std::size_t i = 0; i < written_.size(); ++i) {
    const Json text = top_[static_cast<std::size_t>(first_written) + i];
    if (!text.is(JsonKind::object)) continue;
    const auto [number, node_id, id, association, title, body, head, app] = text.pick(of_written);
    written_[i] = {text, number, node_id, id, association, title, body, head, app};
  }
}

std::string GithubBody::shape_error(const GithubEvent& event) const {
  for (const auto& [key, kind, or_null] : event.needs) {
    if (key.empty()) break;
    const Json member = object_[key];
    if (!member.is(kind) && !(or_null && member.is(JsonKind::null))) {
      return fmt::format("no body of '{}': '{}' is missing", event.name, key);
    }
  }
  for (const std::string_view key : event.excludes) {
    if (key.empty()) break;
    if (const Json member = object_[key]; member && !member.is(JsonKind::null)) {
      return fmt::format("no body of '{}': it has '{}'", event.name, key);
    }
  }
  if (!event.only_action.empty() && action() != event.only_action) {
    return fmt::format("no body of '{}': its action is not '{}'", event.name, event.only_action);
  }
  return event.bare ? foreign_member(event) : std::string{};
}

std::string GithubBody::foreign_member(const GithubEvent& event) const {
  for (const auto& [key, value] : object_.fields()) {
    if (holds(envelope, key)) continue;
    if (value.is(JsonKind::object) || value.is(JsonKind::array)) {
      return fmt::format("no body of '{}': it has '{}'", event.name, key);
    }
  }
  return {};
}

std::pair<std::string_view, Json> GithubBody::own_member(const GithubEvent& event) const {
  if (event.own_field.empty()) return {};
  const Json object = event.own_object.empty() ? object_ : object_[event.own_object];
  const bool reversible = event.own_field == "id" && holds(reversible_actions, action());
  const std::string_view key = reversible ? "updated_at" : event.own_field;
  return {key, object[key]};
}

bool GithubBody::is_unique(const GithubEvent* event) const {
  if (holds(asking_actions, action())) return false;
  if (event == nullptr) return has_own_time();
  const Json value = own_member(*event).second;
  return value && !value.is(JsonKind::null);
}

std::optional<Time> GithubBody::own_time(const GithubEvent* event) const {
  if (event == nullptr || holds(asking_actions, action())) return std::nullopt;
  const auto [key, value] = own_member(*event);
  if (!key.ends_with("_at")) return std::nullopt;
  // A push's is a number of seconds.
  if (const auto seconds = value.integer()) {
    return within_times(*seconds) ? std::optional{Time{std::chrono::seconds{*seconds}}}
                                  : std::nullopt;
  }
  return parse_time(value.string_or({}));
}

bool GithubBody::has_own_time() const {
  constexpr std::array<std::string_view, 2> times{"updated_at", "created_at"};
  for (const auto& [key, value] : object_.fields()) {
    if (holds(envelope, key)) continue;
    for (const Json time : value.pick(times)) {
      if (time.is(JsonKind::string)) return true;
    }
  }
  return false;
}

Actor GithubBody::actor() const {
  constexpr std::array<std::string_view, 3> names{"id", "login", "type"};
  const auto [id, name, type] = top(Top::sender).pick(names);
  Actor actor;
  if (id.integer()) actor.id = id.raw();
  const auto login = name.string_or({});
  if (login.size() <= person_bytes_max) actor.name = login;
  if (type.string() == "Bot" || login.ends_with("[bot]")) {
    actor.kind = ActorKind::bot;
  } else if (type.string() == "User") {
    actor.kind = written_by_app() ? ActorKind::app : ActorKind::human;
  }
  return actor;
}

// A person wrote, but through an App: said by the object that this action made.
bool GithubBody::written_by_app() const {
  if (action() != "created" && action() != "opened" && action() != "submitted") return false;
  for (const Top member : {Top::comment, Top::review, Top::issue}) {
    if (top(member)) return written(member).app.is(JsonKind::object);
  }
  for (const Top member : {Top::deployment_status, Top::deployment}) {
    if (const Json made = top(member)) {
      return made["performed_via_github_app"].is(JsonKind::object);
    }
  }
  return false;
}

Trust GithubBody::trust() const {
  std::optional<Trust> lowest;
  const auto add = [&lowest](Trust author) {
    lowest = std::min(lowest.value_or(Trust::owner), author);
  };
  for (const Written& text : written_) {
    if (text.object) add(text.trust());
  }
  for (const Json comment : top(Top::thread)["comments"].elements()) {
    if (comment.is(JsonKind::object)) add(trust_of(comment["author_association"]));
  }
  return lowest.value_or(Trust::outsider);
}

std::optional<WorkRef> GithubBody::work() const {
  const auto repository_id = repository_id_.integer();
  const std::string_view name = full_name();
  if (!repository_id || name.empty()) return std::nullopt;
  const Item about = item();
  const auto number = about.number.integer();
  if (!number) return std::nullopt;
  WorkRef work{fmt::format("github:{}/{}/{}", host_, *repository_id, *number),
               fmt::format("github:{}#{}", name, *number)};
  work.aliases.reserve(2);
  if (const auto node = about.node_id.string_or({}); is_plain_name(node, "=")) {
    work.aliases.push_back(fmt::format("github:node:{}", node));
  }
  if (const auto id = about.id.integer()) {
    work.aliases.push_back(fmt::format("github:{}/{}/{}", host_, about.kind, *id));
  }
  return work;
}

GithubBody::Item GithubBody::item() const {
  constexpr std::array<std::pair<Top, std::string_view>, 3> kinds{
      {{Top::pull_request, "pull"}, {Top::issue, "issue"}, {Top::discussion, "discussion"}}};
  for (const auto& [member, kind] : kinds) {
    const Written& about = written(member);
    if (about.number.integer()) return {about.number, about.node_id, about.id, kind};
  }
  if (const Item issue = sub_issue(); issue.number) return issue;
  return only_pull_request();
}

// Both ends of such a pair are told of it; which of them is meant is in the action's name.
GithubBody::Item GithubBody::sub_issue() const {
  const bool has_parent = action().starts_with("parent_issue_");
  if (!has_parent && !action().starts_with("sub_issue_")) return {};
  const Json issue = object_[has_parent ? "sub_issue" : "parent_issue"];
  if (repository_of_url(issue["repository_url"].string_or({})) != full_name()) return {};
  return {issue["number"], issue["node_id"], issue["id"], "issue"};
}

GithubBody::Item GithubBody::only_pull_request() const {
  for (const Top member : {Top::check_run, Top::check_suite, Top::workflow_run}) {
    const Json list = top(member)["pull_requests"];
    const Json first = list.at(0);
    if (!first || list.at(1)) continue;
    // A fork's checks list the pull requests of other repositories too: their numbers are not ours.
    if (first["base"]["repo"]["id"].integer() != repository_id_.integer()) continue;
    return {first["number"], first["node_id"], first["id"], "pull"};
  }
  return {};
}

std::string_view GithubBody::full_name() const {
  const auto name = full_name_.string_or({});
  return is_plain_name(name, "/", full_name_bytes_max) ? name : std::string_view{};
}

std::string GithubBody::place() const {
  if (const auto name = full_name(); !name.empty()) return fmt::format("github:{}", name);
  for (const Json owner : {top(Top::organization), top(Top::installation)["account"]}) {
    const auto login = owner["login"].string_or({});
    if (is_plain_name(login)) return fmt::format("github:{}", login);
  }
  return {};
}

std::vector<std::string> GithubBody::places() const {
  if (top(Top::repository)) {
    const auto name = full_name();
    if (!is_full_name(name)) return {};
    return {place_of(host_, name)};
  }
  for (const Json owner : {top(Top::organization), top(Top::installation)["account"]}) {
    const auto login = owner["login"].string_or({});
    if (!is_plain_name(login)) continue;
    return {place_of(host_or_public(owner["html_url"].string_or({}), owner["url"].string_or({})),
                     login)};
  }
  return {};
}

}  // namespace signalbox
