// One connection: it owns bytes, limits and deadlines, and hands whole requests to a handler.
//
// An idle session waits without a buffer. Deadlines are swept by the thread (see SessionList), so
// that a request arms no timer. A connection never keeps the thread: between two requests that came
// together, and after `turn_bytes_max` bytes within one, all others have their turn first. All
// members are used from the session's thread only.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "gateway/config/config.hpp"
#include "gateway/http/buffer.hpp"
#include "gateway/http/http.hpp"
#include "gateway/http/session_list.hpp"
#include "gateway/http/transport.hpp"
#include "gateway/limits/shares.hpp"

namespace signalbox {

class RequestParser;
class ThreadCounters;

inline constexpr Milliseconds write_timeout{30'000};  // for an answer, or a piece of one, to leave
inline constexpr Milliseconds linger_timeout{2'000};  // for the other side to read the last answer
// Read or written without a wait in between, until the thread's other connections have their turn.
inline constexpr std::size_t turn_bytes_max = 64 * 1024;
// Requests of one connection that were refused (4xx) with no good one between them: the last
// of them closes it.
inline constexpr std::uint32_t refusals_in_a_row_max = 100;

struct SessionSetting {
  // Of the listener now: each request takes those of its beginning.
  const std::shared_ptr<const ListenerConfig>& limits;
  Handler& handler;
  BufferPool& buffers;
  SessionList& sessions;
  ThreadCounters& counters;
  Listener listener = Listener::hooks;
  ListenerShares* shares = nullptr;  // null: addresses have no limits
};

class HttpSession final : public OpenSession, private RequestMemory, private BodyWriter {
 public:
  // Speaks TLS where the limits have a context for it.
  HttpSession(Socket socket, const SessionSetting& setting, ConnectionShare share = {});
  ~HttpSession() override;
  HttpSession(const HttpSession&) = delete;
  HttpSession& operator=(const HttpSession&) = delete;

  // Serves requests until the connection ends.
  Task<void> run();

 private:
  using Clock = std::chrono::steady_clock;
  static constexpr boost::asio::as_tuple_t<
      boost::asio::use_awaitable_t<boost::asio::io_context::executor_type>>
      as_result{};
  enum class Read : std::uint8_t { whole, closed, refused };

  void cancel() override;
  void let_go() override;
  Task<bool> send(std::string piece) override;

  Task<bool> read_proxy_header();
  bool introduce(const IpAddress& client);
  Task<bool> shake_hands();
  Task<bool> wait(Transport::Io what);
  Task<bool> give_way();
  Task<Response> answer(const Request& request);
  Task<Read> read_request();
  Task<bool> wait_for_first_byte();
  Task<bool> read_head(std::size_t& head_size);
  Task<bool> read_body(std::size_t head_size);
  Task<bool> read_sized_body(std::size_t head_size, std::uint64_t length);
  Task<bool> read_chunked_body(std::size_t head_size);
  Task<bool> receive_more();
  Task<bool> write(const Response& response, bool keep_alive);
  Task<bool> write_stream(const Response& response);
  Task<bool> write_text(std::string text);
  Task<void> linger();
  std::size_t drop_blank_lines();
  bool is_called_rightly();
  void view_head();
  void view_request();
  void consume_request();
  Response refusal();
  bool stays_open(const Response& response);
  bool hold(std::size_t bytes);
  void find_client();
  bool refuse(Reason reason, std::string detail);

  std::shared_ptr<const ListenerConfig> limits_;  // of the request
  Transport transport_;
  SessionSetting setting_;
  Buffer buffer_;
  std::unique_ptr<RequestParser> parser_;
  std::string peer_;
  Request request_;          // while it is handled
  bool consumed_ = false;    // the request's bytes have left the buffer already
  bool keep_alive_ = false;  // as the client wishes
  bool may_chunk_ = false;   // the client knows chunked bodies
  std::size_t body_begin_ = 0;
  std::size_t body_size_ = 0;
  bool chunked_ = false;
  std::size_t decoded_bytes_ = 0;  // of a chunked body, as counted with the buffers
  MemoryShare memory_;
  std::shared_ptr<AddressAccount> client_;  // behind a proxy, of the request
  std::size_t turn_bytes_ = 0;              // read and written since the session last waited
  std::uint32_t refusals_in_a_row_ = 0;
  Error error_{Reason::internal_error, {}};
  std::optional<Response> early_answer_;  // by the head alone
  const Clock::time_point opened_ = Clock::now();
  Clock::time_point started_{};
};

}  // namespace signalbox
