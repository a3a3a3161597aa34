// What is leased, over HTTP: what a receipt is good for, and taking back what somebody holds.
#include <fmt/format.h>

#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/api/inbox_answers.hpp"
#include "gateway/api/route_table.hpp"

namespace signalbox::api {
namespace {

constexpr Milliseconds visibility_least{1'000};
constexpr Milliseconds visibility_most{12 * 3'600'000};

// Says which receipts still held their message: 200 when all did, else 409 with both lists.
// `more` are further members.
Response answer(const std::vector<std::string>& receipts, const std::vector<bool>& held,
                std::string_view more = {}) {
  std::vector<std::string> done;
  std::vector<std::string> expired;
  for (std::size_t i = 0; i < receipts.size(); ++i)
    (held[i] ? done : expired).push_back(receipts[i]);
  const std::string members =
      fmt::format("\"done\":{},\"expired\":{}{}", json_list(done), json_list(expired), more);
  if (!expired.empty()) {
    return problem(Error{Reason::receipt_expired,
                         fmt::format("{} of {} receipts", expired.size(), receipts.size())},
                   members);
  }
  Response response;
  response.body = "{" + members + "}";
  return response;
}

struct ReceiptsCall {
  std::string mailbox;
  std::vector<std::string> receipts;
  Milliseconds visibility{};
};

Result<ReceiptsCall> read_receipts(const Call& call, bool with_visibility) {
  ReceiptsCall wanted;
  auto mailbox = mailbox_of(call);
  if (!mailbox) return mailbox.error();
  const auto body = with_visibility ? body_object(call, {"receipts", "visibility"})
                                    : body_object(call, {"receipts"});
  if (!body) return body.error();
  auto receipts = texts_member(*body, "receipts", receive_max);
  if (!receipts) return receipts.error();
  const auto visibility = visibility_member(call, *body);
  if (!visibility) return visibility.error();
  wanted.mailbox = std::move(*mailbox);
  wanted.receipts = std::move(*receipts);
  wanted.visibility = *visibility;
  return wanted;
}

Task<Response> acknowledge_messages(Call& call) {
  const auto wanted = read_receipts(call, false);
  if (!wanted) co_return respond(wanted.error());
  const Deadline deadline = call_deadline();
  const auto held = co_await call.store->acknowledge(wanted->mailbox, wanted->receipts, deadline);
  co_return held ? answer(wanted->receipts, *held) : respond(held.error());
}

Task<Response> give_back_messages(Call& call) {
  const auto wanted = read_receipts(call, false);
  if (!wanted) co_return respond(wanted.error());
  const Deadline deadline = call_deadline();
  const auto held = co_await call.store->give_back(wanted->mailbox, wanted->receipts, deadline);
  co_return held ? answer(wanted->receipts, *held) : respond(held.error());
}

Task<Response> extend_messages(Call& call) {
  const auto wanted = read_receipts(call, true);
  if (!wanted) co_return respond(wanted.error());
  const Deadline deadline = call_deadline();
  const auto extended =
      co_await call.store->extend(wanted->mailbox, wanted->receipts, wanted->visibility, deadline);
  if (!extended) co_return respond(extended.error());
  const std::string controls = fmt::format(",\"control\":{}", json_list(extended->controls));
  co_return answer(wanted->receipts, extended->held, controls);
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
  std::string_view name = *agent;
  if (name.starts_with(dead_prefix)) name.remove_prefix(dead_prefix.size());
  const AgentConfig* found = call.runtime.config->find_agent(name);
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
  Response response;
  JsonObject body{response.body};
  append_json_list(body.value("released"), released);
  append_json_list(body.value("not_leased"), not_leased);
  body.close();
  co_return response;
}

}  // namespace

Result<Milliseconds> visibility_member(const Call& call, const boost::json::object& body) {
  return duration_member(body, "visibility", call.runtime.config->visibility, visibility_least,
                         visibility_most);
}

extern constinit const Route acknowledge_messages_route{.method = "POST",
                                                        .path = {"v1", "inbox", "ack"},
                                                        .query = {"agent"},
                                                        .handle = acknowledge_messages};

extern constinit const Route give_back_messages_route{.method = "POST",
                                                      .path = {"v1", "inbox", "nack"},
                                                      .query = {"agent"},
                                                      .handle = give_back_messages};

extern constinit const Route extend_messages_route{.method = "POST",
                                                   .path = {"v1", "inbox", "extend"},
                                                   .query = {"agent"},
                                                   .handle = extend_messages};

extern constinit const Route release_messages_route{.method = "POST",
                                                    .path = {"v1", "inbox", "release"},
                                                    .access = Access::operators,
                                                    .handle = release_messages};

}  // namespace signalbox::api
