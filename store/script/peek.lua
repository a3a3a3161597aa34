-- Counts of a mailbox and its oldest messages. Leases nothing.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 messages at most, 3 leases to look at, at most: with more of them outstanding, the list may
--          leave out older messages in favour of younger ones
-- Returns  {ready, leased, waiting, dead, then for each message, oldest first: state, deliveries, sequence, JSON}
--          with the states 0 ready, 1 leased, 2 waiting; of what came in, all but SORT_MAX counts as waiting
local mailbox, max, leases_max = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local sort_in, head_of = mailbox_steps()
local base = prefix .. 'mb:' .. mailbox
local now = now_ms()

sort_in(base)
local groups = call('ZCARD', base .. ':q')
local leased = call('ZCOUNT', base .. ':q', '(' .. now, '+inf')
local dead = prefix .. 'mb:dead:' .. mailbox
sort_in(dead)
local answer = {groups - leased, leased, call('HLEN', base .. ':m') + call('LLEN', base .. ':i') - groups,
                call('HLEN', dead .. ':m') + call('LLEN', dead .. ':i')}

-- The oldest message of a mailbox is a head, so the oldest `max` are all in the `max` groups with the oldest heads.
local function oldest_groups()
  local found = {}
  for _, group in ipairs(call('ZRANGEBYSCORE', base .. ':q', '-inf', '(' .. LEASED, 'LIMIT', 0, max)) do
    found[#found + 1] = {group = group, state = 0, sequence = head_of(base, group)}
  end
  local outstanding = call('ZRANGEBYSCORE', base .. ':q', LEASED, '+inf', 'WITHSCORES', 'LIMIT', 0, leases_max)
  for i = 1, #outstanding, 2 do
    local group = outstanding[i]
    local state = tonumber(outstanding[i + 1]) > now and 1 or 0
    found[#found + 1] = {group = group, state = state, sequence = head_of(base, group)}
  end
  table.sort(found, function(a, b) return a.sequence < b.sequence end)
  return found
end

local function oldest_messages()
  local found, heads = {}, oldest_groups()
  for i = 1, math.min(max, #heads) do
    local group = heads[i].group
    local members = call('ZRANGEBYLEX', base .. ':w', '[' .. group .. '\0', '(' .. group .. '\1', 'LIMIT', 0, max)
    for k, member in ipairs(members) do
      local at = #group + 2
      found[#found + 1] = {state = k == 1 and heads[i].state or 2, id = string.sub(member, at + 17),
                           sequence = tonumber(string.sub(member, at, at + 15))}
    end
  end
  table.sort(found, function(a, b) return a.sequence < b.sequence end)
  return found
end

for i, message in ipairs(oldest_messages()) do
  if i > max then break end
  local known = call('HGET', base .. ':l', message.id)
  local n = #answer
  answer[n + 1] = message.state
  answer[n + 2] = known and tonumber(string.match(known, '^%d+:(%d+):')) or 0
  answer[n + 3], answer[n + 4] = message.sequence, call('HGET', base .. ':m', message.id)
end
return answer
