#include "connectors/jira/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "connectors/request/freshness.hpp"
#include "connectors/request/names.hpp"

namespace signalbox {
namespace {

constexpr std::size_t person_bytes_max = 256;
constexpr std::size_t id_digits_max = 20;
constexpr std::size_t changes_max = 256;  // of a changelog, looked through for a former key
constexpr std::string_view event_prefix = "jira:";

// What people write on an issue, each with its author.
constexpr std::array<std::string_view, 3> written{"comment", "worklog", "attachment"};

std::string_view event_of(Json body) {
  std::string_view event = body["webhookEvent"].string_or({});
  if (event.starts_with(event_prefix)) event.remove_prefix(event_prefix.size());
  return event;
}

bool is_digits(std::string_view text) {
  return !text.empty() && text.size() <= id_digits_max &&
         std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

// Ids are strings in some members and numbers in others.
std::string id_of(Json value) {
  const std::string_view text = value.string_or(value.integer() ? value.raw() : std::string_view{});
  return is_digits(text) ? std::string{text} : std::string{};
}

ActorKind kind_of(Json user) {
  const auto type = user["accountType"].string_or({});
  if (type == "atlassian" || type == "customer") return ActorKind::human;
  return type == "app" ? ActorKind::app : ActorKind::unknown;
}

// An account without `accountType` is one of a Data Center, unless it has the id of a Cloud
// account: captures of old Cloud sites do not say what the account is.
Trust trust_of(Json user) {
  const auto type = user["accountType"].string();
  if (type) return *type == "atlassian" ? Trust::member : Trust::outsider;
  return user["accountId"] ? Trust::outsider : Trust::member;
}

Actor person(Json user) {
  Actor actor;
  for (const std::string_view key : {"accountId", "key", "name"}) {
    const auto id = user[key].string_or({});
    if (id.empty() || id.size() > person_bytes_max) continue;
    actor.id = id;
    break;
  }
  const auto login = user["accountId"] ? std::string_view{} : user["name"].string_or({});
  const auto name = login.empty() ? user["displayName"].string_or({}) : login;
  if (name.size() <= person_bytes_max) actor.name = name;
  actor.kind = kind_of(user);
  return actor;
}

// The account that acted; missing where the body does not say.
Json acting(Json body) {
  const auto event = event_of(body);
  // There the user is who was created, changed or deleted.
  if (event.starts_with("user_")) return {};
  if (const Json user = body["user"]; user.is(JsonKind::object)) return user;
  const bool changed = event.ends_with("_updated");
  if (!changed && !event.ends_with("_created")) return {};
  for (const std::string_view key : written) {
    const Json item = body[key];
    const Json author = item[changed ? "updateAuthor" : "author"];
    if (author.is(JsonKind::object)) return author;
  }
  return {};
}

// "https://acme.atlassian.net/rest/api/2/issue/10001/comment/7" -> "10001"; a key on some servers.
std::string_view issue_in_url(std::string_view url) {
  constexpr std::string_view segment = "/issue/";
  const std::size_t at = url.find(segment);
  if (at == std::string_view::npos) return {};
  url.remove_prefix(at + segment.size());
  return url.substr(0, url.find_first_of("/?#"));
}

struct JiraIssue {
  std::string id;
  std::string key;
};

JiraIssue issue(Json body) {
  const Json own = body["issue"];
  JiraIssue found{id_of(own["id"]), {}};
  if (const auto key = own["key"].string_or({}); is_issue_key(key)) found.key = key;
  if (!found.id.empty() || !found.key.empty()) return found;
  found.id = id_of(body["worklog"]["issueId"]);
  if (!found.id.empty()) return found;
  for (const std::string_view name : {"comment", "worklog", "property"}) {
    const auto part = issue_in_url(body[name]["self"].string_or({}));
    if (is_digits(part)) return {std::string{part}, {}};
    if (is_issue_key(part)) return {{}, std::string{part}};
  }
  return {};
}

// An issue that moves to another project gets another key, and keeps its id.
void add_former_keys(Json body, std::vector<std::string>& aliases) {
  std::size_t seen = 0;
  for (const Json item : body["changelog"]["items"].elements()) {
    if (seen++ == changes_max) break;
    if (item["field"].string_or({}) != "Key") continue;
    const auto former = item["fromString"].string_or({});
    if (is_issue_key(former)) aliases.push_back(fmt::format("jira:{}", former));
  }
}

// "PROJ" of what the body is about.
std::string project(Json body) {
  const JiraIssue about = issue(body);
  if (!about.key.empty()) return about.key.substr(0, about.key.rfind('-'));
  for (const Json project : {body["project"], body["issue"]["fields"]["project"]}) {
    const auto key = project["key"].string_or({});
    if (is_plain_name(key)) return std::string{key};
  }
  return {};
}

void refer_to_issues(ReferenceCollector& found, Json fields) {
  const auto add = [&found](Json issue, Relation relation, ReferencePlace seen) {
    const auto key = issue["key"].string_or({});
    if (!is_issue_key(key)) return;
    found.add(fmt::format("jira:{}", key), relation, seen, Trust::member);
  };
  add(fields["parent"], Relation::child, ReferencePlace::parent);
  std::size_t count = 0;
  for (const Json link : fields["issuelinks"].elements()) {
    if (count++ == references_max) break;
    add(link["inwardIssue"], Relation::mentions, ReferencePlace::link);
    add(link["outwardIssue"], Relation::mentions, ReferencePlace::link);
  }
}

}  // namespace

JiraBody::JiraBody(Json object) : object_{object}, trust_{lowest_trust()} {
  assert(object_.is(JsonKind::object));
}

std::string JiraBody::type() const {
  std::string type = snake_case(event_of(object_));
  return type.empty() ? "unknown" : type;
}

Actor JiraBody::actor() const {
  const Json user = acting(object_);
  return user ? person(user) : Actor{};
}

Trust JiraBody::lowest_trust() const {
  std::optional<Trust> lowest;
  const auto add = [&lowest](Json user) {
    if (user.is(JsonKind::object)) lowest = std::min(lowest.value_or(Trust::owner), trust_of(user));
  };
  add(acting(object_));
  for (const std::string_view key : written) {
    const Json item = object_[key];
    add(item["author"]);
    add(item["updateAuthor"]);
  }
  const Json fields = object_["issue"]["fields"];
  add(fields["creator"]);
  add(fields["reporter"]);
  return lowest.value_or(Trust::outsider);
}

std::optional<WorkRef> JiraBody::work() const {
  const JiraIssue about = issue(object_);
  const std::string host = site();
  if (host.empty() || (about.id.empty() && about.key.empty())) return std::nullopt;
  WorkRef work{fmt::format("jira:{}/{}", host, about.id.empty() ? about.key : about.id)};
  if (about.key.empty()) return work;
  work.readable = fmt::format("jira:{}", about.key);
  // Keys repeat across sites, so with its site it is a name of its own.
  if (!about.id.empty()) work.aliases.push_back(fmt::format("jira:{}/{}", host, about.key));
  add_former_keys(object_, work.aliases);
  return work;
}

std::string JiraBody::place() const {
  if (const std::string key = project(object_); !key.empty()) return fmt::format("jira:{}", key);
  const std::string host = site();
  return host.empty() ? std::string{} : fmt::format("jira:{}", host);
}

std::vector<std::string> JiraBody::places() const {
  std::string host = site();
  if (host.empty()) return {};
  const std::string key = project(object_);
  return {key.empty() ? std::move(host) : fmt::format("{}/{}", host, key)};
}

std::vector<Reference> JiraBody::references(const TrackerKeys& trackers,
                                            std::string_view own) const {
  ReferenceCollector found{trackers};
  const Json fields = object_["issue"]["fields"];
  const auto words = [&](Json text, ReferencePlace seen) {
    found.add_words({text.string_or({}), seen, trust_}, false);
  };
  words(fields["description"], ReferencePlace::description);
  words(object_["comment"]["body"], ReferencePlace::comment);
  words(object_["worklog"]["comment"], ReferencePlace::comment);
  refer_to_issues(found, fields);
  return found.take(own);
}

std::string JiraBody::site() const {
  constexpr std::array<std::string_view, 10> members{"issue",    "comment", "worklog", "attachment",
                                                     "sprint",   "board",   "project", "version",
                                                     "property", "user"};
  for (const Json member : object_.pick(members)) {
    if (std::string host = host_of(member["self"].string_or({})); !host.empty()) return host;
  }
  return {};
}

std::optional<Time> JiraBody::time() const { return signed_time(object_["timestamp"]); }

}  // namespace signalbox
