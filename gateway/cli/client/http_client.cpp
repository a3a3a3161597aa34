#include "gateway/cli/client/http_client.hpp"

#include <fmt/format.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>
#include <optional>

namespace signalbox {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using tcp = asio::ip::tcp;

constexpr std::size_t part_bytes_max = std::size_t{16} * 1024;
constexpr Milliseconds stop_looked_for{50};
using Executor = asio::io_context::executor_type;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Executor>{});

http::request<http::string_body> make_request(const BaseUrl& server, const HttpCall& call) {
  const std::string target = server.prefix + call.target;
  http::request<http::string_body> request;
  request.version(11);
  request.method_string({call.method.data(), call.method.size()});
  request.target({target.data(), target.size()});
  request.set(http::field::host, authority_of(server));
  request.set(http::field::user_agent, "signalbox-cli");
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : call.headers) request.set(name, value);
  request.body() = call.body;
  request.prepare_payload();
  return request;
}

template <class Body>
HttpAnswer head_of(const http::response<Body>& response) {
  HttpAnswer answer;
  answer.status = response.result_int();
  answer.content_type = std::string{response[http::field::content_type]};
  answer.retry_after = std::string{response[http::field::retry_after]};
  answer.date = std::string{response[http::field::date]};
  return answer;
}

using Tcp = asio::basic_stream_socket<tcp, Executor>;
using TlsStream = ssl::stream<Tcp>;

struct Exchange {
  Exchange(const BaseUrl& at, const HttpCall& made) : server{at}, call{made} {}

  const BaseUrl& server;
  const HttpCall& call;
  ssl::context* tls = nullptr;  // for https
  bool check_name = true;
  std::string step = "connect to";
  boost::system::error_code failed{};
  std::string reason{};  // beyond `failed`: why a certificate is not trusted
  std::optional<HttpAnswer> answer{};
  const HttpStream* parts = nullptr;  // for a body that is taken piece by piece
  int socket = -1;                    // once it is connected
  std::chrono::steady_clock::time_point heard = std::chrono::steady_clock::now();
};

template <class Stream>
asio::awaitable<void, Executor> read_whole(Exchange& exchange, Stream& stream) {
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.header_limit(http_answer_header_bytes_max);
  parser.body_limit(exchange.call.answer_bytes_max);
  const auto [failed, count] = co_await http::async_read(stream, buffer, parser, as_result);
  exchange.failed = failed;
  if (failed) co_return;
  exchange.answer = head_of(parser.get());
  exchange.answer->body = std::move(parser.get().body());
}

template <class Stream>
asio::awaitable<void, Executor> read_parts(Exchange& exchange, Stream& stream) {
  boost::beast::flat_buffer buffer;
  http::response_parser<http::buffer_body> parser;
  parser.header_limit(http_answer_header_bytes_max);
  parser.body_limit(boost::none);
  const auto [failed, count] = co_await http::async_read_header(stream, buffer, parser, as_result);
  exchange.failed = failed;
  if (failed) co_return;
  HttpAnswer answer = head_of(parser.get());
  const bool wanted =
      answer.status == 200 && answer.content_type.starts_with(exchange.parts->content_type);
  if (wanted && exchange.parts->on_open) exchange.parts->on_open();
  std::vector<char> piece(part_bytes_max);
  while (!parser.is_done()) {
    parser.get().body().data = piece.data();
    parser.get().body().size = piece.size();
    const auto [broken, read] = co_await http::async_read_some(stream, buffer, parser, as_result);
    exchange.heard = std::chrono::steady_clock::now();
    const std::string_view part{piece.data(), piece.size() - parser.get().body().size};
    if (wanted) {
      exchange.parts->on_part(part);
    } else {
      answer.body += part;
    }
    exchange.failed = broken == http::error::need_buffer ? boost::system::error_code{} : broken;
    if (answer.body.size() > exchange.call.answer_bytes_max) {
      exchange.failed = http::error::body_limit;
    }
    if (exchange.failed) break;
  }
  if (!exchange.failed) exchange.answer = std::move(answer);
}

// Sends the request and reads the answer, over a connection that is open.
template <class Stream>
asio::awaitable<void, Executor> talk(Exchange& exchange, Stream& stream) {
  auto request = make_request(exchange.server, exchange.call);
  exchange.step = "send to";
  const auto [not_sent, sent] = co_await http::async_write(stream, request, as_result);
  // A server that refuses a body early answers and closes while we still write: its answer is read.
  const bool refused_early =
      not_sent == asio::error::broken_pipe || not_sent == asio::error::connection_reset;
  exchange.failed = not_sent;
  if (not_sent && !refused_early) co_return;
  exchange.step = "read the answer of";
  if (exchange.parts == nullptr) {
    co_await read_whole(exchange, stream);
  } else {
    co_await read_parts(exchange, stream);
  }
}

