#include "gateway/api/call.hpp"

#include <fmt/format.h>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>
#include <set>

#include "gateway/worker/stores.hpp"
#include "rules/source/known_names.hpp"
#include "store/redis/redis_store.hpp"

namespace signalbox::api {
namespace {

namespace json = boost::json;
constexpr std::size_t body_depth_max = 32;
constexpr std::size_t idempotency_key_bytes_max = 255;

}  // namespace

void Call::let_go() {
  parts.clear();
  if (request.memory != nullptr) request.memory->let_go();
}

void Call::enter(std::string other_space) {
  space = std::move(other_space);
  if (trail != nullptr) trail->space = space;
  store = &setting.stores.of(space);
}

boost::asio::io_context& Call::io() const { return setting.io; }

const boost::asio::any_io_executor& Call::compressors() const { return setting.compressors; }

Waiters& Call::waiters() const { return setting.waiters; }

const SessionList& Call::sessions() const { return setting.sessions; }

ThreadCounters& Call::counters() const { return setting.counters; }

const RefusedRing* Call::refused() const { return setting.refused; }

std::string_view agent_of_mailbox(std::string_view mailbox) noexcept {
  if (mailbox.starts_with(dead_prefix)) mailbox.remove_prefix(dead_prefix.size());
  return mailbox;
}

std::vector<std::string_view> agent_names(const Call& call) {
  const bool all = call.principal->role == Principal::Role::operator_;
  std::vector<std::string_view> names;
  for (const AgentConfig& agent : call.runtime.config->agents) {
    if (all || agent.space == call.space) names.push_back(agent.name);
  }
  return names;
}

std::string known_rules(const Call& call, std::string_view wrong) {
  std::vector<std::string_view> names;
  for (const RuleInfo& rule : call.runtime.config->rules->rules()) names.push_back(rule.name);
  return known_names(wrong, names);
}

Error unknown_recipient(const Call& call, std::string_view to) {
  std::set<std::string> topics;
  for (const AgentConfig& agent : call.runtime.config->agents) {
    for (const std::string& topic : agent.topics) topics.insert("topic:" + topic);
  }
  auto names = agent_names(call);
  names.insert(names.end(), topics.begin(), topics.end());
  return Error{Reason::unknown_recipient,
               fmt::format("nobody is called '{}'{}", to, known_names(to, names))};
}

Error unknown_kind(std::string_view name) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < message_kind_count; ++i) {
    names.push_back(to_string(static_cast<MessageKind>(i)));
  }
  return invalid(fmt::format("unknown kind '{}'{}", name, known_names(name, names)));
}

Error invalid(std::string detail) { return Error{Reason::invalid_argument, std::move(detail)}; }

Deadline call_deadline() { return std::chrono::steady_clock::now() + call_timeout; }

std::optional<Error> choose_space(Call& call) {
  const Config& config = *call.runtime.config;
  std::string space{main_space};
  if (call.principal->role == Principal::Role::agent) {
    space = call.principal->agent->space;
  } else if (const auto named = query_parameter(call.request.target, "namespace")) {
    const auto spaces = spaces_of(config);
    if (std::find(spaces.begin(), spaces.end(), *named) == spaces.end())
      return Error{Reason::not_found, "no namespace of this name is configured" +
                                          known_names(*named, std::vector<std::string_view>{
                                                                  spaces.begin(), spaces.end()})};
    space = *named;
  } else if (const auto agent = query_parameter(call.request.target, "agent")) {
    if (const AgentConfig* found = config.find_agent(agent_of_mailbox(*agent)))
      space = found->space;
  }
  call.enter(std::move(space));
  return std::nullopt;
}

