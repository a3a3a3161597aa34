// Opens kept connections to a gateway on this machine, sends one delivery over each, so that every
// buffer was in use once, and holds them. At each of the numbers it prints a line and waits for one
// on its input: meanwhile bench/run looks at the gateway's memory. Ends with its input.
//
//   SIGNALBOX_BENCH_SECRET=… sb_bench_idle --port 8080 [--tls] 1000 10000
#include <fmt/format.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <iostream>
#include <utility>

#include "bench/ingest/wire.hpp"

namespace {

using namespace signalbox;

constexpr std::size_t at_once = 64;  // deliveries under way
constexpr timeval patience{30, 0};   // of each call on a socket

struct FreeTls {
  void operator()(SSL* tls) const noexcept { SSL_free(tls); }
  void operator()(SSL_CTX* context) const noexcept { SSL_CTX_free(context); }
};
using Context = std::unique_ptr<SSL_CTX, FreeTls>;

// The certificate is made for the run: who is on the other side of the loopback is known.
Context make_context() {
  Context context{SSL_CTX_new(TLS_client_method())};
  if (!context) throw std::runtime_error("no TLS");
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_AUTO_RETRY);
  return context;
}

class HeldConnection {
 public:
  HeldConnection(std::uint16_t port, SSL_CTX* context) : socket_{bench::connect_to(port)} {
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
    if (context == nullptr) return;
    tls_.reset(SSL_new(context));
    if (!tls_ || SSL_set_fd(tls_.get(), socket_) != 1 || SSL_connect(tls_.get()) != 1) {
      throw std::runtime_error("no TLS handshake");
    }
  }
  ~HeldConnection() {
    if (socket_ >= 0) ::close(socket_);
  }
  HeldConnection(HeldConnection&& other) noexcept
      : socket_{std::exchange(other.socket_, -1)}, tls_{std::move(other.tls_)} {}
  HeldConnection& operator=(HeldConnection&&) = delete;

  void send(const bench::DeliveryPieces& request) {
    if (!tls_) return bench::send_all(socket_, request);
    for (const std::string_view piece :
         {std::string_view{request.head}, request.body, std::string_view{request.body_end}}) {
      if (SSL_write(tls_.get(), piece.data(), static_cast<int>(piece.size())) <= 0) {
        throw std::runtime_error("a request was not written");
      }
    }
  }

  void receive_good_answer() {
    std::string answer;
    std::array<char, 4096> bytes;
    while (!bench::answer_is_whole(answer) && answer.size() < bench::answer_bytes_max) {
      const auto n = tls_ ? SSL_read(tls_.get(), bytes.data(), static_cast<int>(bytes.size()))
                          : ::recv(socket_, bytes.data(), bytes.size(), 0);
      if (n <= 0) throw std::runtime_error("a connection was closed, or is silent");
      answer.append(bytes.data(), static_cast<std::size_t>(n));
    }
    if (!bench::answer_is_good(answer)) throw std::runtime_error("an answer that is not 200");
  }

 private:
  int socket_;
  std::unique_ptr<SSL, FreeTls> tls_;
};

struct IdleOptions {
  std::uint16_t port = 0;
  bool tls = false;
  std::vector<std::size_t> stops;  // numbers of open connections, growing
};

class Holder {
 public:
  Holder(const IdleOptions& options, std::string_view secret)
      : options_{options},
        context_{options.tls ? make_context() : nullptr},
        deliveries_{"/hooks/github", secret} {
    held_.reserve(options.stops.back());
  }

  void run() {
    for (const std::size_t stop : options_.stops) {
      while (held_.size() < stop) open_some(std::min(at_once, stop - held_.size()));
      fmt::print(R"({{"open":{}}})"
                 "\n",
                 held_.size());
      std::fflush(stdout);
      if (std::string line; !std::getline(std::cin, line)) return;
    }
  }

 private:
  void open_some(std::size_t count) {
    const std::size_t first = held_.size();
    for (std::size_t i = 0; i < count; ++i) held_.emplace_back(options_.port, context_.get());
    bench::DeliveryPieces request;
    for (std::size_t i = first; i < held_.size(); ++i) {
      deliveries_.make(i, request);
      held_[i].send(request);
    }
    for (std::size_t i = first; i < held_.size(); ++i) held_[i].receive_good_answer();
  }

  IdleOptions options_;
  Context context_;
  bench::Deliveries deliveries_;
  std::vector<HeldConnection> held_;
};

int run(int argc, char** argv) {
  const char* secret = std::getenv("SIGNALBOX_BENCH_SECRET");
  if (secret == nullptr) throw std::runtime_error("SIGNALBOX_BENCH_SECRET is not set");
  CLI::App app{"Holds idle connections to a gateway on this machine"};
  IdleOptions options;
  app.add_option("--port", options.port)->required();
  app.add_flag("--tls", options.tls);
  app.add_option("stops", options.stops, "numbers of open connections at which to wait")
      ->required()
      ->check(CLI::Range(1, 60'000));
  CLI11_PARSE(app, argc, argv);
  Holder{options, secret}.run();
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sb_bench_idle: {}\n", error.what());
    return 1;
  }
}
