#include "store/redis/server_error.hpp"

#include <algorithm>
#include <array>

namespace signalbox {
namespace {

using enum ServerError;

constexpr std::size_t word_bytes_max = 24;  // of an error that has no row

constexpr std::array rows{
    ServerErrorRow{"NOSCRIPT", script_missing, "Redis has lost a script"},
    // A moment later it may work.
    ServerErrorRow{"LOADING", not_now, "Redis still reads its files"},
    ServerErrorRow{"BUSY", not_now, "Redis runs a script that takes long"},
    ServerErrorRow{"TRYAGAIN", not_now, "a slot of the Redis Cluster moves"},
    ServerErrorRow{"CLUSTERDOWN", not_now, "the Redis Cluster is down"},
    ServerErrorRow{"MASTERDOWN", not_now, "Redis is a replica that has lost its primary"},
    ServerErrorRow{"NOMASTERLINK", not_now, "Redis is a replica that has lost its primary"},
    ServerErrorRow{"INPROG", not_now, "Redis fails over"},
    ServerErrorRow{"UNBLOCKED", not_now, "Redis fails over"},
    ServerErrorRow{"EXECABORT", not_now, "Redis gave a transaction up"},
    // Another server has it.
    ServerErrorRow{"READONLY", wrong_server, "Redis is a replica, which takes no writes"},
    ServerErrorRow{"REDIRECT", wrong_server, "Redis is a replica, which takes no writes"},
    ServerErrorRow{"MOVED", elsewhere,
                   "this node of the Redis Cluster does not have our slot: name the one that has"},
    ServerErrorRow{"ASK", elsewhere, "our slot moves to another node of the Redis Cluster"},
    // An operator has to act.
    ServerErrorRow{"OOM", refused, "Redis is out of memory (maxmemory)"},
    ServerErrorRow{"MISCONF", refused, "Redis cannot write to its disk"},
    ServerErrorRow{"NOREPLICAS", refused, "Redis has too few replicas (min-replicas-to-write)"},
    ServerErrorRow{"NOAUTH", refused, "Redis wants a password"},
    ServerErrorRow{"WRONGPASS", refused, "Redis does not take the user or the password"},
    ServerErrorRow{"NOPERM", refused, "the user may not do that in Redis"},
    ServerErrorRow{"DENIED", refused, "Redis is in protected mode"},
    ServerErrorRow{"UNKILLABLE", refused, "Redis runs a script that has written and does not end"},
    ServerErrorRow{"CROSSSLOT", refused, "Redis has our keys in several slots"},
    ServerErrorRow{"WRONGTYPE", refused, "a key of ours holds what another program wrote"},
    ServerErrorRow{"NOPROTO", refused, "Redis does not speak RESP2"},
};

// Texts without a word of their own.
constexpr std::array phrases{
    ServerErrorRow{"ACL failure in script", refused, "the user may not do that in Redis"},
    ServerErrorRow{"The user executing the script", refused, "the user may not do that in Redis"},
    ServerErrorRow{"ERR max number of clients", not_now, "Redis has too many clients (maxclients)"},
    ServerErrorRow{"ERR max requests limit", not_now, "the Redis service limits its requests"},
    ServerErrorRow{"ERR server closed", not_now, "the Redis service is away"},
    ServerErrorRow{"ERR upstream", not_now, "the proxy before Redis does not reach it"},
    ServerErrorRow{"ERR unknown command", refused, "Redis lacks a command that is needed"},
};

bool starts_with_word(std::string_view text, std::string_view word) noexcept {
  return text.starts_with(word) && (text.size() == word.size() || text[word.size()] == ' ');
}

const ServerErrorRow* row_of_word(std::string_view error) noexcept {
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const ServerErrorRow& row) {
    return starts_with_word(error, row.word);
  });
  return found == rows.end() ? nullptr : &*found;
}

const ServerErrorRow* row_of(std::string_view error) noexcept {
  if (const ServerErrorRow* row = row_of_word(error)) return row;
  for (const ServerErrorRow& row : phrases) {
    if (error.find(row.word) != std::string_view::npos) return &row;
  }
  // Before version 7 the error of a call within a script stands in the middle of another:
  // "ERR Error running script (call to f_…): @user_script:7: -OOM command not allowed …".
  const auto script = error.find("user_script");
  if (script == std::string_view::npos) return nullptr;
  const auto dash = error.find(" -", script);
  return dash == std::string_view::npos ? nullptr : row_of_word(error.substr(dash + 2));
}

// What is printable and short of an error's first word.
std::string first_word(std::string_view error) {
  std::string word;
  for (const char c : error.substr(0, word_bytes_max)) {
    if ((c < 'A' || c > 'Z') && (c < 'a' || c > 'z')) break;
    word += c;
  }
  return word;
}

}  // namespace

std::span<const ServerErrorRow> all_server_errors() noexcept { return rows; }

ServerError classify(std::string_view error) noexcept {
  const ServerErrorRow* row = row_of(error);
  return row == nullptr ? defect : row->meaning;
}

std::string describe_server_error(std::string_view error) {
  const ServerErrorRow* row = row_of(error);
  if (row == nullptr) {
    const std::string word = first_word(error);
    return "Redis answered with an error that is not known here" +
           (word.empty() ? std::string{} : " (" + word + ")");
  }
  const bool is_word = row->word.find(' ') == std::string_view::npos;
  return std::string{row->says} + (is_word ? " (" + std::string{row->word} + ")" : std::string{});
}

}  // namespace signalbox
