// What nobody could handle, and what somebody holds and has lost: looking at dead letters, giving
// them and leased messages back to their mailbox.
#include <fmt/format.h>

#include <algorithm>

#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/api/route_table.hpp"

namespace signalbox::api {
namespace {

// The agent whose dead letters are meant; operators may name the dead-letter mailbox itself.
Result<std::string> agent_of(const Call& call) {
  auto mailbox = mailbox_of(call);
  if (mailbox) mailbox = std::string{agent_of_mailbox(*mailbox)};
  return mailbox;
}

Result<RedriveRequest> read_redrive(const Call& call) {
  RedriveRequest request;
  auto agent = agent_of(call);
  if (!agent) return agent.error();
  const auto body = body_object(call, {"messages", "max"});
  if (!body) return body.error();
  if (body->contains("messages")) {
    auto ids = texts_member(*body, "messages", redrive_max);
    if (!ids) return ids.error();
    request.ids = std::move(*ids);
  }
  const auto max = integer_member(*body, "max", redrive_max, 1, redrive_max);
  if (!max) return max.error();
  request.mailbox = std::move(*agent);
  request.max = static_cast<std::uint32_t>(*max);
  request.mailbox_max = call.runtime.config->mailbox_max;
  request.mailbox_bytes_max = call.runtime.config->mailbox_bytes_max;
  return request;
}

// The ids that were asked for and are no dead letters, or are leased.
std::vector<std::string> missing_of(const RedriveRequest& request, const Redriven& redriven) {
  std::vector<std::string> missing;
  for (const std::string& id : request.ids) {
    const auto found = std::find(redriven.moved.begin(), redriven.moved.end(), id);
    if (found == redriven.moved.end()) missing.push_back(id);
  }
  return missing;
}

Task<Response> peek_dead_letters(Call& call) {
  const auto agent = agent_of(call);
  if (!agent) co_return respond(agent.error());
  const auto max = integer_parameter(call, "max", 10, 1, receive_max);
  if (!max) co_return respond(max.error());
  const Deadline deadline = call_deadline();
  std::string mailbox = std::string{dead_prefix}.append(*agent);
  const auto peeked =
      co_await call.store->peek(std::move(mailbox), static_cast<std::uint32_t>(*max), deadline);
  if (!peeked) co_return respond(peeked.error());
  const MailboxCounts& counts = peeked->counts;
  Response response;
  JsonObject answer{response.body};
  answer.text("agent", *agent).number("dead", counts.ready + counts.leased + counts.waiting);
  JsonArray messages{answer.value("messages")};
  for (const PeekedMessage& message : peeked->messages) {
    JsonObject{messages.element()}
        .boolean("leased", message.state == MessageState::leased)
        .raw("message", message.json)
        .close();
  }
  messages.close();
  answer.close();
  co_return response;
}

Task<Response> redrive_dead_letters(Call& call) {
  const auto wanted = read_redrive(call);
  if (!wanted) co_return respond(wanted.error());
  const Deadline deadline = call_deadline();
  const auto redriven = co_await call.store->redrive(*wanted, deadline);
  if (!redriven) co_return respond(redriven.error());
  for (const std::string& id : redriven->moved) call.note_id(id);
  const auto missing = redriven->full ? std::vector<std::string>{} : missing_of(*wanted, *redriven);
  const std::string members =
      fmt::format("\"moved\":{},\"missing\":{},\"remaining\":{}", json_list(redriven->moved),
                  json_list(missing), redriven->remaining);
  if (redriven->full) {
    co_return problem(Error{Reason::mailbox_full, "mailbox '" + wanted->mailbox + "' is full"},
                      members);
  }
  Response response;
  response.body = "{" + members + "}";
  co_return response;
}

struct ReleaseCall {
  std::string agent;
  std::vector<std::string> ids;
};

// Whose mailbox it is stands in the body, since ids do not tell.
Result<ReleaseCall> read_release(Call& call) {
  const auto body = body_object(call, {"agent", "messages"});
  if (!body) return body.error();
  auto agent = text_member(*body, "agent");
  if (!agent) return agent.error();
  auto ids = texts_member(*body, "messages", receive_max);
  if (!ids) return ids.error();
  const AgentConfig* found = call.runtime.config->find_agent(agent_of_mailbox(*agent));
  if (found == nullptr) return Error{Reason::not_found, "no agent of this name is configured"};
  call.enter(found->space);
  return ReleaseCall{std::move(*agent), std::move(*ids)};
}

Task<Response> release_messages(Call& call) {
  const auto wanted = read_release(call);
  if (!wanted) co_return respond(wanted.error());
  const Deadline deadline = call_deadline();
  const auto done = co_await call.store->take_back(wanted->agent, wanted->ids, deadline);
  if (!done) co_return respond(done.error());
  std::vector<std::string> released;
  std::vector<std::string> not_leased;
  for (std::size_t i = 0; i < done->size(); ++i)
    ((*done)[i] ? released : not_leased).push_back(wanted->ids[i]);
  for (const std::string& id : released) call.note_id(id);
  Response response;
  JsonObject body{response.body};
  append_json_list(body.value("released"), released);
  append_json_list(body.value("not_leased"), not_leased);
  body.close();
  co_return response;
}

}  // namespace

extern constinit const Route peek_dead_letters_route{.method = "GET",
                                                     .path = {"v1", "inbox", "dead"},
                                                     .query = {"agent", "max"},
                                                     .handle = peek_dead_letters};

extern constinit const Route redrive_dead_letters_route{.method = "POST",
                                                        .path = {"v1", "inbox", "redrive"},
                                                        .query = {"agent"},
                                                        .handle = redrive_dead_letters};

extern constinit const Route release_messages_route{.method = "POST",
                                                    .path = {"v1", "inbox", "release"},
                                                    .access = Access::operators,
                                                    .handle = release_messages};

}  // namespace signalbox::api
