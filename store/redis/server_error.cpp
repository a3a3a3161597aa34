#include "store/redis/server_error.hpp"

#include <array>

namespace signalbox {
namespace {

struct Row {
  std::string_view code;
  ServerError meaning;
};

constexpr std::array<Row, 15> rows{{
    {"NOSCRIPT", ServerError::script_missing},
    {"LOADING", ServerError::not_now},
    {"BUSY", ServerError::not_now},
    {"TRYAGAIN", ServerError::not_now},
    {"CLUSTERDOWN", ServerError::not_now},
    {"MASTERDOWN", ServerError::not_now},
    {"READONLY", ServerError::wrong_server},
    {"MOVED", ServerError::wrong_server},
    {"OOM", ServerError::refused},
    {"MISCONF", ServerError::refused},
    {"NOREPLICAS", ServerError::refused},
    {"NOAUTH", ServerError::refused},
    {"NOPERM", ServerError::refused},
    {"WRONGPASS", ServerError::refused},
    {"DENIED", ServerError::refused},
}};

bool starts_with_word(std::string_view text, std::string_view word) noexcept {
  return text.starts_with(word) && (text.size() == word.size() || text[word.size()] == ' ');
}

}  // namespace

ServerError classify(std::string_view error) noexcept {
  for (const Row& row : rows) {
    if (starts_with_word(error, row.code)) return row.meaning;
  }
  // What the user may not do within a script is no error with a code of its own.
  for (const std::string_view said : {"ACL failure in script", "The user executing the script"}) {
    if (error.find(said) != std::string_view::npos) return ServerError::refused;
  }
  // Before version 7 the error of a call within a script stands in the middle of another:
  // "ERR Error running script (call to f_…): @user_script:7: -OOM command not allowed …".
  const auto script = error.find("user_script");
  if (script == std::string_view::npos) return ServerError::defect;
  const auto dash = error.find(" -", script);
  if (dash == std::string_view::npos) return ServerError::defect;
  for (const Row& row : rows) {
    if (starts_with_word(error.substr(dash + 2), row.code)) return row.meaning;
  }
  return ServerError::defect;
}

}  // namespace signalbox
