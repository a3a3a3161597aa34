// The life of a connection: handshake, requests one after the other, and its end. How a request is
// read stands in session_reading.cpp, how an answer is written in session_writing.cpp.
#include "gateway/http/session.hpp"

#include <boost/asio/post.hpp>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/respond.hpp"
#include "gateway/telemetry/connection_counters.hpp"

namespace signalbox {
namespace {

constexpr boost::asio::use_awaitable_t<boost::asio::io_context::executor_type> posted{};

}  // namespace

HttpSession::HttpSession(Socket socket, const SessionSetting& setting, ConnectionShare share)
    : OpenSession{setting.listener, std::move(share)},
      limits_{setting.limits},
      transport_{std::move(socket), limits_->tls_context.get()},
      setting_{setting},
      peer_{transport_.peer()} {
  setting_.sessions.add(*this);
}

HttpSession::~HttpSession() {
  if (buffer_.bytes) setting_.buffers.give(buffer_);
  setting_.buffers.hold(decoded_bytes_, 0);
  setting_.sessions.remove(*this);
}

Task<void> HttpSession::run() {
  if (limits_->proxy_protocol && share_.is_proxy()) {
    const bool introduced = co_await read_proxy_header();
    if (!introduced) co_return;
  }
  if (transport_.needs_handshake()) {
    const bool agreed = co_await shake_hands();
    if (!agreed) co_return;
  }
  while (true) {
    const Read read = co_await read_request();
    if (read == Read::closed) co_return;
    if (read == Read::refused) {
      if (!early_answer_) early_answer_ = refusal();
      const bool written = co_await write(*early_answer_, false);
      if (written) co_await linger();
      co_return;
    }
    enter_unbounded(Phase::handling);  // the handler bounds its own waits
    view_request();
    const Response response = co_await answer(request_);
    const bool keep_alive = stays_open(response);
    bool written = false;
    if (response.stream) {
      written = co_await write_stream(response);
    } else {
      written = co_await write(response, keep_alive);
    }
    if (!written) co_return;
    if (!keep_alive) {
      co_await linger();
      co_return;
    }
    consume_request();
  }
}

// Of a request that did not become whole.
Response HttpSession::refusal() {
  const bool known = parser_ && body_begin_ > 0;
  const std::string_view target = known ? parser_->target(buffer_.data()) : std::string_view{};
  setting_.handler.refused(error_, target, peer_);
  if (AddressAccount* account = share_.account(); account != nullptr && !share_.is_proxy()) {
    account->unverified.take(limits_->unverified_rate, started_);
  }
  return respond(error_);
}

// Whether the request may hold so many bytes from now on, of its listener's and its address' share.
// A small one that comes whole is not counted. A proxy's connections are of many clients.
bool HttpSession::hold(std::size_t bytes) {
  if (setting_.shares == nullptr) return true;
  AddressAccount* const account = share_.account();
  return memory_.hold(static_cast<std::int64_t>(bytes), setting_.shares->memory,
                      share_.is_proxy() ? nullptr : account,
                      account != nullptr && account->known(started_), *limits_);
}

// Whose request it is, once its head is there.
void HttpSession::find_client() {
  request_.account = share_.account();
  if (setting_.shares == nullptr || !share_.is_proxy()) return;
  const auto client = client_address(peer_, request_.headers, limits_->trusted_proxies);
  client_ = client ? setting_.shares->accounts.find(*client, started_) : nullptr;
  request_.account = client_.get();
}

// Whether more requests may follow this answer.
bool HttpSession::stays_open(const Response& response) {
  const bool refused = response.status >= 400 && response.status < 500;
  if (refused && request_.account != nullptr) {
    request_.account->unverified.take(limits_->unverified_rate, started_);
  }
  refusals_in_a_row_ = refused ? refusals_in_a_row_ + 1 : 0;
  return keep_alive_ && !response.stream && !setting_.sessions.draining() &&
         refusals_in_a_row_ < refusals_in_a_row_max &&
         started_ - opened_ < limits_->connection_timeout;
}

// True once TLS is agreed on. Who speaks HTTP to a TLS listener is told so.
Task<bool> HttpSession::shake_hands() {
  enter(Phase::reading, setting_.sessions.patience(limits_->header_timeout, drain_whole));
  Transport::Io io = transport_.handshake();
  while (io == Transport::Io::wait_read || io == Transport::Io::wait_write) {
    if (timed_out_) break;
    const bool ready = co_await wait(io);
    if (!ready) break;
    io = transport_.handshake();
  }
  if (io == Transport::Io::done) {
    setting_.counters.connections.tls_handshakes.add();
    co_return true;
  }
  setting_.counters.connections.tls_handshakes_failed.add();
  if (const auto& fault = transport_.certificate_fault()) {
    setting_.handler.refused(*fault, {}, peer_);
  }
  if (transport_.spoke_plain_http()) {
    const Response response =
        respond(Error{Reason::malformed_request, "this listener speaks TLS: use https"});
    buffer_ = setting_.buffers.take();
    const bool written = co_await write(response, false);
    if (written) co_await linger();
  }
  co_return false;
}

// Until the socket can go on, or the wait was ended from outside.
Task<bool> HttpSession::wait(Transport::Io what) {
  const auto direction = what == Transport::Io::wait_read ? Socket::wait_read : Socket::wait_write;
  turn_bytes_ = 0;
  const auto [failed] = co_await transport_.socket().async_wait(direction, as_result);
  co_return !failed;
}

// Lets the thread's other connections, its sweep and what other threads have posted go first. False
// when the deadline is over: a peer that always has bytes to read is never waited for, so here is
// where it is seen.
Task<bool> HttpSession::give_way() {
  turn_bytes_ = 0;
  co_await boost::asio::post(transport_.socket().get_executor(), posted);
  if (Clock::now() >= deadline_) timed_out_ = true;
  co_return !timed_out_;
}

// A handler's exception is a defect or the end of memory: it costs one request, not the
// connection's peers.
Task<Response> HttpSession::answer(const Request& request) {
  Response response;
  try {
    response = co_await setting_.handler.handle(request);
  } catch (const std::exception& failure) {
    const Error error{Reason::internal_error, failure.what()};
    setting_.handler.refused(error, request.target, peer_);
    response = respond(Error{Reason::internal_error, {}});
  }
  co_return response;
}

// Lets the other side read the answer before the connection closes: closing with unread bytes
// resets it.
Task<void> HttpSession::linger() {
  transport_.finish_sending();
  if (!buffer_.bytes || crowded_out_) co_return;
  enter(Phase::lingering, setting_.sessions.patience(linger_timeout, drain_linger));
  bool more = true;
  while (more) {
    buffer_.size = 0;
    more = co_await receive_more();
  }
}

void HttpSession::cancel() {
  boost::system::error_code ignored;
  transport_.socket().cancel(ignored);
}

}  // namespace signalbox
