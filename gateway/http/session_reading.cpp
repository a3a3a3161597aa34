// HttpSession: one request, from its first byte to the end of its body, within its limits and
// deadlines.
#include <fmt/format.h>

#include <algorithm>
#include <cassert>
#include <cstring>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/session.hpp"

namespace signalbox {
namespace {

// Where a head ends, or that it never will.
struct HeadEnd {
  std::size_t size = 0;  // of the head with its blank line; 0: it is not whole yet
  bool bare_line_feed = false;
};

// Looks at the lines that end behind `from`. A line feed without its carriage return is refused
// where it stands: who takes it for a line's end reads another request (RFC 9112, section 2.2).
HeadEnd find_head_end(std::string_view bytes, std::size_t from) {
  constexpr std::string_view blank_line = "\r\n\r\n";
  for (auto at = bytes.find('\n', from); at != std::string_view::npos;
       at = bytes.find('\n', at + 1)) {
    if (at == 0 || bytes[at - 1] != '\r') return {0, true};
    if (at + 1 >= blank_line.size() && bytes.substr(at - 3, 4) == blank_line)
      return {at + 1, false};
  }
  return {};
}

// The bytes of empty lines in front.
std::size_t blank_lines(std::string_view bytes) {
  std::size_t size = 0;
  while (bytes.substr(size, 2) == "\r\n") size += 2;
  return size;
}

}  // namespace

// The whole of a request, or why there is none.
Task<HttpSession::Read> HttpSession::read_request() {
  body_begin_ = 0;
  chunked_ = false;
  consumed_ = false;
  if (buffer_.size > 0 || transport_.has_pending()) co_await give_way();
  if (buffer_.size == 0) {
    const bool awake = co_await wait_for_first_byte();
    if (!awake) co_return Read::closed;
  }
  started_ = Clock::now();
  limits_ = setting_.limits;
  error_ = Error{Reason::internal_error, {}};
  enter(Phase::reading, setting_.sessions.patience(limits_->header_timeout, drain_whole));
  std::size_t head_size = 0;
  bool whole = co_await read_head(head_size);
  if (whole) whole = co_await read_body(head_size);
  if (whole) co_return Read::whole;
  if (crowded_out_) co_return Read::closed;
  if (timed_out_ && !early_answer_ && error_.reason == Reason::internal_error && buffer_.size > 0) {
    refuse(setting_.sessions.draining() ? Reason::draining : Reason::request_timeout, {});
  }
  timed_out_ = false;
  const bool refused = early_answer_ || error_.reason != Reason::internal_error;
  co_return refused ? Read::refused : Read::closed;
}

Task<bool> HttpSession::wait_for_first_byte() {
  if (buffer_.bytes) setting_.buffers.give(buffer_);
  parser_.reset();
  enter(Phase::idle, setting_.sessions.patience(limits_->idle_timeout, drain_idle));
  if (!transport_.has_pending()) {
    turn_bytes_ = 0;
    const auto [failed] = co_await transport_.socket().async_wait(Socket::wait_read, as_result);
    if (failed) co_return false;
  }
  buffer_ = setting_.buffers.take();
  co_return co_await receive_more();
}

// Receives what is there, or waits for it. False when the connection ended, the deadline is over,
// or there is no memory for what comes.
Task<bool> HttpSession::receive_more() {
  while (!timed_out_) {
    if (turn_bytes_ >= turn_bytes_max && !co_await give_way()) break;
    std::size_t received = 0;
    const std::size_t room = std::min(buffer_.capacity - buffer_.size, turn_bytes_max);
    const Transport::Io io = transport_.read_some(buffer_.data() + buffer_.size, room, received);
    buffer_.size += received;
    turn_bytes_ += received;
    if (io == Transport::Io::done) co_return true;
    if (io == Transport::Io::ended) break;
    setting_.buffers.shrink(buffer_);
    const std::size_t held = buffer_.capacity + decoded_bytes_;
    if (held > small_buffer_bytes && !hold(held)) co_return refuse(Reason::overloaded, {});
    const bool ready = co_await wait(io);
    if (!ready) break;
    if (!setting_.buffers.grow(buffer_, buffer_bytes)) co_return refuse(Reason::overloaded, {});
  }
  co_return false;
}

Task<bool> HttpSession::read_head(std::size_t& head_size) {
  // Empty lines before a request are ignored (RFC 9112, section 2.2).
  std::size_t skipped = 0;   // bytes of them
  std::size_t searched = 0;  // bytes whose lines were looked at
  while (true) {
    if (searched == 0) skipped += drop_blank_lines();
    const HeadEnd end = find_head_end(buffer_.view(), searched);
    const std::size_t size = end.size > 0 ? end.size : buffer_.size;
    if (skipped + size > limits_->max_header) co_return refuse(Reason::header_too_large, {});
    if (end.bare_line_feed) {
      co_return refuse(Reason::malformed_request, "a line of the head ends without CR");
    }
    if (end.size > 0) {
      head_size = size;
      break;
    }
    searched = buffer_.size < 2 ? 0 : buffer_.size;  // one CR may begin an empty line
    if (buffer_.size == buffer_.capacity && !setting_.buffers.grow(buffer_, buffer_.capacity * 2)) {
      co_return refuse(Reason::overloaded, {});
    }
    if (!co_await receive_more()) co_return false;
  }
  if (!parser_ || parser_->got_some()) parser_ = std::make_unique<RequestParser>();
  if (!parser_->parse_head(buffer_.view().substr(0, head_size), limits_->max_header)) {
    co_return refuse(parser_->failure(), std::string{parser_->failure_detail()});
  }
  body_begin_ = head_size;
  co_return is_called_rightly();
}

// Whether the request names its listener as it may be named.
bool HttpSession::is_called_rightly() {
  if (!limits_->hosts) return true;
  const auto host = host_of(parser_->authority(buffer_.data()));
  if (!host || limits_->hosts->contains(*host)) return true;
  return refuse(Reason::host_not_allowed, fmt::format("api.hosts does not have '{}'", *host));
}

// Returns how many bytes it dropped.
std::size_t HttpSession::drop_blank_lines() {
  const std::size_t blank = blank_lines(buffer_.view());
  if (blank == 0) return 0;
  buffer_.size -= blank;
  std::memmove(buffer_.data(), buffer_.data() + blank, buffer_.size);
  return blank;
}

Task<bool> HttpSession::read_body(std::size_t head_size) {
  const Milliseconds patience = setting_.sessions.patience(limits_->request_timeout, drain_whole);
  deadline_ = started_ + patience;
  chunked_ = parser_->chunked();
  const std::uint64_t length = parser_->content_length().value_or(0);
  if (length > limits_->max_body) co_return refuse(Reason::body_too_large, {});
  const bool has_body = chunked_ || length > 0;
  const bool waits = has_body && parser_->expects_continue() && buffer_.size == head_size;
  if (waits || chunked_ || length > buffer_bytes) {
    view_head();
    early_answer_ = setting_.handler.answer_head(request_);
    if (early_answer_) co_return false;
  }
  if (waits) {
    std::string proceed = "HTTP/1.1 100 Continue\r\n\r\n";
    if (!co_await write_text(std::move(proceed))) co_return false;
    deadline_ = started_ + patience;
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
    if (buffer_.size == buffer_.capacity) {
      const std::size_t capacity = std::min(whole, buffer_.capacity * 2);
      if (!hold(capacity) || !setting_.buffers.grow(buffer_, capacity)) {
        co_return refuse(Reason::overloaded, {});
      }
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
    if (failed) co_return refuse(parser_->failure(), std::string{parser_->failure_detail()});
    const std::size_t decoded = parser_->chunked_body().capacity();
    if ((decoded > buffer_bytes && !hold(buffer_.capacity + decoded)) ||
        !setting_.buffers.hold(decoded_bytes_, decoded)) {
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

void HttpSession::view_head() {
  const char* bytes = buffer_.data();
  request_.method = parser_->method(bytes);
  request_.target = parser_->target(bytes);
  request_.headers = Headers{parser_->fields(bytes)};
  request_.body = {};
  request_.peer = peer_;
  find_client();
  request_.received = SystemClock{}.now();
  request_.started = started_;
  request_.socket = transport_.socket().native_handle();
  request_.memory = this;
  request_.ends = opened_ + limits_->connection_timeout;
  keep_alive_ = parser_->keep_alive();
  may_chunk_ = parser_->version() >= 11;
}

void HttpSession::view_request() {
  view_head();
  request_.body = chunked_ ? std::string_view{parser_->chunked_body()}.substr(0, body_size_)
                           : std::string_view{buffer_.data() + body_begin_, body_size_};
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
  memory_.release();
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
