// The Lua scripts that make effects durable: store/*.lua, built into the binary. Each runs as one
// step in Redis. Immutable; thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace signalbox {

// The texts of the files. `time` defines now_ms() and goes first, `mailbox` second where it is
// needed.
namespace lua {
extern const std::string_view time;
extern const std::string_view mailbox;
extern const std::string_view commit;
extern const std::string_view receive;
extern const std::string_view release;
extern const std::string_view peek;
extern const std::string_view message;
extern const std::string_view redrive;
extern const std::string_view events;
extern const std::string_view archive;
extern const std::string_view trim;
}  // namespace lua

// A whole script and the name that EVALSHA knows it by.
struct Script {
  explicit Script(std::string whole);
  std::string text;
  std::string sha1;  // 40 lower-case hexadecimal digits
};

struct Scripts {
  // `time` defines now_ms(): lua::time, but for tests with a clock of their own.
  explicit Scripts(std::string_view time);
  Script commit;
  Script receive;
  Script release;
  Script peek;
  Script message;
  Script redrive;
  Script events;
  Script archive;
  Script trim;
};

}  // namespace signalbox
