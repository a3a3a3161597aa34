// The Lua scripts that make effects durable: store/script/*.lua, built into the binary. Each runs
// as one step in Redis. A script is added by its file alone: scripts.cmake finds it, and names it
// in ScriptName. Immutable; thread-safe.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "store/script/script_names.hpp"

namespace signalbox {

namespace lua {

// A whole script is its parts, one behind the other.
struct ScriptSource {
  std::string_view name;
  std::array<std::string_view, 4> parts;
};
extern const std::array<ScriptSource, script_count> sources;  // in the order of ScriptName

extern const std::string_view time;    // defines now_ms()
extern const std::string_view record;  // defines record_steps()

}  // namespace lua

// A whole script and the name that EVALSHA knows it by.
struct Script {
  explicit Script(std::string whole);
  std::string text;
  std::string sha1;  // 40 lower-case hexadecimal digits
};

class Scripts {
 public:
  // `time` stands in for lua::time where tests have a clock of their own.
  explicit Scripts(std::string_view time);
  const Script& operator[](ScriptName name) const noexcept {
    return scripts_[static_cast<std::size_t>(name)];
  }

 private:
  std::vector<Script> scripts_;
};

}  // namespace signalbox
