#include "connectors/linear/body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cassert>

#include "connectors/request/event_parts.hpp"
#include "connectors/request/names.hpp"

namespace signalbox {
namespace {

constexpr std::size_t person_bytes_max = 256;
constexpr std::size_t previous_identifiers_max = 16;
constexpr std::string_view sent_key = "webhookTimestamp";

// What belongs to a delivery and not to its event: a change may be delivered by a team's and by the
// workspace's webhook, and be sent again later.
constexpr std::array<std::string_view, 2> delivery_keys{sent_key, "webhookId"};

bool is_lower(char c) noexcept { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }
bool is_upper(char c) noexcept { return c >= 'A' && c <= 'Z'; }

// Two spellings of an actor's type are in use, "oauthClient" and "oauth_client".
bool same_kind(std::string_view text, std::string_view kind) {
  std::string plain = snake_case(text);
  std::erase(plain, '_');
  return plain == kind;
}

bool is_present(Json value) { return value && !value.is(JsonKind::null); }

std::string plain_id(Json value) {
  const auto text = value.string_or({});
  return is_plain_name(text) ? std::string{text} : std::string{};
}

Actor person(Json object, Json id) {
  Actor actor;
  actor.id = plain_id(object["id"]);
  if (actor.id.empty()) actor.id = plain_id(id);
  const auto name = object["name"].string_or(object["service"].string_or({}));
  if (name.size() <= person_bytes_max) actor.name = name;
  if (!actor.id.empty() || !actor.name.empty()) actor.kind = ActorKind::human;
  return actor;
}

ActorKind kind_of(Json actor) {
  const auto type = actor["type"].string_or({});
  if (same_kind(type, "user") || same_kind(type, "externaluser")) return ActorKind::human;
  for (const std::string_view app : {"oauthclient", "integration", "app", "appuser"}) {
    if (same_kind(type, app)) return ActorKind::app;
  }
  if (same_kind(type, "bot")) return ActorKind::bot;
  if (is_present(actor["service"])) return ActorKind::app;
  return is_present(actor["email"]) ? ActorKind::human : ActorKind::unknown;
}

// Who asked, in an agent's session. One that an app opened names that app's user.
Actor asker(Json body) {
  const Json activity = body["agentActivity"];
  const Json session = body["agentSession"];
  Actor actor = person(activity["user"], activity["userId"]);
  if (actor.kind == ActorKind::unknown) actor = person(session["creator"], session["creatorId"]);
  return actor;
}

// Deliveries before `actor` existed: what was just created names its creator, what was changed does
// not say by whom.
Actor creator(Json body) {
  const Json data = body["data"];
  if (body["action"].string_or({}) != "create") return {};
  Actor actor = person(data["user"], data["userId"]);
  if (actor.kind == ActorKind::unknown) actor = person(data["creator"], data["creatorId"]);
  return actor;
}

Json item(Json body) {
  const Json data = body["data"];
  return data ? data : body["issueData"];
}

struct LinearIssue {
  std::string id;
  std::string identifier;
  Json object;  // may be missing
};

std::string identifier_of(Json issue) {
  const auto identifier = issue["identifier"].string_or({});
  if (is_issue_key(identifier)) return std::string{identifier};
  const auto number = issue["number"].integer();
  if (!number) return {};
  std::string key = fmt::format("{}-{}", issue["team"]["key"].string_or({}), *number);
  return is_issue_key(key) ? key : std::string{};
}

// "https://linear.app/acme/issue/ENG-12/title#comment-1" -> "ENG-12".
std::string identifier_in_url(std::string_view url) {
  constexpr std::string_view segment = "/issue/";
  if (host_of(url) != "linear.app") return {};
  const std::size_t at = url.find(segment);
  if (at == std::string_view::npos) return {};
  url.remove_prefix(at + segment.size());
  const std::string_view key = url.substr(0, url.find_first_of("/#?"));
  return is_issue_key(key) ? std::string{key} : std::string{};
}

LinearIssue issue_of(Json object, Json id) {
  LinearIssue issue{plain_id(object["id"]), identifier_of(object), object};
  if (issue.id.empty()) issue.id = plain_id(id);
  return issue;
}

LinearIssue issue(Json body) {
  const auto type = body["type"].string_or({});
  if (type == "Issue") return issue_of(body["data"], {});
  if (const Json late = body["issueData"]) return issue_of(late, {});
  for (const std::string_view key : {"data", "agentSession", "notification"}) {
    const Json holder = body[key];
    for (const Json part : {holder, holder["comment"]}) {
      LinearIssue found = issue_of(part["issue"], part["issueId"]);
      if (found.id.empty()) continue;
      // Only a comment's URL is sure to lead to its issue; an attachment's is anybody's choice.
      if (found.identifier.empty() && type == "Comment")
        found.identifier = identifier_in_url(body["url"].string_or({}));
      return found;
    }
  }
  return {};
}

// Whether the text that the body carries is a user's. A missing author is one that Linear does not
// count among the workspace's users.
bool text_by_user(Json data) {
  if (is_present(data["botActor"])) return false;
  for (const std::string_view key : {"externalUserId", "externalUserCreatorId", "externalUser"}) {
    if (is_present(data[key])) return false;
  }
  for (const std::string_view key : {"creatorId", "userId"}) {
    if (data[key].string()) return true;
  }
  return false;
}

}  // namespace

LinearBody::LinearBody(Json object) : object_{object}, trust_{lowest_trust()} {
  assert(object_.is(JsonKind::object));
}

std::string snake_of_camel(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size() && out.size() < name_bytes_max; ++i) {
    // "OAuth" is one word, wherever it stands.
    if (name.substr(i).starts_with("OAuth")) {
      out += out.empty() || out.back() == '_' ? "oauth" : "_oauth";
      i += std::string_view{"OAuth"}.size() - 1;
      continue;
    }
    const bool after_lower = i > 0 && is_lower(name[i - 1]);
    const bool ends_acronym =
        i > 0 && is_upper(name[i - 1]) && i + 1 < name.size() && is_lower(name[i + 1]);
    if (is_upper(name[i]) && (after_lower || ends_acronym)) out += '_';
    out += name[i];
  }
  return snake_case(out);
}

