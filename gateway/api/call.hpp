// One call of the private API: who calls, what with, and the answers that calls share.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/object.hpp>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http/http.hpp"
#include "gateway/http/respond.hpp"
#include "gateway/monitoring/health.hpp"
#include "gateway/worker/runtime.hpp"
#include "store/store.hpp"

namespace signalbox {

class AuditLog;
class RefusalLines;
class Reloader;
class RefusedRing;
class SessionList;
class Stores;
class ThreadCounters;
class Waiters;

// What the API needs of its thread, and no more.
struct ApiSetting {
  // The thread's runtime of now: each call keeps that of its beginning.
  const std::shared_ptr<const Runtime>& runtime;
  boost::asio::io_context& io;
  Stores& stores;
  Waiters& waiters;
  const SessionList& sessions;  // whether the gateway drains
  ThreadCounters& counters;
  const boost::asio::any_io_executor& compressors;  // where slow work runs
  RefusedRing* refused = nullptr;                   // null: refused deliveries are not kept
  AuditLog* audit = nullptr;                        // null: operators' calls leave no trail
  RefusalLines* lines = nullptr;                    // null: lines of refusals have no bound
  Reloader* reloader = nullptr;                     // null: files are not read again
  const Health& health;
};

}  // namespace signalbox

namespace signalbox::api {

// What is found out about a call while it is handled, for its record in the audit log. Nothing in
// it is a caller's own text: what is named was found in the configuration or in the store.
struct CallTrail {
  std::string space;
  std::string mailbox;           // that it is about
  std::vector<std::string> ids;  // of events and messages
  bool dry_run = false;
};

struct Call {
  const Request& request;
  const ApiSetting& setting;  // of the call's thread
  const Runtime& runtime;
  const Principal* principal = nullptr;  // set where the route needs a token
  PathParts parts;                       // of the path
  std::string space{};                   // the namespace that the call acts in
  Store* store = nullptr;                // of that namespace
  CallTrail* trail = nullptr;            // null: nobody wants to know

  // Before a long wait: the request's memory serves others. Method, target, headers, body and
  // parts are empty from now on.
  void let_go();

  // An event or a message that the call has found or made.
  void note_id(std::string_view id) const {
    if (trail != nullptr) trail->ids.emplace_back(id);
  }

  // Goes on in this namespace.
  void enter(std::string other_space);

  // What the call's thread has.
  boost::asio::io_context& io() const;
  const boost::asio::any_io_executor& compressors() const;  // for slow work
  Waiters& waiters() const;
  const SessionList& sessions() const;
  ThreadCounters& counters() const;
  const RefusedRing* refused() const;  // null: refused deliveries are not kept
};

// The agent that a mailbox is of, or that its dead letters are of.
std::string_view agent_of_mailbox(std::string_view mailbox) noexcept;

// The agents that the caller may know of: those of its namespace, all for operators.
std::vector<std::string_view> agent_names(const Call& call);

// What is said of a rule that is not loaded: known_names of those that are.
std::string known_rules(const Call& call, std::string_view wrong);

// unknown_recipient and invalid_argument, with the names that there are.
Error unknown_recipient(const Call& call, std::string_view to);
Error unknown_kind(std::string_view name);

// invalid_argument; `detail` is for the caller.
Error invalid(std::string detail);

// How long a call may take, beyond what it waits for on purpose.
inline constexpr std::chrono::seconds call_timeout{10};
Deadline call_deadline();

// Sets the namespace: an agent's own; of an operator's call that of the agent that ?agent= names,
// or what ?namespace= says, else the main one. not_found for a namespace that nobody belongs to.
std::optional<Error> choose_space(Call& call);

// The mailbox that a call is about: the agent's own, or the one that an operator names with
// ?agent=. forbidden for an agent that names another; invalid_argument for an operator who names
// none; not_found for a name that is not configured. Operators may name dead-letter mailboxes as
// "dead:<agent>".
Result<std::string> mailbox_of(const Call& call);

// The body as a JSON object; an absent body is an empty one. Unknown members are errors, so that a
// misspelled option is not ignored.
Result<boost::json::object> body_object(const Call& call,
                                        std::initializer_list<std::string_view> known);

// Members of a body, with bounds; `otherwise` where absent. invalid_argument names the member.
Result<std::int64_t> integer_member(const boost::json::object& body, std::string_view name,
                                    std::int64_t otherwise, std::int64_t least, std::int64_t most);
Result<Milliseconds> duration_member(const boost::json::object& body, std::string_view name,
                                     Milliseconds otherwise, Milliseconds least, Milliseconds most);
Result<std::string> text_member(const boost::json::object& body, std::string_view name);  // needed
Result<std::vector<std::string>> texts_member(const boost::json::object& body,
                                              std::string_view name, std::size_t most);

// The header of this name; empty where there is none.
Result<std::string> idempotency_key(const Call& call);

// ?name= as a whole number within bounds.
Result<std::int64_t> integer_parameter(const Call& call, std::string_view name,
                                       std::int64_t otherwise, std::int64_t least,
                                       std::int64_t most);

}  // namespace signalbox::api
