#include "store/redis/reply.hpp"

#include <hiredis/read.h>

#include <cassert>
#include <charconv>
#include <new>

namespace signalbox {
namespace {

// What is being read.
struct Reading {
  ReplyLimits limits;
  Reply root;
};

Reading& reading(const redisReadTask* task) { return *static_cast<Reading*>(task->privdata); }

// hiredis asks these to make the objects of a reply. An object is a place in the tree that the root
// is, so nothing is allocated for it apart; null makes hiredis give up on the stream.
Reply* place(const redisReadTask* task) {
  if (task->parent == nullptr) return &reading(task).root;
  auto* parent = static_cast<Reply*>(task->parent->obj);
  assert(task->idx >= 0 && static_cast<std::size_t>(task->idx) < parent->elements.size());
  return &parent->elements[static_cast<std::size_t>(task->idx)];
}

Reply::Kind kind_of(int type) {
  switch (type) {
    case REDIS_REPLY_STATUS:
      return Reply::Kind::status;
    case REDIS_REPLY_ERROR:
      return Reply::Kind::error;
    default:
      return Reply::Kind::string;
  }
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  if (size > reading(task).limits.string_bytes_max) return nullptr;
  Reply* reply = place(task);
  reply->kind = kind_of(task->type);
  reply->text.assign(text, size);
  return reply;
}

void* create_array(const redisReadTask* task, int count) {
  if (count < 0 || static_cast<std::size_t>(count) > reading(task).limits.elements_max)
    return nullptr;
  Reply* reply = place(task);
  reply->kind = Reply::Kind::array;
  reply->elements.resize(static_cast<std::size_t>(count));
  return reply;
}

void* create_integer(const redisReadTask* task, long long value) {
  Reply* reply = place(task);
  reply->kind = Reply::Kind::integer;
  reply->integer = value;
  return reply;
}

void* create_nil(const redisReadTask* task) {
  Reply* reply = place(task);
  reply->kind = Reply::Kind::nil;
  return reply;
}

void free_object(void*) {}

redisReplyObjectFunctions functions{create_string, create_array, create_integer, create_nil,
                                    free_object};

struct FreeReader {
  void operator()(redisReader* reader) const noexcept { redisReaderFree(reader); }
};

}  // namespace

struct ReplyReader::State {
  explicit State(ReplyLimits limits)
      : content{limits, {}}, reader{redisReaderCreateWithFunctions(&functions)} {
    if (!reader) throw std::bad_alloc{};
    reader->privdata = &content;
    reader->maxbuf =
        256 * 1024;  // kept between replies; hiredis's 16 KiB would be freed at each full read
  }

  Reading content;
  std::unique_ptr<redisReader, FreeReader> reader;
};

ReplyReader::ReplyReader(ReplyLimits limits) : state_{std::make_unique<State>(limits)} {}
ReplyReader::~ReplyReader() = default;
ReplyReader::ReplyReader(ReplyReader&&) noexcept = default;
ReplyReader& ReplyReader::operator=(ReplyReader&&) noexcept = default;

void ReplyReader::feed(std::span<const char> bytes) {
  redisReaderFeed(state_->reader.get(), bytes.data(),
                  bytes.size());  // an error of it comes out of next()
}

Result<bool> ReplyReader::next(Reply& reply) {
  void* object = nullptr;
  if (redisReaderGetReply(state_->reader.get(), &object) != REDIS_OK) {
    return Error{Reason::store_unavailable, std::string{"not the Redis protocol: "} +
                                                redisReaderGetError(state_->reader.get())};
  }
  if (object == nullptr) return false;
  reply = std::exchange(state_->content.root, Reply{});
  return true;
}

CommandWriter::CommandWriter(std::string& out, std::size_t count) : out_{out}, left_{count + 1} {
  begin('*', count);
}

void CommandWriter::begin(char kind, std::size_t size) {
  assert(left_ > 0);  // Redis would take what is too much for another command
  --left_;
  out_ += kind;
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, size).ptr;
  out_.append(digits, static_cast<std::size_t>(end - digits)).append("\r\n", 2);
}

CommandWriter& CommandWriter::add(std::string_view argument) {
  begin('$', argument.size());
  out_.append(argument).append("\r\n", 2);
  return *this;
}

CommandWriter& CommandWriter::add_number(std::int64_t number) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  return add(std::string_view{digits, static_cast<std::size_t>(end - digits)});
}

CommandWriter& CommandWriter::add_joined(std::initializer_list<std::string_view> pieces) {
  std::size_t size = 0;
  for (std::string_view piece : pieces) size += piece.size();
  begin('$', size);
  for (std::string_view piece : pieces) out_ += piece;
  out_.append("\r\n", 2);
  return *this;
}

}  // namespace signalbox
