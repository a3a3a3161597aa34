#include "gateway/cli/http_client.hpp"

#include <fmt/format.h>

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
#include <boost/url/encode.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/rfc/unreserved_chars.hpp>
#include <boost/url/url_view.hpp>
#include <optional>

#include "gateway/cli/terminal.hpp"

namespace signalbox {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace ssl = boost::asio::ssl;
using tcp = asio::ip::tcp;

constexpr std::uint32_t answer_header_bytes_max = 64 * 1024;
using Executor = asio::io_context::executor_type;
constexpr auto as_result = asio::as_tuple(asio::use_awaitable_t<Executor>{});

http::request<http::string_body> make_request(const BaseUrl& server, const HttpCall& call) {
  const std::string target = server.prefix + call.target;
  http::request<http::string_body> request;
  request.version(11);
  request.method_string({call.method.data(), call.method.size()});
  request.target({target.data(), target.size()});
  const bool v6 = server.host.find(':') != std::string::npos;
  request.set(http::field::host, v6 ? fmt::format("[{}]:{}", server.host, server.port)
                                    : fmt::format("{}:{}", server.host, server.port));
  request.set(http::field::user_agent, "signalbox-cli");
  request.set(http::field::connection, "close");
  for (const auto& [name, value] : call.headers) request.set(name, value);
  request.body() = call.body;
  request.prepare_payload();
  return request;
}

HttpAnswer to_answer(http::response<http::string_body> response) {
  HttpAnswer answer;
  answer.status = response.result_int();
  answer.content_type = std::string{response[http::field::content_type]};
  answer.retry_after = std::string{response[http::field::retry_after]};
  answer.body = std::move(response.body());
  return answer;
}

using Tcp = asio::basic_stream_socket<tcp, Executor>;
using TlsStream = ssl::stream<Tcp>;

struct Exchange {
  const BaseUrl& server;
  const HttpCall& call;
  ssl::context* tls = nullptr;  // for https
  bool check_name = true;
  std::string step = "connect to";
  boost::system::error_code failed{};
  std::string reason{};  // beyond `failed`: why a certificate is not trusted
  std::optional<HttpAnswer> answer{};
};

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
  boost::beast::flat_buffer buffer;
  http::response_parser<http::string_body> parser;
  parser.header_limit(answer_header_bytes_max);
  parser.body_limit(http_answer_bytes_max);
  const auto [not_read, count] = co_await http::async_read(stream, buffer, parser, as_result);
  exchange.failed = not_read;
  if (not_read) co_return;
  exchange.answer = to_answer(parser.release());
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
  if (exchange.tls != nullptr) {
    co_await talk_tls(exchange, std::move(socket));
  } else {
    co_await talk(exchange, socket);
  }
}

std::optional<Failure> trust_in(ssl::context& context, const TlsTrust& trust) {
  context.set_options(ssl::context::no_tlsv1 | ssl::context::no_tlsv1_1);
  context.set_verify_mode(ssl::verify_peer);
  boost::system::error_code failed;
  if (trust.file.empty()) {
    context.set_default_verify_paths(failed);
    return std::nullopt;
  }
  context.load_verify_file(trust.file, failed);
  if (failed) {
    return Failure{
        ExitCode::usage,
        fmt::format("{}: holds no certificate to trust: {}", trust.file, failed.message()),
        {}};
  }
  // The file may hold the server's own certificate instead of who issued it.
  X509_STORE_set_flags(SSL_CTX_get_cert_store(context.native_handle()), X509_V_FLAG_PARTIAL_CHAIN);
  return std::nullopt;
}

// Why no answer came, for people.
Failure not_reachable(const Exchange& exchange, const std::string& why) {
  const BaseUrl& server = exchange.server;
  return Failure{ExitCode::not_reachable,
                 fmt::format("cannot {} {}://{}:{}: {}", exchange.step,
                             server.tls ? "https" : "http", server.host, server.port, why),
                 exchange.reason.empty() ? "is the gateway running? start it with `signalbox serve`"
                                         : "name the authorities to trust with --ca-file"};
}

}  // namespace

Attempt<BaseUrl> parse_base_url(const std::string& text) {
  const auto wrong = [&](std::string_view what) {
    return Failure{ExitCode::usage, fmt::format("'{}' {}", text, what), {}};
  };
  const auto url = boost::urls::parse_uri(boost::urls::string_view{text.data(), text.size()});
  if (!url) return wrong("is no URL like http://127.0.0.1:8081");
  if (url->scheme() != "http" && url->scheme() != "https") {
    return wrong("must start with http:// or https://");
  }
  if (url->has_userinfo()) {
    return Failure{ExitCode::usage, "a server's URL must not hold credentials", {}};
  }
  if (url->has_query() || url->has_fragment()) return wrong("must end after the path");
  BaseUrl base;
  base.host = url->host_address();
  if (base.host.empty()) return wrong("names no host");
  base.tls = url->scheme() == "https";
  base.port = url->has_port() ? std::string{url->port()} : base.tls ? "443" : "80";
  base.prefix = std::string{url->encoded_path()};
  while (base.prefix.ends_with('/')) base.prefix.pop_back();
  return base;
}

Attempt<HttpAnswer> http_call(const BaseUrl& server, const HttpCall& call, Milliseconds timeout,
                              const TlsTrust& trust) {
  for (const auto& [name, value] : call.headers) {
    // A line break would end the header and start one of its own.
    if (printable(value) != value) {
      return Failure{
          ExitCode::usage, fmt::format("the value of {} holds control characters", name), {}};
    }
  }
  asio::io_context context{1};
  ssl::context tls{ssl::context::tls_client};
  Exchange exchange{server, call};
  exchange.check_name = !trust.pinned;
  if (server.tls) {
    if (auto unusable = trust_in(tls, trust)) return *std::move(unusable);
    exchange.tls = &tls;
  }
  asio::co_spawn(context, run(exchange), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  try {
    context.run_for(timeout);
  } catch (const std::exception& broken) {
    return not_reachable(exchange, broken.what());
  }
  if (exchange.answer) return *std::move(exchange.answer);
  if (!context.stopped())
    return not_reachable(exchange, fmt::format("no answer in {}", format_duration(timeout)));
  return not_reachable(exchange,
                       exchange.reason.empty() ? exchange.failed.message() : exchange.reason);
}

std::string url_encode(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

}  // namespace signalbox
