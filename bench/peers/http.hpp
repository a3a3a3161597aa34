// As much of HTTP as a floor needs: POST with a length, kept connections, one request at a time on
// each, on one thread of raw epoll. It trusts the network; it is no server for anything else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

namespace signalbox::bench {

inline constexpr std::string_view accepted =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 21\r\n\r\n"
    R"({"status":"accepted"})";
inline constexpr std::string_view duplicate =
    "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 22\r\n\r\n"
    R"({"status":"duplicate"})";
inline constexpr std::string_view malformed =
    "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n";
inline constexpr std::string_view unauthorized =
    "HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n";
inline constexpr std::string_view unavailable =
    "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n";

// Views into the connection's buffer, good until its handler returns.
struct PeerRequest {
  std::string_view event, delivery, signature;
  std::string_view body;  // 64 readable bytes behind it
};

class PeerConnection {
 public:
  explicit PeerConnection(int socket);
  ~PeerConnection();
  PeerConnection(const PeerConnection&) = delete;
  PeerConnection& operator=(const PeerConnection&) = delete;

  // To the request that was handed out last. The client may have gone meanwhile.
  void answer(std::string_view text);

 private:
  friend class PeerLoop;
  enum class Got : std::uint8_t { nothing, request, end };

  Got receive(PeerRequest& request);
  std::size_t parse(PeerRequest& request) const;
  bool is_over() const { return gone_ && !waiting_; }

  int socket_;
  std::vector<char> bytes_;
  std::size_t size_ = 0;
  bool waiting_ = false;  // for an answer
  bool gone_ = false;
};

void set_nonblocking(int socket);

// Throws std::runtime_error.
class PeerLoop {
 public:
  explicit PeerLoop(std::uint16_t port);  // on 127.0.0.1
  ~PeerLoop();
  PeerLoop(const PeerLoop&) = delete;
  PeerLoop& operator=(const PeerLoop&) = delete;

  // One more socket, which is not the loop's.
  void watch(int socket);

  // Until SIGTERM. `on_request` answers at once or later, `on_watched` is called when the watched
  // socket can be read, `after_turn` when all that was ready is done; it says whether the watched
  // socket was full.
  int run(const std::function<void(PeerConnection&, const PeerRequest&)>& on_request,
          const std::function<void()>& on_watched, const std::function<bool()>& after_turn);

 private:
  void accept_all();
  void serve(PeerConnection& connection,
             const std::function<void(PeerConnection&, const PeerRequest&)>& on_request);
  void expect_room(bool wanted);

  int epoll_, listener_;
  int watched_ = -1;
  bool wants_room_ = false;
  std::vector<std::unique_ptr<PeerConnection>> connections_;
};

}  // namespace signalbox::bench
