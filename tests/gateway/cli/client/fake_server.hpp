// A server that answers each connection with bytes that a test chose, and keeps what it was sent.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/completion_condition.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace signalbox {

class FakeServer {
 public:
  // What is written for a request; nothing at all for an empty text, the connection stays open
  // then.
  using Handler = std::function<std::string(const std::string& request)>;

  explicit FakeServer(Handler handler)
      : handler_{std::move(handler)},
        acceptor_{context_, {boost::asio::ip::address_v4::loopback(), 0}} {
    accept();
    thread_ = std::thread{[this] { context_.run(); }};
  }
  ~FakeServer() {
    context_.stop();
    thread_.join();
  }
  FakeServer(const FakeServer&) = delete;
  FakeServer& operator=(const FakeServer&) = delete;

  std::string port() const { return std::to_string(acceptor_.local_endpoint().port()); }
  std::string url() const { return "http://127.0.0.1:" + port(); }

  // Requests so far, headers and body as they came.
  std::vector<std::string> requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
  }
  std::string last_request() const {
    const auto all = requests();
    return all.empty() ? std::string{} : all.back();
  }

  static std::string answer(unsigned status, const std::string& body,
                            const std::string& type = "application/json") {
    return "HTTP/1.1 " + std::to_string(status) + " Text\r\nContent-Type: " + type +
           "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
  }

 private:
  using Socket = boost::asio::ip::tcp::socket;
  struct Connection {
    explicit Connection(Socket taken) : socket{std::move(taken)} {}
    Socket socket;
    std::string bytes;
    std::string reply;
  };

  void accept() {
    acceptor_.async_accept([this](boost::system::error_code failed, Socket socket) {
      if (failed) return;
      read(std::make_shared<Connection>(std::move(socket)));
      accept();
    });
  }

  static std::size_t missing_of(const std::string& bytes) {
    const auto end = bytes.find("\r\n\r\n");
    if (end == std::string::npos) return 1;
    const auto at = bytes.find("Content-Length: ");
    const std::size_t length = at < end ? std::stoul(bytes.substr(at + 16)) : 0;
    const std::size_t have = bytes.size() - end - 4;
    return length > have ? length - have : 0;
  }

  void read(const std::shared_ptr<Connection>& connection) {
    const std::size_t missing = missing_of(connection->bytes);
    if (missing == 0) return reply(connection);
    boost::asio::async_read(connection->socket, boost::asio::dynamic_buffer(connection->bytes),
                            boost::asio::transfer_at_least(missing),
                            [this, connection](boost::system::error_code failed, std::size_t) {
                              if (!failed) read(connection);
                            });
  }

  void reply(const std::shared_ptr<Connection>& connection) {
    {
      const std::lock_guard lock{mutex_};
      requests_.push_back(connection->bytes);
    }
    connection->reply = handler_(connection->bytes);
    if (connection->reply.empty()) {
      held_.push_back(connection);
      return;
    }
    boost::asio::async_write(connection->socket, boost::asio::buffer(connection->reply),
                             [connection](boost::system::error_code, std::size_t) {});
  }

  Handler handler_;
  boost::asio::io_context context_{1};
  boost::asio::ip::tcp::acceptor acceptor_;
  mutable std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<std::shared_ptr<Connection>> held_;
  std::thread thread_;
};

}  // namespace signalbox
