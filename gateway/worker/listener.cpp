#include "gateway/worker/listener.hpp"

#include <fmt/format.h>

#include <boost/asio/post.hpp>

#include <sys/socket.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cstring>
#include <stdexcept>
#include <string>
#include <utility>

#include "gateway/telemetry/log.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;

constexpr int accepts_per_wake = 64;
constexpr int listen_backlog = 4096;  // connections that the kernel holds for us
// After an accept failed for want of descriptors or memory.
constexpr std::chrono::milliseconds accept_pause{100};
constexpr std::chrono::seconds failure_line_interval{10};  // of the log

}  // namespace

ListeningSocket::ListeningSocket(asio::io_context& io, Listener kind,
                                 std::shared_ptr<const ListenerConfig> config,
                                 AddressAccounts& accounts, std::vector<ConnectionTaker*> takers)
    : acceptor_{io},
      pause_{io},
      kind_{kind},
      config_{std::move(config)},
      accounts_{accounts},
      takers_{std::move(takers)} {
  assert(!takers_.empty());
  const ListenAddress& listen = config_->listen;
  try {
    const asio::ip::tcp::endpoint endpoint{asio::ip::make_address(listen.host), listen.port};
    acceptor_.open(endpoint.protocol());
    acceptor_.set_option(asio::ip::tcp::acceptor::reuse_address{true});
    acceptor_.bind(endpoint);
    acceptor_.listen(listen_backlog);
    acceptor_.non_blocking(true);
  } catch (const boost::system::system_error& error) {
    throw std::runtime_error(fmt::format("cannot listen on {}:{}: {}", listen.host, listen.port,
                                         error.code().message()));
  }
}

void ListeningSocket::use(std::shared_ptr<const ListenerConfig> next) {
  asio::post(acceptor_.get_executor(),
             [this, next = std::move(next)]() mutable { config_ = std::move(next); });
}

void ListeningSocket::start() { wait(); }

void ListeningSocket::close() {
  boost::system::error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
}

std::uint16_t ListeningSocket::port() const { return acceptor_.local_endpoint().port(); }

void ListeningSocket::wait() {
  acceptor_.async_wait(asio::ip::tcp::acceptor::wait_read,
                       [this](boost::system::error_code failed) {
                         if (!failed && acceptor_.is_open()) accept_all();
                       });
}

void ListeningSocket::accept_all() {
  for (int i = 0; i < accepts_per_wake; ++i) {
    sockaddr_storage from{};
    socklen_t size = sizeof from;
    const int socket = ::accept4(acceptor_.native_handle(), reinterpret_cast<sockaddr*>(&from),
                                 &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      give(socket, from);
      continue;
    }
    if (errno == EINTR || errno == ECONNABORTED) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    tell_failure(std::strerror(errno));
    pause_.expires_after(accept_pause);
    pause_.async_wait([this](boost::system::error_code failed) {
      if (!failed && acceptor_.is_open()) wait();
    });
    return;
  }
  wait();
}

// Ten times a second nothing new happens.
void ListeningSocket::tell_failure(const char* why) {
  ++failures_;
  const auto now = std::chrono::steady_clock::now();
  if (now < next_line_) return;
  next_line_ = now + failure_line_interval;
  log_line(Severity::error, "accept failed",
           {{"detail", why}, {"count", std::to_string(std::exchange(failures_, 0))}});
}

// Many clients come through a proxy: it may have as many connections as there are.
bool ListeningSocket::is_proxy(const IpAddress& address) const {
  return config_->trusted_proxies.contains(address);
}

void ListeningSocket::give(int socket, const sockaddr_storage& from) {
  ConnectionShare share;
  if (const auto address = socket_address(from)) {
    auto account = accounts_.find(*address, std::chrono::steady_clock::now());
    const bool proxy = is_proxy(*address);
    if (!proxy && account->connections >= config_->max_connections_per_address) {
      refused_of_address_.fetch_add(1, std::memory_order_relaxed);
      ::close(socket);
      return;
    }
    share = ConnectionShare{std::move(account), proxy};
  }
  std::size_t open = 0;
  ConnectionTaker* least = takers_.front();
  ConnectionTaker* most = takers_.front();
  for (ConnectionTaker* taker : takers_) {
    open += taker->load(kind_);
    if (taker->load(kind_) < least->load(kind_)) least = taker;
    if (taker->load(kind_) > most->load(kind_)) most = taker;
  }
  const std::uint32_t allowed = allowed_.load(std::memory_order_relaxed);
  const std::uint32_t limit = std::min(config_->max_connections, connections_of(allowed));
  if (open >= limit) most->make_room(kind_);
  if (open >= std::min(limit + crowded_connections_max, allowed)) {
    refused_.fetch_add(1, std::memory_order_relaxed);
    ::close(socket);
    return;
  }
  least->adopt(socket, kind_, std::move(share));
}

}  // namespace signalbox
