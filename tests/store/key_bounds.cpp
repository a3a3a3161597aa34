#include "tests/store/key_bounds.hpp"

#include <fmt/format.h>

#include "store/server/store_mark.hpp"

namespace signalbox::testing {
namespace {

using namespace std::chrono_literals;

constexpr Milliseconds day = 24h;
constexpr Milliseconds archive_counts_keep = 400 * day;
constexpr Milliseconds forever{-1};  // has no end, and must have none

// What a key's name begins with, behind its namespace, and how long it lives at most.
struct Row {
  std::string_view kind;
  Milliseconds time_to_live;
};

// In the order of commit.lua, archive.lua, trim.lua, memory.lua. The keys of mailboxes are apart,
// below.
std::vector<Row> rows_for(const KeyBounds& bounds) {
  return {{"ev", bounds.keep},
          {"eb", bounds.keep},
          {"evl", bounds.keep + day + bounds.ahead},
          {"evd", bounds.keep + day + bounds.ahead},
          {"ds", 2 * bounds.window + bounds.ahead},
          {"al", 30 * day},
          {"evt", archive_counts_keep},
          {"gw", store_mark_keep},
          {"store", forever}};
}

// Keys without a time to live, each with its reason and its bound; `mb:<mailbox>` and:
//   :i, :m  messages that nobody has acknowledged are never dropped: a full mailbox refuses.
//   Together at most mailbox_max, or
//           dead_letters_max of "dead:<mailbox>"; :i also what a commit holds twice, until it is
//           sorted in
//   :w      as many members as :m has
//   :q, :l  at most so many: a group has a message, and what was leased is there
//   :n      the last sequence, which must never be given again, the bytes of its messages, and two
//   numbers for each agent that has one in it
// `store` is one key, the store's id: a store that loses it counts as emptied.
// And `now`, which is the clock of tests.
constexpr std::string_view look = R"lua(
local found, mailboxes = {}, {}
local function say(key, what) found[#found + 1] = key .. ' ' .. what end
local most = {now = -1}
for i = 3, #ARGV, 2 do most[ARGV[i]] = tonumber(ARGV[i + 1]) end
for _, key in ipairs(redis.call('KEYS', '*')) do
  local kind, left = string.match(key, '^sb1:{%w+}:(%l+)'), redis.call('PTTL', key)
  local base, part = string.match(key, '^(sb1:{%w+}:mb:.*):([imwqln])$')
  if base then
    local size = ({list = 'LLEN', hash = 'HLEN', zset = 'ZCARD'})[redis.call('TYPE', key).ok]
    mailboxes[base] = mailboxes[base] or {i = 0, m = 0, w = 0, q = 0, l = 0, n = 0}
    mailboxes[base][part] = redis.call(size, key)
    if left ~= -1 then say(key, 'would be lost in ' .. left .. ' ms') end
  elseif not most[kind] then
    say(key, 'is not in the table')
  elseif most[kind] == -1 and left ~= -1 or most[kind] >= 0 and (left == -1 or left > most[kind]) then
    say(key, 'lives ' .. left .. ' ms, at most ' .. most[kind])
  end
end
for base, size in pairs(mailboxes) do
  local max = tonumber(string.find(base, ':mb:dead:', 1, true) and ARGV[2] or ARGV[1])
  if size.i + size.m > max then say(base, 'has ' .. size.i .. ' and ' .. size.m .. ' messages, at most ' .. max) end
  if size.w ~= size.m or size.q > size.m or size.l > size.m or size.n > 3 + 2 * (size.i + size.m) then say(base, 'does not fit together') end
end
return table.concat(found, '\n')
)lua";

}  // namespace

std::string unbounded_keys(Direct& direct, const KeyBounds& bounds) {
  std::vector<std::string> command{"EVAL", std::string{look}, "0",
                                   std::to_string(bounds.messages_max),
                                   std::to_string(bounds.dead_max)};
  for (const Row& row : rows_for(bounds)) {
    command.emplace_back(row.kind);
    command.push_back(std::to_string(row.time_to_live.count()));
  }
  const Reply reply = direct(command);
  if (!reply.is(Reply::Kind::string)) return "the keys were not looked at: " + reply.text;
  return reply.text;
}

}  // namespace signalbox::testing
