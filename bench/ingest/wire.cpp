#include "bench/ingest/wire.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <string_view>
#include <system_error>

namespace signalbox::bench {

void fail(const char* what) { throw std::system_error{errno, std::generic_category(), what}; }

int connect_to(std::uint16_t port) {
  const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("connect");
  }
  const int on = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return socket;
}

void send_all(int socket, const DeliveryPieces& request) {
  std::array<std::string_view, 3> pieces{request.head, request.body, request.body_end};
  for (std::size_t first = 0; first < pieces.size();) {
    std::array<iovec, 3> parts{};
    for (std::size_t i = first; i < pieces.size(); ++i) {
      parts[i] = {const_cast<char*>(pieces[i].data()), pieces[i].size()};
    }
    msghdr message{};
    message.msg_iov = parts.data() + first;
    message.msg_iovlen = pieces.size() - first;
    const ssize_t n = ::sendmsg(socket, &message, MSG_NOSIGNAL);
    if (n < 0) fail("sendmsg");
    auto sent = static_cast<std::size_t>(n);
    while (first < pieces.size() && sent >= pieces[first].size()) sent -= pieces[first++].size();
    if (first < pieces.size()) pieces[first].remove_prefix(sent);
  }
}

bool answer_is_whole(const std::string& answer) {
  const auto end = answer.find("\r\n\r\n");
  if (end == std::string::npos) return false;
  constexpr std::string_view name = "\r\nContent-Length:";
  if (const char* field = ::strcasestr(answer.c_str(), name.data());
      field != nullptr && field < answer.data() + end) {
    const char* digits = field + name.size();
    while (*digits == ' ') ++digits;
    std::size_t length = 0;
    std::from_chars(digits, answer.data() + end, length);
    return answer.size() >= end + 4 + length;
  }
  return answer.ends_with("\r\n0\r\n\r\n");
}

bool answer_is_good(const std::string& answer) { return answer.starts_with("HTTP/1.1 200 "); }

}  // namespace signalbox::bench
