// HttpSession: bodies that are made while they are sent, in chunks where the client knows them (RFC
// 9112, section 7.1), and what a request leaves behind when its handler waits long.
#include <fmt/format.h>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/respond.hpp"
#include "gateway/http/session.hpp"

namespace signalbox {

Task<bool> HttpSession::write_stream(const Response& response) {
  std::string head = serialize_head(response, may_chunk_, SystemClock{}.now());
  const bool begun = co_await write_text(std::move(head));
  if (!begun) co_return false;
  enter_unbounded(Phase::handling);
  bool whole = false;
  try {
    whole = co_await response.stream(*this);
  } catch (const std::exception& failure) {
    const Error error{Reason::internal_error, failure.what()};
    setting_.handler.refused(error, {}, peer_);
  }
  if (!whole || !may_chunk_) co_return whole;
  std::string last = "0\r\n\r\n";
  co_return co_await write_text(std::move(last));
}

Task<bool> HttpSession::send(std::string piece) {
  if (may_chunk_) piece = fmt::format("{:x}\r\n{}\r\n", piece.size(), piece);
  const bool sent = co_await write_text(std::move(piece));
  enter_unbounded(Phase::handling);
  co_return sent;
}

void HttpSession::let_go() {
  request_.method = request_.target = request_.body = {};
  request_.headers = Headers{};
  consume_request();
  parser_.reset();
  if (buffer_.size == 0) setting_.buffers.give(buffer_);
}

}  // namespace signalbox
