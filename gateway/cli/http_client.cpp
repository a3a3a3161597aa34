#include "gateway/cli/http_client.hpp"

#include <fmt/format.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
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

struct Exchange {
  const BaseUrl& server;
  const HttpCall& call;
  std::string step = "connect to";
  boost::system::error_code failed;
  std::optional<HttpAnswer> answer;
};

asio::awaitable<void, Executor> run(Exchange& exchange) {
  const auto executor = co_await asio::this_coro::executor;
  asio::ip::basic_resolver<tcp, Executor> resolver{executor};
  const auto [not_found, addresses] =
      co_await resolver.async_resolve(exchange.server.host, exchange.server.port, as_result);
  exchange.failed = not_found;
  if (not_found) co_return;
  asio::basic_stream_socket<tcp, Executor> socket{executor};
  const auto [not_connected, endpoint] = co_await asio::async_connect(socket, addresses, as_result);
  exchange.failed = not_connected;
  if (not_connected) co_return;
  auto request = make_request(exchange.server, exchange.call);
  exchange.step = "send to";
  const auto [not_sent, sent] = co_await http::async_write(socket, request, as_result);
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
  const auto [not_read, count] = co_await http::async_read(socket, buffer, parser, as_result);
  exchange.failed = not_read;
  if (not_read) co_return;
  exchange.answer = to_answer(parser.release());
}

}  // namespace

Attempt<BaseUrl> parse_base_url(const std::string& text) {
  const auto wrong = [&](std::string_view what) {
    return Failure{ExitCode::usage, fmt::format("'{}' {}", text, what), {}};
  };
  const auto url = boost::urls::parse_uri(boost::urls::string_view{text.data(), text.size()});
  if (!url) return wrong("is no URL like http://127.0.0.1:8081");
  if (url->scheme() == "https") return wrong("uses TLS, which is not supported by this version");
  if (url->scheme() != "http") return wrong("must start with http://");
  if (url->has_userinfo()) {
    return Failure{ExitCode::usage, "a server's URL must not hold credentials", {}};
  }
  if (url->has_query() || url->has_fragment()) return wrong("must end after the path");
  BaseUrl base;
  base.host = url->host_address();
  if (base.host.empty()) return wrong("names no host");
  base.port = url->has_port() ? std::string{url->port()} : "80";
  base.prefix = std::string{url->encoded_path()};
  while (base.prefix.ends_with('/')) base.prefix.pop_back();
  return base;
}

Attempt<HttpAnswer> http_call(const BaseUrl& server, const HttpCall& call, Milliseconds timeout) {
  for (const auto& [name, value] : call.headers) {
    // A line break would end the header and start one of its own.
    if (printable(value) != value) {
      return Failure{
          ExitCode::usage, fmt::format("the value of {} holds control characters", name), {}};
    }
  }
  asio::io_context context{1};
  Exchange exchange{server, call, "connect to", {}, {}};
  asio::co_spawn(context, run(exchange), [](const std::exception_ptr& thrown) {
    if (thrown) std::rethrow_exception(thrown);
  });
  const auto not_reachable = [&](const std::string& why) {
    return Failure{
        ExitCode::not_reachable,
        fmt::format("cannot {} http://{}:{}: {}", exchange.step, server.host, server.port, why),
        "is the gateway running? start it with `signalbox serve`"};
  };
  try {
    context.run_for(timeout);
  } catch (const std::exception& broken) {
    return not_reachable(broken.what());
  }
  if (exchange.answer) return *std::move(exchange.answer);
  if (!context.stopped())
    return not_reachable(fmt::format("no answer in {}", format_duration(timeout)));
  return not_reachable(exchange.failed.message());
}

std::string url_encode(std::string_view text) {
  return boost::urls::encode({text.data(), text.size()}, boost::urls::unreserved_chars);
}

}  // namespace signalbox