std::string LinearBody::type() const {
  const std::string type = snake_of_camel(object_["type"].string_or({}));
  const std::string action = snake_of_camel(object_["action"].string_or({}));
  return fmt::format("{}{}{}", type.empty() ? "unknown" : type, action.empty() ? "" : ".", action);
}

Actor LinearBody::actor() const {
  Actor actor;
  if (const Json own = object_["actor"]; own.is(JsonKind::object)) {
    actor = person(own, {});
    actor.kind = kind_of(own);
  } else if (object_["agentSession"]) {
    actor = asker(object_);
  } else if (is_present(item(object_)["botActor"])) {
    actor.kind = ActorKind::bot;
  } else if (const Json notification = object_["notification"]) {
    actor = person(notification["actor"], notification["actorId"]);
  } else {
    actor = creator(object_);
  }
  // The user of the very app that the delivery goes to.
  const auto app = object_["appUserId"].string_or({});
  if (!app.empty() && actor.id == app) actor.kind = ActorKind::app;
  return actor;
}

Trust LinearBody::lowest_trust() const {
  const Json own = object_["actor"];
  if (own.is(JsonKind::object)) {
    if (kind_of(own) != ActorKind::human) return Trust::outsider;
    if (same_kind(own["type"].string_or({}), "externaluser")) return Trust::outsider;
  }
  if (object_["agentSession"]) {
    return actor().kind == ActorKind::human ? Trust::member : Trust::outsider;
  }
  return text_by_user(item(object_)) ? Trust::member : Trust::outsider;
}

std::optional<WorkRef> LinearBody::work() const {
  const LinearIssue about = issue(object_);
  if (about.id.empty()) return std::nullopt;
  const std::string site = plain_id(object_["organizationId"]);
  WorkRef work{fmt::format("linear:{}{}{}", site, site.empty() ? "" : "/", about.id)};
  // The id is unique without its organization too, and old deliveries name none.
  if (!site.empty()) work.aliases.push_back(fmt::format("linear:{}", about.id));
  if (about.identifier.empty()) return work;
  work.readable = fmt::format("linear:{}", about.identifier);
  if (!site.empty()) work.aliases.push_back(fmt::format("linear:{}/{}", site, about.identifier));
  std::size_t count = 0;
  for (const Json previous : about.object["previousIdentifiers"].elements()) {
    const auto name = previous.string_or({});
    if (count++ == previous_identifiers_max) break;
    if (is_issue_key(name)) work.aliases.push_back(fmt::format("linear:{}", name));
  }
  return work;
}

std::string LinearBody::place() const {
  const auto team = item(object_)["team"]["key"].string_or({});
  if (is_plain_name(team)) return fmt::format("linear:{}", team);
  const std::string organization = plain_id(object_["organizationId"]);
  return organization.empty() ? std::string{} : fmt::format("linear:{}", organization);
}

std::vector<Reference> LinearBody::references(const TrackerKeys& trackers,
                                              std::string_view own) const {
  ReferenceCollector found{trackers};
  const Json data = item(object_);
  const auto words = [&](Json text, ReferencePlace seen) {
    found.add_words({text.string_or({}), seen, trust_}, false);
  };
  words(data["description"], ReferencePlace::description);
  words(data["body"], ReferencePlace::comment);
  words(object_["agentActivity"]["content"]["body"], ReferencePlace::comment);
  words(object_["agentSession"]["comment"]["body"], ReferencePlace::comment);
  const auto type = object_["type"].string_or({});
  if (type == "Attachment") {
    found.add_url({data["url"].string_or({}), ReferencePlace::attachment, trust_},
                  Relation::mentions);
  }
  if (type == "Issue") {
    const LinearIssue parent = issue_of(data["parent"], data["parentId"]);
    if (!parent.identifier.empty()) {
      found.add(fmt::format("linear:{}", parent.identifier), Relation::child,
                ReferencePlace::parent, Trust::member);
    } else if (!parent.id.empty()) {
      found.add(fmt::format("linear:{}", parent.id), Relation::child, ReferencePlace::parent,
                Trust::member);
    }
  }
  return found.take(own);
}

std::vector<std::string> LinearBody::places() const {
  const std::string organization = plain_id(object_["organizationId"]);
  std::string team{item(object_)["team"]["key"].string_or({})};
  if (team.empty()) {
    const std::string identifier = issue(object_).identifier;
    team = identifier.substr(0, identifier.rfind('-'));
  }
  std::vector<std::string> places;
  if (!is_plain_name(team)) {
    if (!organization.empty()) places.push_back(organization);
    return places;
  }
  if (!organization.empty()) places.push_back(fmt::format("{}/{}", organization, team));
  places.push_back(std::move(team));
  return places;
}

Digest LinearBody::digest(const Digest& whole) const {
  if (!object_[sent_key] || !object_["createdAt"].string()) return whole;
  return digest_without(object_, delivery_keys);
}

bool LinearBody::is_unique() const {
  return object_["createdAt"].string().has_value() || is_present(object_[sent_key]);
}

}  // namespace signalbox
