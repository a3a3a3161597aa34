#include "bench/peers/http.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstring>
#include <system_error>

namespace signalbox::bench {
namespace {

constexpr std::size_t readable_behind = 64;
constexpr std::size_t buffer_bytes = 64 * 1024;
constexpr std::size_t request_bytes_max = 1024 * 1024;

volatile std::sig_atomic_t is_ending = 0;

[[noreturn]] void fail(const char* what) {
  throw std::system_error{errno, std::generic_category(), what};
}

// The value of a header of this name, which is given in lower case and with its colon.
bool take(std::string_view line, std::string_view name, std::string_view& value) {
  if (line.size() <= name.size() || ::strncasecmp(line.data(), name.data(), name.size()) != 0)
    return false;
  value = line.substr(name.size());
  while (value.starts_with(' ')) value.remove_prefix(1);
  return true;
}

}  // namespace

void set_nonblocking(int socket) {
  const int flags = ::fcntl(socket, F_GETFL);
  if (flags < 0 || ::fcntl(socket, F_SETFL, flags | O_NONBLOCK) != 0) fail("fcntl");
}

PeerConnection::PeerConnection(int socket)
    : socket_{socket}, bytes_(buffer_bytes + readable_behind) {}

PeerConnection::~PeerConnection() { ::close(socket_); }

void PeerConnection::answer(std::string_view text) {
  waiting_ = false;
  size_ = 0;
  // An answer of a hundred bytes fits the socket's empty buffer, or its client is of no use.
  if (!gone_ && ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL) !=
                    static_cast<ssize_t>(text.size())) {
    ::shutdown(socket_, SHUT_RDWR);
  }
}

// How long the request is; 0 while its head is not whole.
std::size_t PeerConnection::parse(PeerRequest& request) const {
  const std::string_view all{bytes_.data(), size_};
  const auto end = all.find("\r\n\r\n");
  if (end == std::string_view::npos) return 0;
  std::size_t length = 0;
  for (std::size_t at = all.find("\r\n"); at < end;) {
    const std::size_t next = all.find("\r\n", at + 2);
    const std::string_view line = all.substr(at + 2, next - at - 2);
    std::string_view digits;
    if (take(line, "content-length:", digits)) {
      std::from_chars(digits.data(), digits.data() + digits.size(), length);
    } else if (!take(line, "x-hub-signature-256:", request.signature) &&
               !take(line, "x-github-delivery:", request.delivery)) {
      take(line, "x-github-event:", request.event);
    }
    at = next;
  }
  request.body = all.substr(end + 4, length);
  return end + 4 + std::min(length, request_bytes_max);
}

PeerConnection::Got PeerConnection::receive(PeerRequest& request) {
  const std::size_t room = bytes_.size() - readable_behind - size_;
  const ssize_t n = ::recv(socket_, bytes_.data() + size_, room, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return Got::nothing;
  if (n <= 0) return Got::end;
  size_ += static_cast<std::size_t>(n);
  const std::size_t whole = parse(request);
  if (whole > request_bytes_max || size_ > request_bytes_max) return Got::end;
  if (whole > 0 && size_ >= whole) return Got::request;
  const std::size_t wanted = std::max(whole, size_ + 1) + readable_behind;
  if (wanted > bytes_.size()) bytes_.resize(std::max(wanted, 2 * bytes_.size()));
  return Got::nothing;
}

PeerLoop::PeerLoop(std::uint16_t port)
    : epoll_{::epoll_create1(EPOLL_CLOEXEC)},
      listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)} {
  const int on = 1;
  ::setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(listener_, SOMAXCONN) != 0) {
    fail("listen");
  }
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &listener_;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, listener_, &event) != 0) fail("epoll_ctl");
}

PeerLoop::~PeerLoop() {
  ::close(listener_);
  ::close(epoll_);
}

void PeerLoop::watch(int socket) {
  watched_ = socket;
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &watched_;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, watched_, &event) != 0) fail("epoll_ctl");
}

void PeerLoop::expect_room(bool wanted) {
  if (wanted == wants_room_) return;
  wants_room_ = wanted;
  epoll_event event{};
  event.events = wanted ? EPOLLIN | EPOLLOUT : EPOLLIN;
  event.data.ptr = &watched_;
  if (::epoll_ctl(epoll_, EPOLL_CTL_MOD, watched_, &event) != 0) fail("epoll_ctl");
}

int PeerLoop::run(const std::function<void(PeerConnection&, const PeerRequest&)>& on_request,
                  const std::function<void()>& on_watched,
                  const std::function<bool()>& after_turn) {
  std::signal(SIGTERM, [](int) { is_ending = 1; });
  std::array<epoll_event, 256> events;
  while (is_ending == 0) {
    const int ready = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 1000);
    if (ready < 0 && errno != EINTR) fail("epoll_wait");
    bool some_left = false;
    for (int i = 0; i < ready; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      if (event.data.ptr == &listener_) {
        accept_all();
      } else if (event.data.ptr == &watched_) {
        if ((event.events & ~EPOLLOUT) != 0) on_watched();
      } else {
        auto& connection = *static_cast<PeerConnection*>(event.data.ptr);
        serve(connection, on_request);
        some_left = some_left || connection.gone_;
      }
    }
    expect_room(after_turn());
    if (some_left) std::erase_if(connections_, [](const auto& one) { return one->is_over(); });
  }
  return 0;
}

void PeerLoop::accept_all() {
  while (true) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (socket < 0) return;  // none is left, or none can be had: the client will see
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    connections_.push_back(std::make_unique<PeerConnection>(socket));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = connections_.back().get();
    if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, socket, &event) != 0) fail("epoll_ctl");
  }
}

void PeerLoop::serve(PeerConnection& connection,
                     const std::function<void(PeerConnection&, const PeerRequest&)>& on_request) {
  PeerRequest request;
  const auto got = connection.receive(request);
  if (got == PeerConnection::Got::end) {
    // Its place stays until whoever still waits for an answer has it.
    connection.gone_ = true;
    ::epoll_ctl(epoll_, EPOLL_CTL_DEL, connection.socket_, nullptr);
  } else if (got == PeerConnection::Got::request) {
    connection.waiting_ = true;
    on_request(connection, request);
  }
}

}  // namespace signalbox::bench
