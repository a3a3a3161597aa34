// The floor of the whole gateway: a Beast server that reads requests and answers them, and does
// nothing else. One thread, kept connections, a string body and a reserved buffer.
//
//   sb_bench_bare [port]        prints the port that it listens on; ends on SIGTERM
#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <csignal>
#include <cstdlib>

namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using Executor = asio::io_context::executor_type;
using Socket = asio::basic_stream_socket<asio::ip::tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<asio::ip::tcp, Executor>;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Executor>{});

asio::awaitable<void, Executor> serve(Socket socket) {
  boost::beast::flat_buffer buffer;
  buffer.reserve(64 * 1024);
  socket.set_option(asio::ip::tcp::no_delay{true});
  for (;;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(32 * 1024 * 1024);
    const auto [not_read, got] = co_await http::async_read(socket, buffer, parser, as_result);
    if (not_read) co_return;
    http::response<http::string_body> response{http::status::ok, 11};
    response.set(http::field::content_type, "application/json");
    response.keep_alive(parser.get().keep_alive());
    response.body() = R"({"status":"accepted"})";
    response.prepare_payload();
    const auto [not_written, sent] = co_await http::async_write(socket, response, as_result);
    if (not_written || !response.keep_alive()) co_return;
  }
}

asio::awaitable<void, Executor> accept_all(Acceptor& acceptor) {
  for (;;) {
    auto [failed, socket] = co_await acceptor.async_accept(as_result);
    if (failed) co_return;
    asio::co_spawn(acceptor.get_executor(), serve(std::move(socket)), asio::detached);
  }
}

}  // namespace

int main(int argc, char** argv) {
  asio::io_context io{1};
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 0);
  Acceptor acceptor{io.get_executor(), {asio::ip::make_address("127.0.0.1"), port}};
  asio::signal_set signals{io, SIGTERM, SIGINT};
  signals.async_wait([&io](boost::system::error_code, int) { io.stop(); });
  asio::co_spawn(io, accept_all(acceptor), asio::detached);
  fmt::print("{}\n", acceptor.local_endpoint().port());
  std::fflush(stdout);
  io.run();
  return 0;
}
