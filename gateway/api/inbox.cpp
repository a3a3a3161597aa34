// Mailboxes over HTTP: peek, receive with long-poll, and what a receipt is good for.
#include <fmt/format.h>

#include "event/json_escape.hpp"
#include "event/json_writer.hpp"
#include "gateway/api/inbox_answers.hpp"
#include "gateway/api/message_stream.hpp"
#include "gateway/api/route_table.hpp"
#include "gateway/http/session_list.hpp"
#include "gateway/worker/waiters.hpp"
#include "store/request_bounds.hpp"

namespace signalbox::api {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Milliseconds wait_max{60'000};
constexpr Milliseconds visibility_least{1'000};
constexpr Milliseconds visibility_most{12 * 3'600'000};
constexpr std::int64_t max_bytes_most = 64 * 1024 * 1024;
constexpr std::string_view stream_type = "text/event-stream";

std::string_view to_string(MessageState state) noexcept {
  switch (state) {
    case MessageState::leased:
      return "leased";
    case MessageState::waiting:
      return "waiting";
    case MessageState::ready:
      break;
  }
  return "ready";
}

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

Result<Milliseconds> visibility_member(const Call& call, const boost::json::object& body) {
  return duration_member(body, "visibility", call.runtime.config->visibility, visibility_least,
                         visibility_most);
}

// Whoever looks for a lost lease is told the caller and the other end of its connection.
std::string holder_of(const Call& call) {
  const bool is_agent = call.principal->role == Principal::Role::agent;
  std::string holder = fmt::format("{}:{} at {}", is_agent ? "agent" : "operator",
                                   call.principal->name, call.request.peer);
  if (holder.size() > holder_bytes_max) holder.resize(holder_bytes_max);
  return holder;
}

struct ReceiveCall {
  ReceiveRequest request;
  Milliseconds wait{};
  bool streams = false;
};

// Whether one of the media ranges of Accept is that of server-sent events.
bool accepts_stream(std::string_view accept) {
  while (!accept.empty()) {
    std::string_view range = accept.substr(0, accept.find(','));
    accept.remove_prefix(std::min(accept.size(), range.size() + 1));
    range = range.substr(0, range.find(';'));
    while (range.starts_with(' ') || range.starts_with('\t')) range.remove_prefix(1);
    while (range.ends_with(' ') || range.ends_with('\t')) range.remove_suffix(1);
    if (iequals(range, stream_type)) return true;
  }
  return false;
}

Result<ReceiveCall> read_receive(const Call& call) {
  ReceiveCall wanted;
  const auto accept = call.request.headers.find("Accept");
  if (!accept) return accept.error();
  wanted.streams = accepts_stream(accept->value_or(""));
  auto mailbox = mailbox_of(call);
  if (!mailbox) return mailbox.error();
  const auto body = wanted.streams ? body_object(call, {"max", "visibility"})
                                   : body_object(call, {"max", "wait", "max_bytes", "visibility"});
  if (!body) return body.error();
  const auto max = integer_member(*body, "max", 1, 1, receive_max);
  if (!max) return max.error();
  const auto max_bytes = integer_member(*body, "max_bytes", 0, answer_bytes_least, max_bytes_most);
  if (!max_bytes) return max_bytes.error();
  const auto wait = duration_member(*body, "wait", Milliseconds{0}, Milliseconds{0}, wait_max);
  if (!wait) return wait.error();
  const auto visibility = visibility_member(call, *body);
  if (!visibility) return visibility.error();
  wanted.request.mailbox = std::move(*mailbox);
  wanted.request.max = static_cast<std::uint32_t>(*max);
  wanted.request.max_bytes = static_cast<std::uint64_t>(*max_bytes);
  wanted.request.visibility = *visibility;
  wanted.request.max_deliveries = call.runtime.config->max_deliveries;
  wanted.request.holder = holder_of(call);
  wanted.wait = *wait;
  return wanted;
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

// Nothing is leased before the stream has begun: what cannot begin has nothing to give back.
Task<Response> stream_messages(Call& call, const ReceiveRequest& request) {
  const Deadline deadline = call_deadline();
  const auto store = co_await call.store->ping(deadline);
  if (!store) co_return respond(store.error());
  const StreamSetting setting{call.io(), call.waiters(),      call.sessions(),  *call.store,
                              request,   call.request.socket, call.request.ends};
  call.let_go();
  Response response;
  response.content_type = stream_type;
  response.headers = {{"X-Accel-Buffering", "no"}};
  response.stream = [stream = std::make_shared<MessageStream>(setting)](BodyWriter& out) {
    return stream->run(out);
  };
  co_return response;
}

// A waiting call holds no request buffer.
Task<Response> poll_messages(Call& call, const ReceiveCall& wanted) {
  const auto until = SteadyClock::now() + wanted.wait;
  std::optional<Waiter> waiter;
  if (wanted.wait.count() > 0) {
    waiter.emplace(call.waiters(), wanted.request.mailbox, call.io());
  }
  while (true) {
    if (peer_gone(call.request)) {  // nobody is there to be given a lease: let the next one look
      waiter.reset();
      call.waiters().wake_one(wanted.request.mailbox);
      co_return Response{};
    }
    const Deadline deadline = call_deadline();
    const auto received = co_await call.store->receive(wanted.request, deadline);
    if (!received) co_return respond(received.error());
    const auto now = SteadyClock::now();
    if (!received->messages.empty() || now >= until || call.sessions().draining()) {
      Response response;
      const std::uint64_t budget = wanted.request.max_bytes;
      response.body =
          budget > 0 ? received_json_within(*received, budget) : received_json(*received);
      co_return response;
    }
    call.let_go();
    co_await waiter->wait(until);
  }
}

Task<Response> peek_inbox(Call& call) {
  const auto mailbox = mailbox_of(call);
  if (!mailbox) co_return respond(mailbox.error());
  const auto max = integer_parameter(call, "max", 10, 1, receive_max);
  if (!max) co_return respond(max.error());
  const Deadline deadline = call_deadline();
  const auto peeked =
      co_await call.store->peek(*mailbox, static_cast<std::uint32_t>(*max), deadline);
  if (!peeked) co_return respond(peeked.error());
  Response response;
  JsonObject body{response.body};
  body.text("agent", *mailbox);
  body.number("ready", peeked->counts.ready).number("leased", peeked->counts.leased);
  body.number("waiting", peeked->counts.waiting).number("dead", peeked->counts.dead);
  JsonArray messages{body.value("messages")};
  for (const PeekedMessage& message : peeked->messages) {
    JsonObject object{messages.element()};
    object.text("state", to_string(message.state)).number("deliveries", message.deliveries);
    if (message.leased_until) {
      JsonObject lease{object.value("lease")};
      lease.text("holder", message.holder).time("until", *message.leased_until).close();
    }
    object.raw("message", message.json).close();
  }
  messages.close();
  body.close();
  co_return response;
}

Task<Response> receive_messages(Call& call) {
  const auto wanted = read_receive(call);
  if (!wanted) co_return respond(wanted.error());
  if (call.waiters().size() >= waiters_max) {
    co_return respond(Error{Reason::overloaded, "too many calls wait for messages"});
  }
  if (wanted->streams) co_return co_await stream_messages(call, wanted->request);
  co_return co_await poll_messages(call, *wanted);
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

}  // namespace

extern constinit const Route peek_inbox_route{
    .method = "GET", .path = {"v1", "inbox"}, .query = {"agent", "max"}, .handle = peek_inbox};

extern constinit const Route receive_messages_route{.method = "POST",
                                                    .path = {"v1", "inbox", "receive"},
                                                    .query = {"agent"},
                                                    .handle = receive_messages};

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

}  // namespace signalbox::api
