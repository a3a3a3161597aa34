// Sending: agents and operators write to mailboxes. Sender, id, cause and hop are set here, never
// by the caller (invariant M3).
#include <fmt/format.h>

#include <algorithm>

#include "coordination/packed_id.hpp"
#include "coordination/record.hpp"
#include "event/json.hpp"
#include "event/json_writer.hpp"
#include "event/message.hpp"
#include "event/trace_context.hpp"
#include "gateway/api/inbox_answers.hpp"
#include "gateway/api/message_cause.hpp"
#include "gateway/api/route_table.hpp"
#include "gateway/http/compact_json.hpp"
#include "gateway/telemetry/message_counters.hpp"
#include "rules/rule_loader.hpp"

namespace signalbox::api {
namespace {

namespace json = boost::json;

constexpr std::string_view topic_prefix = "topic:";
constexpr std::size_t data_bytes_max = 64 * 1024;
constexpr std::size_t work_name_bytes_max = 255;

struct SendCall {
  std::vector<std::string> mailboxes;
  Message message;      // recipient and id are set per mailbox
  std::string cause;    // as named; empty where none was
  std::string key;      // Idempotency-Key; empty where none was given
  std::string request;  // canonical, to tell a repetition from another request under the same key
};

bool may_send(const Principal& caller, MessageKind kind) {
  using enum MessageKind;
  constexpr std::array agent_kinds{progress, help, answer, handoff, note};
  constexpr std::array operator_kinds{control, decision, note, assign};
  if (caller.role == Principal::Role::operator_) {
    return std::find(operator_kinds.begin(), operator_kinds.end(), kind) != operator_kinds.end();
  }
  const auto& more = caller.agent->may_send;
  return std::find(agent_kinds.begin(), agent_kinds.end(), kind) != agent_kinds.end() ||
         std::find(more.begin(), more.end(), kind) != more.end();
}

// Looks in the call's namespace; an operator's call goes to that of the agent that it names.
Result<std::vector<std::string>> resolve(Call& call, std::string_view to) {
  const Config& config = *call.runtime.config;
  const bool is_operator = call.principal->role == Principal::Role::operator_;
  const AgentConfig* named = config.find_agent(to);
  if (named != nullptr && is_operator) {
    call.enter(named->space);
  }
  std::vector<std::string> mailboxes;
  if (to.starts_with(topic_prefix)) {
    const std::string_view topic = to.substr(topic_prefix.size());
    for (const AgentConfig& agent : config.agents) {
      const bool subscribed =
          std::find(agent.topics.begin(), agent.topics.end(), topic) != agent.topics.end();
      if (subscribed && agent.space == call.space) mailboxes.push_back(agent.name);
    }
  } else if (named != nullptr && named->space == call.space) {
    mailboxes.emplace_back(to);
  }
  if (mailboxes.empty()) {
    return unknown_recipient(call, to);
  }
  return mailboxes;
}

// `data`, with `summary` in it when one is given: always an object. As it is spelled: a number that
// no double can hold stays what it was.
Result<std::string> read_data(const json::object& body, Json raw) {
  const json::value* value = body.if_contains("data");
  if (value != nullptr && !value->is_object()) {
    return Error{Reason::invalid_argument, "'data' must be an object"};
  }
  std::string summary;
  if (body.if_contains("summary") != nullptr) {
    auto given = text_member(body, "summary");
    if (!given) return given.error();
    summary = std::move(*given);
  }
  std::string text = compact_json(raw["data"], "summary", summary);
  if (text.size() > data_bytes_max) {
    return Error{Reason::invalid_argument,
                 fmt::format("'data' is larger than {} bytes", data_bytes_max)};
  }
  return text;
}

// An optional name: a work's readable alias or id, a task.
Result<std::string> read_name(const json::object& body, std::string_view member) {
  if (body.if_contains(member) == nullptr) return std::string{};
  auto text = text_member(body, member);
  if (text && text->size() > work_name_bytes_max) {
    return Error{Reason::invalid_argument,
                 fmt::format("'{}' is longer than {} bytes", member, work_name_bytes_max)};
  }
  return text;
}

Result<std::string> read_task(const json::object& body) {
  auto task = read_name(body, "task");
  if (task && !task->empty() && !is_rule_name(*task)) {
    return Error{Reason::invalid_argument,
                 fmt::format("'task' has 1 to {} of a-z, 0-9, '.', '_' and '-', and begins with "
                             "one of a-z, 0-9",
                             rule_name_bytes_max)};
  }
  return task;
}

// What is stored as it is spelled. The body was read once already, so it is JSON.
std::optional<Error> read_as_spelled(const Call& call, const json::object& body, SendCall& send) {
  JsonDocument document;
  const auto raw = document.parse_copy(call.request.body);
  if (!raw) return raw.error();
  auto data = read_data(body, *raw);
  if (!data) return data.error();
  send.message.data = std::move(*data);
  send.request = compact_json(*raw);
  return std::nullopt;
}

Result<SendCall> read_send(Call& call) {
  SendCall send;
  const auto body = body_object(call, {"to", "kind", "work", "task", "data", "summary", "cause"});
  if (!body) return body.error();
  const auto to = text_member(*body, "to");
  if (!to) return to.error();
  const auto kind_name = text_member(*body, "kind");
  if (!kind_name) return kind_name.error();
  const auto kind = parse_message_kind(*kind_name);
  if (!kind) return unknown_kind(*kind_name);
  if (!may_send(*call.principal, *kind)) {
    return Error{Reason::forbidden, fmt::format("this token may not send '{}'", *kind_name)};
  }
  auto mailboxes = resolve(call, *to);
  if (!mailboxes) return mailboxes.error();
  auto work = read_name(*body, "work");
  if (!work) return work.error();
  auto task = read_task(*body);
  if (!task) return task.error();
  if (work->starts_with("w_") && !pack_id(*work)) {
    return Error{Reason::invalid_argument, "'work' is no id of a work"};
  }
  auto cause = read_name(*body, "cause");
  if (!cause) return cause.error();
  if (auto wrong = read_as_spelled(call, *body, send)) return std::move(*wrong);
  auto key = idempotency_key(call);
  if (!key) return key.error();
  send.mailboxes = std::move(*mailboxes);
  send.message.kind = *kind;
  send.message.subject = std::move(*work);
  send.message.task = std::move(*task);
  send.cause = std::move(*cause);
  send.key = std::move(*key);
  return send;
}

std::string answer_of(const std::vector<OutgoingMessage>& messages) {
  std::string out;
  JsonObject answer{out};
  JsonArray list{answer.value("messages")};
  for (const OutgoingMessage& message : messages) {
    JsonObject{list.element()}.text("id", message.id).text("mailbox", message.mailbox).close();
  }
  list.close();
  answer.close();
  return out;
}

// Sets what the caller does not choose.
void fill_in_server_members(const Call& call, Message& message) {
  const bool is_agent = call.principal->role == Principal::Role::agent;
  message.site = call.runtime.config->site;
  message.time = call.request.received;
  message.sender = (is_agent ? "agent:" : "operator:") + call.principal->name;
  message.trust = is_agent ? Trust::member : Trust::owner;
  message.actor_kind = is_agent ? ActorKind::bot : ActorKind::human;
  message.traceparent = traceparent_of(call.request.headers);
}

std::vector<OutgoingMessage> render_send(SendCall& send, std::string_view attempt) {
  Message& message = send.message;
  const std::string parent = message.traceparent;
  std::vector<OutgoingMessage> messages;
  for (const std::string& mailbox : send.mailboxes) {
    message.recipient = mailbox;
    message.id =
        message_id({"api", send.key.empty() ? attempt : send.key, message.sender, 0, mailbox, 0});
    message.traceparent = child_traceparent(parent, message.id);
    OutgoingMessage outgoing;
    outgoing.id = message.id;
    outgoing.mailbox = mailbox;
    outgoing.work = message.work;
    outgoing.kind = message.kind;
    outgoing.task = message.task;
    outgoing.json = render(message);
    messages.push_back(std::move(outgoing));
  }
  return messages;
}

SendCommand command_of(const Call& call, SendCall& wanted, std::string_view attempt) {
  SendCommand send;
  send.messages = render_send(wanted, attempt);
  send.caller = wanted.message.sender;
  send.idempotency_key = wanted.key;
  send.request = wanted.request;
  send.answer = answer_of(send.messages);
  send.received = call.request.received;
  return send;
}

// Fills in the id of the work that the message is about: by its id, or by a name that an event made
// known. A name that no event has used stands for a work of its own.
Task<Result<bool>> find_work(Call& call, Message& message) {
  if (message.subject.starts_with("w_")) {
    message.work = std::exchange(message.subject, {});
  } else if (!message.subject.empty()) {
    std::string alias = message.subject;
    const Deadline deadline = call_deadline();
    const auto work = co_await call.store->find_work(std::move(alias), deadline);
    if (!work) co_return work.error();
    message.work = work->value_or(work_id(message.subject));
  }
  co_return true;
}

Task<Result<bool>> find_and_follow(Call& call, SendCall& wanted) {
  if (wanted.cause.empty()) co_return true;
  std::string name = wanted.cause;
  const auto cause = co_await find_cause(call, std::move(name));
  if (!cause) co_return cause.error();
  co_return follow(wanted.message, *cause);
}

// Answers as the first call under the key was answered.
Response repeat_answer(std::string_view record, const SendCall& wanted) {
  const auto first = read_send_record(record, wanted.request);
  if (!first) return respond(first.error());
  Response response;
  response.body = *first;
  return response;
}

// A repeated call whose cause may be acknowledged by now.
Task<Response> answer_again(Call& call, const SendCall& wanted, Error error) {
  if (wanted.key.empty()) co_return respond(error);
  std::string record = send_record_id(wanted.message.sender, wanted.key);
  const Deadline deadline = call_deadline();
  const auto stored = co_await call.store->event(std::move(record), deadline);
  if (!stored) co_return respond(stored.error());
  if (!*stored) co_return respond(error);
  co_return repeat_answer((*stored)->record, wanted);
}

Task<Response> send_message(Call& call) {
  auto wanted = read_send(call);
  if (!wanted) co_return respond(wanted.error());
  fill_in_server_members(call, wanted->message);
  const auto found = co_await find_work(call, wanted->message);
  if (!found) co_return respond(found.error());
  const auto followed = co_await find_and_follow(call, *wanted);
  if (!followed) {
    Error error = followed.error();
    co_return co_await answer_again(call, *wanted, std::move(error));
  }
  const std::string attempt = random_text(attempt_chars);
  const SendCommand send = command_of(call, *wanted, attempt);
  const Commit commit = plan_send(send, call.runtime.config->mailbox_room(), attempt);
  const Deadline deadline = call_deadline();
  const auto result = co_await call.store->commit(commit, deadline);
  if (!result) co_return respond(result.error());
  if (auto full = why_full(commit, *result)) co_return respond(*full);
  if (result->status == CommitStatus::duplicate) {
    co_return repeat_answer(result->first_record, *wanted);
  }
  for (const OutgoingMessage& message : send.messages) {
    call.counters().messages.add(message.kind);
    call.note_id(message.id);
  }
  Response response;
  response.status = 201;
  response.body = send.answer;
  co_return response;
}

}  // namespace

extern constinit const Route send_message_route{
    .method = "POST", .path = {"v1", "messages"}, .query = {"namespace"}, .handle = send_message};

}  // namespace signalbox::api