Result<std::string> mailbox_of(const Call& call) {
  const auto named = query_parameter(call.request.target, "agent");
  if (call.principal->role == Principal::Role::agent) {
    if (named && *named != call.principal->name) {
      return Error{Reason::forbidden, "an agent sees its own mailbox only"};
    }
    return call.principal->name;
  }
  if (!named) {
    return invalid("an operator names a mailbox with ?agent=" + known_names({}, agent_names(call)));
  }
  const std::string_view agent = agent_of_mailbox(*named);
  const AgentConfig* found = call.runtime.config->find_agent(agent);
  if (found == nullptr || found->space != call.space) {
    return Error{Reason::not_found,
                 "no agent of this name is configured" + known_names(agent, agent_names(call))};
  }
  if (call.trail != nullptr) call.trail->mailbox = *named;
  return *named;
}

Result<json::object> body_object(const Call& call, std::initializer_list<std::string_view> known) {
  if (call.request.body.empty()) return json::object{};
  json::parse_options options;
  options.max_depth = body_depth_max;
  json::error_code failed;
  json::value value = json::parse(
      json::string_view{call.request.body.data(), call.request.body.size()}, failed, {}, options);
  if (failed) return Error{Reason::malformed_body, "the body is not valid JSON"};
  if (!value.is_object()) return Error{Reason::malformed_body, "the body must be a JSON object"};
  for (const auto& member : value.get_object()) {
    const std::string_view key{member.key().data(), member.key().size()};
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    return invalid(fmt::format("unknown member '{}'{}", key,
                               did_you_mean(key, std::vector<std::string_view>(known))));
  }
  return std::move(value.get_object());
}

Result<std::int64_t> integer_member(const json::object& body, std::string_view name,
                                    std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr) return otherwise;
  const std::int64_t* number = value->if_int64();
  if (number == nullptr || *number < least || *number > most) {
    return invalid(fmt::format("'{}' must be a whole number from {} to {}", name, least, most));
  }
  return *number;
}

Result<Milliseconds> duration_member(const json::object& body, std::string_view name,
                                     Milliseconds otherwise, Milliseconds least,
                                     Milliseconds most) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr) return otherwise;
  std::optional<Milliseconds> duration;
  if (value->is_string()) duration = parse_duration(std::string_view{value->get_string()});
  if (!duration || *duration < least || *duration > most) {
    return invalid(fmt::format("'{}' must be a duration from {} to {}", name,
                               format_duration(least), format_duration(most)));
  }
  return *duration;
}

Result<std::string> text_member(const json::object& body, std::string_view name) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || !value->is_string() || value->get_string().empty()) {
    return invalid(fmt::format("'{}' is needed, as text", name));
  }
  return std::string{std::string_view{value->get_string()}};
}

Result<std::vector<std::string>> texts_member(const json::object& body, std::string_view name,
                                              std::size_t most) {
  const json::value* value = body.if_contains(name);
  if (value == nullptr || !value->is_array() || value->get_array().empty() ||
      value->get_array().size() > most) {
    return invalid(fmt::format("'{}' must be a list of 1 to {} texts", name, most));
  }
  std::vector<std::string> texts;
  for (const json::value& element : value->get_array()) {
    if (!element.is_string()) return invalid(fmt::format("'{}' must be a list of texts", name));
    texts.emplace_back(std::string_view{element.get_string()});
  }
  return texts;
}

Result<std::int64_t> integer_parameter(const Call& call, std::string_view name,
                                       std::int64_t otherwise, std::int64_t least,
                                       std::int64_t most) {
  const auto text = query_parameter(call.request.target, name);
  if (!text) return otherwise;
  std::int64_t number = 0;
  const auto [end, failed] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (failed != std::errc{} || end != text->data() + text->size() || number < least ||
      number > most) {
    return invalid(fmt::format("'{}' must be a whole number from {} to {}", name, least, most));
  }
  return number;
}

Result<std::string> idempotency_key(const Call& call) {
  const auto header = call.request.headers.find("Idempotency-Key");
  if (!header) return header.error();
  if (!*header) return std::string{};
  if ((*header)->empty() || (*header)->size() > idempotency_key_bytes_max) {
    return Error{Reason::invalid_argument, "Idempotency-Key has 1 to 255 characters"};
  }
  return std::string{**header};
}

}  // namespace signalbox::api
