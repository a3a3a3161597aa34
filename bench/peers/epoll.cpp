// The least that a webhook receiver can cost: one thread, raw epoll, no rules, no limits beyond its
// buffers, no deadlines, no metrics. Reads a request, checks its HMAC with a kept key, reads seven
// fields with simdjson's On-Demand, sends one script to Redis for each event, all of a turn in one
// write, and answers 200 once Redis has answered.
//
//   PEER_SECRET=… sb_bench_epoll <port> <Redis's unix socket> <append_once.lua> <prefix of keys>
#include <fmt/format.h>
#include <hiredis/hiredis.h>
#include <simdjson.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <sstream>

#include "bench/peers/http.hpp"
#include "bench/peers/signature.hpp"

namespace {

using namespace signalbox::bench;
constexpr std::size_t message_bytes = 930;  // as long as the gateway's own
constexpr std::string_view mark_seconds = "259200";

struct Fields {
  std::string_view action, repository, sender, sender_type;
  std::uint64_t repository_id = 0, sender_id = 0;
  bool is_private = false;
};

// The body has SIMDJSON_PADDING bytes behind it. False where it is no JSON object.
bool read_fields(simdjson::ondemand::parser& parser, std::string_view body, Fields& fields) {
  simdjson::ondemand::document document;
  const std::size_t readable = body.size() + simdjson::SIMDJSON_PADDING;
  if (parser.iterate(body.data(), body.size(), readable).get(document)) return false;
  simdjson::ondemand::object object;
  if (document.get_object().get(object)) return false;
  // Not every event has one.
  if (object["action"].get_string().get(fields.action)) fields.action = {};
  simdjson::ondemand::object repository;
  if (object["repository"].get_object().get(repository)) return false;
  simdjson::ondemand::object sender;
  if (repository["id"].get_uint64().get(fields.repository_id) ||
      repository["full_name"].get_string().get(fields.repository) ||
      repository["private"].get_bool().get(fields.is_private) ||
      object["sender"].get_object().get(sender) ||
      sender["login"].get_string().get(fields.sender) ||
      sender["id"].get_uint64().get(fields.sender_id)) {
    return false;
  }
  return !sender["type"].get_string().get(fields.sender_type);
}

// Messages on their way to Redis, and who waits for the answer to each. Throws std::runtime_error:
// without Redis there is nothing to measure.
class RedisPipeline {
 public:
  RedisPipeline(const char* socket, const std::string& script, std::string prefix)
      : prefix_{std::move(prefix)}, context_{redisConnectUnix(socket), redisFree} {
    if (!context_ || context_->err) throw std::runtime_error("no connection to Redis");
    const Reply loaded{redisCommand(context_.get(), "SCRIPT LOAD %b", script.data(), script.size()),
                       freeReplyObject};
    const auto* reply = static_cast<redisReply*>(loaded.get());
    if (!reply || reply->type != REDIS_REPLY_STRING) throw std::runtime_error("no script");
    sha_.assign(reply->str, reply->len);
    set_nonblocking(context_->fd);
  }

  int socket() const { return context_->fd; }

  void append(PeerConnection& connection, const PeerRequest& request, const Fields& fields) {
    message_.clear();
    fmt::format_to(std::back_inserter(message_),
                   R"({{"event":"{}","delivery":"{}","action":"{}","repository":"{}","id":{},)"
                   R"("private":{},"sender":"{}","sender_id":{},"sender_type":"{}","body":)",
                   request.event, request.delivery, fields.action, fields.repository,
                   fields.repository_id, fields.is_private, fields.sender, fields.sender_id,
                   fields.sender_type);
    if (message_.size() < message_bytes)
      message_ += request.body.substr(0, message_bytes - message_.size());
    const std::string id = fmt::format("{}:id:{}", prefix_, request.delivery);
    const std::string digest = fmt::format("{}:digest:{}", prefix_, request.signature);
    const std::string list = prefix_ + ":messages";
    const std::array<std::string_view, 8> words{"EVALSHA", sha_, "3",          id,
                                                digest,    list, mark_seconds, message_};
    std::array<const char*, words.size()> texts;
    std::array<std::size_t, words.size()> sizes;
    for (std::size_t i = 0; i < words.size(); ++i) {
      texts[i] = words[i].data();
      sizes[i] = words[i].size();
    }
    char* command = nullptr;
    const int size = redisFormatCommandArgv(&command, static_cast<int>(words.size()), texts.data(),
                                            sizes.data());
    if (size < 0) throw std::runtime_error("a command was not formatted");
    out_.append(command, static_cast<std::size_t>(size));
    redisFreeCommand(command);
    waiting_.push_back(&connection);
  }

