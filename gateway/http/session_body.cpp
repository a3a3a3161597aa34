// HttpSession: bodies, of an announced length or in chunks, within their limits.
#include <algorithm>
#include <cstring>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/session.hpp"

namespace signalbox {

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

}  // namespace signalbox