asio::awaitable<void, Executor> talk_tls(Exchange& exchange, Tcp socket) {
  const std::string& host = exchange.server.host;
  TlsStream stream{std::move(socket), *exchange.tls};
  boost::system::error_code is_name;
  asio::ip::make_address(host, is_name);
  if (is_name) SSL_set_tlsext_host_name(stream.native_handle(), host.c_str());
  if (exchange.check_name) stream.set_verify_callback(ssl::host_name_verification{host});
  exchange.step = "agree on TLS with";
  const auto [refused] = co_await stream.async_handshake(TlsStream::client, as_result);
  exchange.failed = refused;
  if (refused) {
    const long verdict = SSL_get_verify_result(stream.native_handle());
    if (verdict != X509_V_OK) exchange.reason = X509_verify_cert_error_string(verdict);
    co_return;
  }
  co_await talk(exchange, stream);
}

asio::awaitable<void, Executor> run(Exchange& exchange) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::basic_resolver<tcp, Executor> resolver{executor};
  const auto [not_found, addresses] =
      co_await resolver.async_resolve(exchange.server.host, exchange.server.port, as_result);
  exchange.failed = not_found;
  if (not_found) co_return;
  Tcp socket{executor};
  const auto [not_connected, endpoint] = co_await asio::async_connect(socket, addresses, as_result);
  exchange.failed = not_connected;
  if (not_connected) co_return;
  exchange.socket = socket.native_handle();
  if (exchange.tls != nullptr) {
    co_await talk_tls(exchange, std::move(socket));
  } else {
    co_await talk(exchange, socket);
  }
}

// What OpenSSL says of an answer that is no TLS at all.
bool speaks_plain_http(const boost::system::error_code& failed) {
  if (failed.category() != asio::error::get_ssl_category()) return false;
  const int reason = ERR_GET_REASON(static_cast<unsigned long>(failed.value()));
  return reason == SSL_R_WRONG_VERSION_NUMBER || reason == SSL_R_HTTP_REQUEST;
}

// Why no answer came, for people.
Failure not_reachable(const Exchange& exchange, const std::string& why) {
  const BaseUrl& server = exchange.server;
  if (speaks_plain_http(exchange.failed)) {
    return {ExitCode::not_reachable, authority_of(server) + " speaks plain HTTP, and not TLS",
            fmt::format("name it as http://{}{}", authority_of(server), server.prefix)};
  }
  return Failure{ExitCode::not_reachable,
                 fmt::format("cannot {} {}://{}: {}", exchange.step, server.tls ? "https" : "http",
                             authority_of(server), why),
                 exchange.reason.empty() ? "is the gateway running? start it with `signalbox serve`"
                                         : "name the authorities to trust with --ca-file"};
}

bool readable(int descriptor) {
  pollfd wanted{descriptor, POLLIN, 0};
  return descriptor >= 0 && ::poll(&wanted, 1, 0) > 0;
}

// Runs until it ends by itself, nothing is heard for too long, or the stop and its grace are over.
// True when it was stopped.
bool run_stream(asio::io_context& context, const Exchange& exchange) {
  using SteadyClock = std::chrono::steady_clock;
  std::optional<SteadyClock::time_point> stopped;
  while (!context.stopped()) {
    context.run_for(stop_looked_for);
    const auto now = SteadyClock::now();
    if (!stopped && readable(exchange.parts->stop)) {
      stopped = now;
      if (exchange.socket < 0) break;
      ::shutdown(exchange.socket, SHUT_WR);
    }
    if (stopped && exchange.parts->abandon && exchange.parts->abandon()) break;
    if (stopped ? now - *stopped > exchange.parts->stop_grace
                : now - exchange.heard > exchange.parts->silence_max)
      break;
  }
  return stopped.has_value();
}

CommandResult<HttpAnswer> perform(Exchange& exchange, Milliseconds timeout, const TlsTrust& trust) {
  if (const auto refused = refuse_headers(exchange.call)) return *refused;
  asio::io_context context{1};
  ssl::context tls{ssl::context::tls_client};
  if (exchange.server.tls) {
    if (auto unusable = trust_in(tls, trust)) return *std::move(unusable);
    exchange.tls = &tls;
  }
  asio::co_spawn(context, run(exchange), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  bool stopped = false;
  try {
    if (exchange.parts == nullptr) {
      context.run_for(timeout);
    } else {
      stopped = run_stream(context, exchange);
    }
  } catch (const std::exception& broken) {
    return not_reachable(exchange, broken.what());
  }
  if (exchange.answer) return *std::move(exchange.answer);
  if (stopped) return HttpAnswer{};
  if (!context.stopped()) {
    const Milliseconds waited = exchange.parts == nullptr ? timeout : exchange.parts->silence_max;
    return not_reachable(exchange, fmt::format("no answer in {}", format_duration(waited)));
  }
  return not_reachable(exchange,
                       exchange.reason.empty() ? exchange.failed.message() : exchange.reason);
}

}  // namespace

CommandResult<HttpAnswer> http_call(const BaseUrl& server, const HttpCall& call,
                                    Milliseconds timeout, const TlsTrust& trust) {
  Exchange exchange{server, call};
  exchange.check_name = !trust.pinned;
  return perform(exchange, timeout, trust);
}

CommandResult<HttpAnswer> http_stream(const BaseUrl& server, const HttpCall& call,
                                      const HttpStream& stream, const TlsTrust& trust) {
  Exchange exchange{server, call};
  exchange.check_name = !trust.pinned;
  exchange.parts = &stream;
  return perform(exchange, Milliseconds{0}, trust);
}

}  // namespace signalbox
