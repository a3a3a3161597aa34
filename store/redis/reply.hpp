// The Redis protocol, RESP2: commands out, replies in. Reading is hiredis's; reply.cpp is the one
// file that includes it. Not thread-safe.
// https://redis.io/docs/latest/develop/reference/protocol-spec/
#pragma once

#include <concepts>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "event/error.hpp"

namespace signalbox {

struct Reply {
  enum class Kind : std::uint8_t { nil, integer, string, status, error, array };

  bool is(Kind wanted) const noexcept { return kind == wanted; }

  Kind kind = Kind::nil;
  std::int64_t integer = 0;
  std::string text;  // of string, status and error
  std::vector<Reply> elements;
};

// Appends one command, an array of bulk strings, argument by argument.
class CommandWriter {
 public:
  // `count` is the number of arguments that will follow, the command's name included.
  CommandWriter(std::string& out, std::size_t count);
  CommandWriter& add(std::string_view argument);
  CommandWriter& add(std::integral auto number) {
    return add_number(static_cast<std::int64_t>(number));
  }
  // An argument put together from pieces.
  CommandWriter& add_joined(std::initializer_list<std::string_view> pieces);

 private:
  CommandWriter& add_number(std::int64_t number);
  void begin(char kind, std::size_t size);
  std::string& out_;
  std::size_t left_;  // arguments that will follow
};

// What one reply may hold; a longer one is no reply.
struct ReplyLimits {
  std::size_t elements_max = 100'000;  // of one array
  std::size_t string_bytes_max = 64 * 1024 * 1024;
};

// Cuts a stream of bytes into replies.
class ReplyReader {
 public:
  explicit ReplyReader(ReplyLimits limits = {});
  ~ReplyReader();
  ReplyReader(ReplyReader&&) noexcept;
  ReplyReader& operator=(ReplyReader&&) noexcept;

  void feed(std::span<const char> bytes);
  // True with the next reply, false when more bytes are needed. store_unavailable when the stream
  // is no RESP2, or breaks a limit: the reader is of no use then.
  Result<bool> next(Reply& reply);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace signalbox