  // True while some of it could not be written.
  bool flush() {
    while (written_ < out_.size()) {
      const ssize_t n =
          ::send(socket(), out_.data() + written_, out_.size() - written_, MSG_NOSIGNAL);
      if (n < 0 && errno == EAGAIN) return true;
      if (n < 0) throw std::runtime_error("Redis went away");
      written_ += static_cast<std::size_t>(n);
    }
    out_.clear();
    written_ = 0;
    return false;
  }

  // Answers whom Redis has answered.
  void receive() {
    const ssize_t n = ::recv(socket(), in_.data(), in_.size(), 0);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    if (n <= 0 ||
        redisReaderFeed(reader_.get(), in_.data(), static_cast<std::size_t>(n)) != REDIS_OK)
      throw std::runtime_error("Redis went away");
    void* next = nullptr;
    while (redisReaderGetReply(reader_.get(), &next) == REDIS_OK && next != nullptr) {
      const Reply owner{next, freeReplyObject};
      const auto* reply = static_cast<redisReply*>(next);
      PeerConnection* connection = waiting_.front();
      waiting_.pop_front();
      if (reply->type != REDIS_REPLY_INTEGER) {
        connection->answer(unavailable);
      } else {
        connection->answer(reply->integer == 1 ? accepted : duplicate);
      }
    }
  }

 private:
  using Reply = std::unique_ptr<void, void (*)(void*)>;

  std::string prefix_, sha_, message_;
  std::unique_ptr<redisContext, void (*)(redisContext*)> context_;
  std::unique_ptr<redisReader, void (*)(redisReader*)> reader_{redisReaderCreate(),
                                                               redisReaderFree};
  std::array<char, 64 * 1024> in_;
  std::string out_;
  std::size_t written_ = 0;
  std::deque<PeerConnection*> waiting_;  // bounded by the connections: each waits for one answer
};

class Receiver {
 public:
  Receiver(std::string_view secret, RedisPipeline& redis) : check_{secret}, redis_{redis} {}

  void handle(PeerConnection& connection, const PeerRequest& request) {
    Fields fields;
    if (!check_(request.signature, request.body)) {
      connection.answer(unauthorized);
    } else if (request.delivery.empty() || !read_fields(parser_, request.body, fields)) {
      connection.answer(malformed);
    } else {
      redis_.append(connection, request, fields);
    }
  }

 private:
  SignatureCheck check_;
  RedisPipeline& redis_;
  simdjson::ondemand::parser parser_;
};

int serve(std::uint16_t port, RedisPipeline& redis, Receiver& receiver) {
  PeerLoop loop{port};
  loop.watch(redis.socket());
  return loop.run([&](PeerConnection& connection,
                      const PeerRequest& request) { receiver.handle(connection, request); },
                  [&] { redis.receive(); }, [&] { return redis.flush(); });
}

}  // namespace

int main(int argc, char** argv) {
  const char* secret = std::getenv("PEER_SECRET");
  if (argc != 5 || secret == nullptr || *secret == '\0') {
    fmt::print(stderr, "PEER_SECRET=… {} <port> <Redis's socket> <script> <prefix>\n", argv[0]);
    return 2;
  }
  try {
    std::ifstream file{argv[3]};
    std::stringstream script;
    script << file.rdbuf();
    RedisPipeline redis{argv[2], script.str(), argv[4]};
    Receiver receiver{secret, redis};
    return serve(static_cast<std::uint16_t>(std::strtoul(argv[1], nullptr, 10)), redis, receiver);
  } catch (const std::exception& error) {
    fmt::print(stderr, "sb_bench_epoll: {}\n", error.what());
    return 1;
  }
}
