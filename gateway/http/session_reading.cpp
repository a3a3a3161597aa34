// HttpSession: one request, from its first byte to the end of its body, within its limits and
// deadlines.
#include <algorithm>
#include <cassert>
#include <cstring>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/session.hpp"

namespace signalbox {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";

}  // namespace

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
  if (crowded_out_) co_return Read::closed;
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
  enter(Phase::idle, draining ? drain_idle : limits_->idle_timeout);
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

Task<bool> HttpSession::read_body(std::size_t head_size) {
  deadline_ = started_ + limits_->request_timeout;
  chunked_ = parser_->chunked();
  const std::uint64_t length = parser_->content_length().value_or(0);
  if (length > limits_->max_body) co_return refuse(Reason::body_too_large, {});
  const bool has_body = chunked_ || length > 0;
  if (has_body && parser_->expects_continue() && buffer_.size == head_size) {
    std::string proceed = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write_text(std::move(proceed))) co_return false;
    deadline_ = started_ + limits_->request_timeout;
    phase_ = Phase::reading;
  }
  if (chunked_) co_return co_await read_chunked_body(head_size);
  co_return co_await read_sized_body(head_size, length);
}

// The body stays where it was received. Room is made as bytes arrive, never on the sender's word
// alone.
Task<bool> HttpSession::read_sized_body(std::size_t head_size, std::uint64_t length) {
  const std::size_t whole = head_size + static_cast<std::size_t>(length);
  while (buffer_.size < whole) {
    if (buffer_.size == buffer_.capacity &&
        !setting_.buffers.grow(buffer_, std::min(whole, buffer_.capacity * 2))) {
      co_return refuse(Reason::overloaded, {});
    }
    if (!co_await receive_more()) co_return false;
  }
  body_size_ = static_cast<std::size_t>(length);
  co_return true;
}

// Behind the head, the buffer holds only bytes that are not decoded yet.
Task<bool> HttpSession::read_chunked_body(std::size_t head_size) {
  parser_->eager(false);
  while (true) {
    bool failed = false;
    const std::string_view bytes = buffer_.view().substr(head_size);
    const std::size_t used = parser_->parse_chunks(bytes, limits_->max_body, failed);
    if (failed) co_return refuse(parser_->failure(), {});
    if (!setting_.buffers.hold(decoded_bytes_, parser_->chunked_body().capacity())) {
      co_return refuse(Reason::overloaded, {});
    }
    buffer_.size -= used;
    std::memmove(buffer_.data() + head_size, buffer_.data() + head_size + used,
                 buffer_.size - head_size);
    if (parser_->is_done()) break;
    // A chunk's header alone never fills the buffer.
    if (buffer_.size == buffer_.capacity) co_return refuse(Reason::malformed_request, {});
    if (!co_await receive_more()) co_return false;
  }
  std::string& body = parser_->chunked_body();
  body_size_ = body.size();
  body.append(json_padding, '\0');
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
  assert(used <= buffer_.size);
  const std::size_t rest = buffer_.size - used;
  if (rest > 0) std::memmove(buffer_.data(), buffer_.data() + used, rest);
  buffer_.size = rest;
  setting_.buffers.hold(decoded_bytes_, 0);
}

void HttpSession::let_go() {
  request_.method = request_.target = request_.body = {};
  request_.headers = Headers{};
  consume_request();
  parser_.reset();
  if (buffer_.bytes && buffer_.size == 0) setting_.buffers.give(buffer_);
}

bool HttpSession::refuse(Reason reason, std::string detail) {
  error_ = Error{reason, std::move(detail)};
  return false;
}

}  // namespace signalbox
