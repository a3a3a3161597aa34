// HttpSession: what a trusted proxy says of its client, in front of the connection's own bytes and
// of TLS. Its bytes are looked at where they are and taken once all are there, since what stands
// behind them may be TLS.
#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "gateway/http/proxy_protocol.hpp"
#include "gateway/http/session.hpp"

namespace signalbox {
namespace {

// Whether nothing more will come behind what has not been taken yet.
bool has_ended(int socket) {
  pollfd state{socket, POLLRDHUP, 0};
  return ::poll(&state, 1, 0) > 0 && (state.revents & (POLLRDHUP | POLLHUP | POLLERR)) != 0;
}

// What has come so far; nothing where the connection has ended before it was a whole header.
std::optional<ProxyHeader> peek_header(int socket) {
  std::array<char, proxy_header_bytes_max> bytes;
  const ssize_t size = ::recv(socket, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  const bool none = size < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  if (size == 0 || (size < 0 && !none)) return std::nullopt;
  const std::size_t count = none ? 0 : static_cast<std::size_t>(size);
  const ProxyHeader header = parse_proxy_header({bytes.data(), count});
  if (header.state == ProxyHeader::State::partial && has_ended(socket)) return std::nullopt;
  // The socket is readable again once there is more than what was looked at (tcp(7)).
  const int wanted = header.state == ProxyHeader::State::partial ? static_cast<int>(count) + 1 : 1;
  ::setsockopt(socket, SOL_SOCKET, SO_RCVLOWAT, &wanted, sizeof wanted);
  return header;
}

void drop_bytes(int socket, std::size_t count) {
  std::array<char, proxy_header_bytes_max> bytes;
  ::recv(socket, bytes.data(), count, MSG_DONTWAIT);
}

}  // namespace

// False where there is none: who is trusted and says nothing is no proxy, and what it sends is not
// taken for its own.
Task<bool> HttpSession::read_proxy_header() {
  started_ = Clock::now();
  enter(Phase::reading, setting_.sessions.patience(limits_->header_timeout, drain_whole));
  const int socket = transport_.socket().native_handle();
  auto header = peek_header(socket);
  while (header && header->state == ProxyHeader::State::partial) {
    const bool ready = !timed_out_ && co_await wait(Transport::Io::wait_read);
    if (!ready) co_return false;
    header = peek_header(socket);
  }
  if (!header) co_return false;
  if (header->state == ProxyHeader::State::malformed) {
    const Error error{Reason::malformed_request, "a trusted proxy sent no PROXY header"};
    setting_.handler.refused(error, {}, peer_);
    co_return false;
  }
  drop_bytes(socket, header->size);
  co_return !header->client || introduce(*header->client);
}

// From now on the connection is this client's. False where it has too many.
bool HttpSession::introduce(const IpAddress& client) {
  const std::string proxy = std::exchange(peer_, to_string(client));
  if (setting_.shares == nullptr) return true;
  share_ = ConnectionShare{setting_.shares->accounts.find(client, started_),
                           limits_->trusted_proxies.contains(client)};
  const std::uint32_t connections = share_.account()->connections;
  if (share_.is_proxy() || connections <= limits_->max_connections_per_address) return true;
  const Error error{Reason::too_many_requests,
                    "too many connections of this address, by the proxy " + proxy};
  setting_.handler.refused(error, {}, peer_);
  return false;
}

}  // namespace signalbox
