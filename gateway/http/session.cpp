#include "gateway/http/session.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>
#include <cstring>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/respond.hpp"
#include "gateway/telemetry/connection_counters.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;
constexpr asio::as_tuple_t<asio::use_awaitable_t<asio::io_context::executor_type>> as_result{};

constexpr Milliseconds write_timeout{30'000};
constexpr Milliseconds linger_timeout{2'000};
constexpr std::string_view head_end = "\r\n\r\n";

}  // namespace

HttpSession::HttpSession(Socket socket, const SessionSetting& setting)
    : limits_{setting.limits},
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
  if (transport_.needs_handshake()) {
    const bool agreed = co_await shake_hands();
    if (!agreed) co_return;
  }
  while (true) {
    const Read read = co_await read_request();
    if (read == Read::closed) co_return;
    if (read == Read::refused) {
      const bool known = parser_ && body_begin_ > 0;
      const std::string_view target = known ? parser_->target(buffer_.data()) : std::string_view{};
      setting_.handler.refused(error_, target, peer_);
      const Response response = respond(error_);
      const bool written = co_await write(response, false);
      if (written) co_await linger();
      co_return;
    }
    enter_unbounded(Phase::handling);  // the handler bounds its own waits
    view_request();
    const Response response = co_await answer(request_);
    const bool keep_alive = keep_alive_ && !response.stream && !setting_.sessions.draining() &&
                            started_ - opened_ < limits_->connection_timeout;
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

// True once TLS is agreed on. Who speaks HTTP to a TLS listener is told so.
Task<bool> HttpSession::shake_hands() {
  enter(Phase::reading, limits_->header_timeout);
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
  const auto [failed] = co_await transport_.socket().async_wait(direction, as_result);
  co_return !failed;
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

// The whole of a request, or why there is none.
Task<HttpSession::Read> HttpSession::read_request() {
  body_begin_ = 0;
  chunked_ = false;
  consumed_ = false;
  if (buffer_.size == 0) {
    const bool awake = co_await wait_for_first_byte();
    if (!awake) co_return Read::closed;
  }
  started_ = Clock::now();
  limits_ = setting_.limits;
  error_ = Error{Reason::internal_error, {}};
  enter(Phase::reading, limits_->header_timeout);
  if (!parser_) parser_ = std::make_unique<RequestParser>();
  std::size_t head_size = 0;
  bool whole = co_await read_head(head_size);
  if (whole) whole = co_await read_body(head_size);
  if (whole) co_return Read::whole;
  if (timed_out_ && error_.reason == Reason::internal_error && buffer_.size > 0) {
    refuse(setting_.sessions.draining() ? Reason::draining : Reason::request_timeout, {});
  }
  timed_out_ = false;
  co_return error_.reason == Reason::internal_error ? Read::closed : Read::refused;
}

Task<bool> HttpSession::wait_for_first_byte() {
  if (buffer_.bytes) setting_.buffers.give(buffer_);
  parser_.reset();
  const bool draining = setting_.sessions.draining();
  enter(Phase::idle, draining ? Milliseconds{1'000} : limits_->idle_timeout);
  if (!transport_.has_pending()) {
    const auto [failed] = co_await transport_.socket().async_wait(Socket::wait_read, as_result);
    if (failed) co_return false;
  }
  buffer_ = setting_.buffers.take();
  co_return co_await receive_more();
}

// Receives what is there, or waits for it. False when the connection ended or the deadline is over.
Task<bool> HttpSession::receive_more() {
  while (true) {
    std::size_t received = 0;
    const Transport::Io io = transport_.read_some(buffer_.data() + buffer_.size,
                                                  buffer_.capacity - buffer_.size, received);
    buffer_.size += received;
    if (io == Transport::Io::done) co_return true;
    if (io == Transport::Io::ended || timed_out_) co_return false;
    const bool ready = co_await wait(io);
    if (!ready) co_return false;
  }
}

Task<bool> HttpSession::read_head(std::size_t& head_size) {
  // Empty lines before a request are ignored (RFC 9112, section 2.2).
  std::size_t searched = 0;
  while (true) {
    std::size_t blank = 0;
    while (searched == 0 && blank + 1 < buffer_.size && buffer_.view().substr(blank, 2) == "\r\n")
      blank += 2;
    if (blank > 0) {
      buffer_.size -= blank;
      std::memmove(buffer_.data(), buffer_.data() + blank, buffer_.size);
    }
    const std::size_t end = buffer_.view().find(head_end, searched);
    const std::size_t size = end == std::string_view::npos ? buffer_.size : end + head_end.size();
    if (size > limits_->max_header) co_return refuse(Reason::header_too_large, {});
    if (end != std::string_view::npos) {
      head_size = size;
      break;
    }
    searched = buffer_.size < head_end.size() ? 0 : buffer_.size - (head_end.size() - 1);
    if (buffer_.size == buffer_.capacity && !setting_.buffers.grow(buffer_, buffer_.capacity * 2)) {
      co_return refuse(Reason::overloaded, {});
    }
    if (!co_await receive_more()) co_return false;
  }
  if (parser_->got_some()) parser_ = std::make_unique<RequestParser>();
  if (!parser_->parse_head(buffer_.view().substr(0, head_size), limits_->max_header)) {
    co_return refuse(parser_->failure(), {});
  }
  body_begin_ = head_size;
  co_return true;
}

void HttpSession::view_request() {
  const char* bytes = buffer_.data();
  request_.method = parser_->method(bytes);
  request_.target = parser_->target(bytes);
  request_.headers = Headers{parser_->fields(bytes)};
  request_.body = chunked_ ? std::string_view{parser_->chunked_body()}.substr(0, body_size_)
                           : std::string_view{bytes + body_begin_, body_size_};
  request_.peer = peer_;
  request_.received = SystemClock{}.now();
  request_.started = started_;
  request_.socket = transport_.socket().native_handle();
  request_.memory = this;
  request_.ends = opened_ + limits_->connection_timeout;
  keep_alive_ = parser_->keep_alive();
  may_chunk_ = parser_->version() >= 11;
}

// Keeps what a pipelining client sent behind the request.
void HttpSession::consume_request() {
  if (std::exchange(consumed_, true)) return;
  const std::size_t used = body_begin_ + (chunked_ ? 0 : body_size_);
  const std::size_t rest = buffer_.size - used;
  if (rest > 0) std::memmove(buffer_.data(), buffer_.data() + used, rest);
  buffer_.size = rest;
  setting_.buffers.hold(decoded_bytes_, 0);
}

Task<bool> HttpSession::write(const Response& response, bool keep_alive) {
  const bool head_only = parser_ && body_begin_ > 0 && parser_->method(buffer_.data()) == "HEAD";
  std::string text = serialize(response, keep_alive, head_only, SystemClock{}.now());
  co_return co_await write_text(std::move(text));
}

Task<bool> HttpSession::write_text(std::string text) {
  enter(Phase::writing, write_timeout);
  std::string_view rest = text;
  while (!rest.empty()) {
    std::size_t sent = 0;
    const Transport::Io io = transport_.write_some(rest, sent);
    rest.remove_prefix(sent);
    if (io == Transport::Io::done) continue;
    if (io == Transport::Io::ended || timed_out_) co_return false;
    const bool ready = co_await wait(io);
    if (!ready) co_return false;
  }
  co_return true;
}

// Lets the other side read the answer before the connection closes: closing with unread bytes
// resets it.
Task<void> HttpSession::linger() {
  transport_.finish_sending();
  if (!buffer_.bytes) co_return;
  enter(Phase::lingering, linger_timeout);
  bool more = true;
  while (more) {
    buffer_.size = 0;
    more = co_await receive_more();
  }
}

bool HttpSession::refuse(Reason reason, std::string detail) {
  error_ = Error{reason, std::move(detail)};
  return false;
}

void HttpSession::cancel() {
  boost::system::error_code ignored;
  transport_.socket().cancel(ignored);
}

void HttpSession::close() {
  boost::system::error_code ignored;
  transport_.socket().close(ignored);
}

}  // namespace signalbox
