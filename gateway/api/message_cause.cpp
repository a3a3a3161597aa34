#include "gateway/api/message_cause.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "gateway/api/stored_event.hpp"

namespace signalbox::api {
namespace {

std::string text_of(Json value) { return std::string{value.string_or({})}; }

Result<MessageCause> cause_of_message(std::string id, std::string_view text) {
  JsonDocument document;
  const auto message = document.parse_copy(text);
  if (!message) return message.error();
  MessageCause cause;
  cause.id = std::move(id);
  cause.hop = static_cast<unsigned>((*message)["hop"].integer().value_or(0));
  cause.trust = parse_trust((*message)["authortrust"].string_or({})).value_or(Trust::outsider);
  cause.work = text_of((*message)["workid"]);
  cause.subject = text_of((*message)["subject"]);
  cause.task = text_of((*message)["taskid"]);
  cause.traceparent = text_of((*message)["traceparent"]);
  return cause;
}

Result<MessageCause> cause_of_event(std::string id, std::string_view record_text) {
  JsonDocument document;
  const auto record = document.parse_copy(record_text);
  if (!record) return record.error();
  MessageCause cause;
  cause.id = std::move(id);
  cause.trust = parse_trust((*record)["trust"].string_or({})).value_or(Trust::outsider);
  cause.work = text_of((*record)["work"]["id"]);
  cause.subject = text_of((*record)["work"]["readable"]);
  cause.traceparent = text_of((*record)["traceparent"]);
  return cause;
}

}  // namespace

Task<Result<MessageCause>> find_cause(Call& call, std::string cause) {
  if (cause.starts_with("e_")) {
    const auto event = co_await find_event(call, cause);
    if (!event) co_return event.error();
    co_return cause_of_event(std::move(cause), event->record);
  }
  if (call.principal->role == Principal::Role::operator_) {
    co_return invalid("'cause': an operator has no mailbox, and names an event, e_…");
  }
  cause.resize(std::min(cause.find('.'), cause.size()));  // a receipt begins with the id
  const auto mailbox = mailbox_of(call);
  if (!mailbox) co_return mailbox.error();
  const Deadline deadline = call_deadline();
  const auto message = co_await call.store->message(*mailbox, cause, deadline);
  if (!message) co_return message.error();
  if (!*message) {
    co_return Error{Reason::not_found,
                    fmt::format("mailbox '{}' holds no message '{}': name a cause before it is "
                                "acknowledged",
                                *mailbox, cause)};
  }
  co_return cause_of_message(std::move(cause), **message);
}

Result<bool> follow(Message& message, const MessageCause& cause) {
  if (cause.hop >= hops_max) {
    return Error{Reason::too_many_hops,
                 fmt::format("{} messages led to '{}' already", cause.hop, cause.id)};
  }
  message.cause = cause.id;
  message.hop = cause.hop + 1;
  message.trust = std::min(message.trust, cause.trust);
  if (message.traceparent.empty()) message.traceparent = cause.traceparent;
  if (message.subject.empty() && message.work.empty()) {
    message.work = cause.work;
    message.subject = cause.subject;
    if (message.task.empty()) message.task = cause.task;
  }
  return true;
}

}  // namespace signalbox::api
