// An event: a verified, parsed delivery, in the words that every folder shares.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/clock.hpp"
#include "event/error.hpp"
#include "event/ids.hpp"
#include "event/json.hpp"

namespace signalbox {

enum class ActorKind : std::uint8_t { unknown, human, bot, app };

// How far the author of a payload's text is trusted by the repository or tracker; ordered.
enum class Trust : std::uint8_t { outsider, contributor, collaborator, member, owner };

std::string_view to_string(ActorKind kind) noexcept;
std::string_view to_string(Trust trust) noexcept;
std::optional<Trust> parse_trust(std::string_view name) noexcept;  // nothing for another name

struct Actor {
  std::string id;    // the provider's immutable id, as text; may be empty
  std::string name;  // login or display name; may be empty
  ActorKind kind = ActorKind::unknown;
};

// The object of a provider that an event is about.
struct WorkRef {
  explicit WorkRef(std::string canonical_name, std::string readable_name = {},
                   std::vector<std::string> further_names = {});

  std::string canonical;  // connector, site, immutable id: "github:github.com/186853002/2"
  std::string readable;   // "github:acme/api#42"; may be empty
  std::vector<std::string> aliases;  // further names of the same object
  std::string id;                    // "w_…", of the canonical name
};

// How what an event is about relates to what it refers to.
enum class Relation : std::uint8_t {
  implements,  // works on it: the branch or the title carries its key
  fixes,       // ends it: a closing word
  mentions,    // has to do with it
  child,       // is a part of it
  head,        // stands at this commit or branch; the target is no work
};

// Where in the event a reference was seen.
enum class ReferencePlace : std::uint8_t {
  branch,
  title,
  description,
  comment,
  commit,      // a commit message
  head,        // the commit or branch that the event is about
  checks,      // the pull requests that a check lists
  project,     // the item of a project's board
  parent,      // the parent of an issue
  link,        // a typed link of the tracker
  attachment,  // what the tracker attached
};

std::string_view to_string(Relation relation) noexcept;
std::string_view to_string(ReferencePlace place) noexcept;
// Nothing for another name.
std::optional<Relation> parse_relation(std::string_view name) noexcept;
std::optional<ReferencePlace> parse_reference_place(std::string_view name) noexcept;

inline constexpr std::size_t references_max = 64;  // of one event

// Something else that an event refers to. A statement of whoever wrote it, never a further name.
struct Reference {
  // A readable or canonical name of a work, "linear:ENG-123"; of a commit
  // "github:acme/api@<40 digits>", of a branch "github:acme/api@refs/heads/<name>".
  std::string target;
  Relation relation = Relation::mentions;
  ReferencePlace seen = ReferencePlace::description;
  Trust trust = Trust::outsider;  // of who wrote it

  bool operator==(const Reference&) const = default;
};

// Request headers as received, in order. Names compare case-insensitively (ASCII).
class Headers {
 public:
  using Field = std::pair<std::string_view, std::string_view>;
  Headers() = default;
  explicit Headers(std::span<const Field> fields) noexcept : fields_{fields} {}

  // The value of a header that occurs once. Nothing where it is missing; malformed_request where it
  // occurs more often, since proxies and applications pick different ones.
  Result<std::optional<std::string_view>> find(std::string_view name) const;

  std::span<const Field> fields() const noexcept { return fields_; }

 private:
  std::span<const Field> fields_;
};

// ASCII case-insensitive equality, as header names need it.
bool iequals(std::string_view a, std::string_view b) noexcept;

struct Event {
  std::string id;         // "e_…", derived from source and delivery
  std::string source;     // configured name
  std::string connector;  // "github"
  std::string type;       // "github.pull_request.opened"
  std::string delivery;   // the provider's delivery id
  std::string subject;    // readable name of what it is about; may be empty
  Actor actor;
  Trust trust = Trust::outsider;
  Time time{};              // when it was received
  std::string traceparent;  // as the request had it (event/trace_context.hpp); may be empty
  std::optional<WorkRef> work;
  std::vector<Reference> references;  // at most `references_max`; never to the work itself
  // Where the signed body says that it comes from, as secret scopes name it: "acme/api". Several
  // names are one place; none: the body does not say.
  std::vector<std::string> places;
  Digest digest{};  // identifies the body within its source
  // False: bodies of this type carry no unique field, so equal ones are legal, but for those that
  // come within `repeat_guard` of each other.
  bool digest_guards = true;
  Milliseconds repeat_guard{};
  // Of the name that an unsigned header gave the event, so that no body becomes another event. 0:
  // the signed body says all of it.
  std::uint16_t name_tag = 0;
  Json body;        // view: valid until the thread parses its next body
  Headers headers;  // view: valid as long as the request; unsigned
};

}  // namespace signalbox
