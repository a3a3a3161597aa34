// HttpSession: answers, whole or made while they are sent: in chunks where the client knows them
// (RFC 9112, section 7.1).
#include <fmt/format.h>

#include "gateway/http/request_parser.hpp"
#include "gateway/http/respond.hpp"
#include "gateway/http/session.hpp"

namespace signalbox {

Task<bool> HttpSession::write(const Response& response, bool keep_alive) {
  const bool head_only = parser_ && body_begin_ > 0 && parser_->method(buffer_.data()) == "HEAD";
  std::string text = serialize(response, keep_alive, head_only, SystemClock{}.now(),
                               setting_.handler.fixed_headers());
  co_return co_await write_text(std::move(text));
}

Task<bool> HttpSession::write_text(std::string text) {
  enter(Phase::writing, setting_.sessions.patience(write_timeout, drain_answer));
  std::string_view rest = text;
  while (!rest.empty()) {
    if (turn_bytes_ >= turn_bytes_max) co_await give_way();
    if (timed_out_) co_return false;
    std::size_t sent = 0;
    const Transport::Io io = transport_.write_some(rest.substr(0, turn_bytes_max), sent);
    rest.remove_prefix(sent);
    turn_bytes_ += sent;
    if (io == Transport::Io::done) continue;
    if (io == Transport::Io::ended) co_return false;
    const bool ready = co_await wait(io);
    if (!ready) co_return false;
  }
  co_return true;
}

Task<bool> HttpSession::write_stream(const Response& response) {
  std::string head =
      serialize_head(response, may_chunk_, SystemClock{}.now(), setting_.handler.fixed_headers());
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

}  // namespace signalbox
