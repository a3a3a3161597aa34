// The command of the peer that runs one for each webhook: appends the delivery exactly once and
// ends. Linked statically and without a client library, so that starting it costs what starting a
// program costs at least.
//
//   PEER_REDIS=<unix socket> PEER_SCRIPT=<digest> sb_bench_append <delivery> <signature> <event>
//   <repository>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

int main(int argc, char** argv) {
  const char* path = std::getenv("PEER_REDIS");
  const char* script = std::getenv("PEER_SCRIPT");
  sockaddr_un address{};
  if (argc != 5 || !path || !script || std::strlen(path) >= sizeof address.sun_path) return 2;
  const std::string prefix = "webhook-command:";
  std::string message = std::string{R"({"event":")"} + argv[3] + R"(","delivery":")" + argv[1] +
                        R"(","repository":")" + argv[4] + R"("})";
  std::string command = "*8\r\n";
  for (const std::string& word :
       {std::string{"EVALSHA"}, std::string{script}, std::string{"3"}, prefix + "id:" + argv[1],
        prefix + "digest:" + argv[2], prefix + "messages", std::string{"259200"}, message}) {
    command += "$" + std::to_string(word.size()) + "\r\n" + word + "\r\n";
  }
  const int socket = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  address.sun_family = AF_UNIX;
  std::strcpy(address.sun_path, path);
  std::array<char, 256> reply{};
  if (::connect(socket, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::write(socket, command.data(), command.size()) != static_cast<ssize_t>(command.size()) ||
      ::read(socket, reply.data(), reply.size()) <= 0 || reply[0] != ':') {
    std::fputs("Redis did not take it\n", stderr);
    return 1;
  }
  return std::puts(reply[1] == '1' ? "accepted" : "duplicate") < 0 ? 1 : 0;
}
