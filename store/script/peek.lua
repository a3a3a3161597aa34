-- With: time, mailbox.
--
-- Counts of a mailbox and its oldest messages. Leases nothing.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 messages at most, 3 leases to look at, at most: with more of them outstanding, the list may
--          leave out older messages in favour of younger ones
-- Returns  {ready, leased, waiting, dead, then for each message, oldest first: state, deliveries, sequence, JSON, the
--          lease's end in ms or 0, who holds it or ''} with the states 0 ready, 1 leased, 2 waiting; of what came in, all
--          but SORT_MAX counts as waiting
local prefix, call = KEYS[1], redis.call
local mailbox, max, leases_max = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local steps = mailbox_steps()
local base = prefix .. 'mb:' .. mailbox
local now = now_ms()

steps.sort_in(base)
local groups = call('ZCARD', base .. ':q')
local leased = call('ZCOUNT', base .. ':q', '(' .. now, '+inf')
local dead = prefix .. 'mb:dead:' .. mailbox
steps.sort_in(dead)
local answer = {groups - leased, leased, steps.count_of(base) - groups, steps.count_of(dead)}

-- The oldest message of a mailbox is a head, so the oldest `max` are all in the `max` groups with the oldest heads.
-- Control messages have scores of their own, below 0.
local function oldest_groups()
  local found = {}
  for _, range in ipairs({{'-inf', '(0'}, {'0', '(' .. steps.LEASED}}) do
    for _, group in ipairs(call('ZRANGEBYSCORE', base .. ':q', range[1], range[2], 'LIMIT', 0, max)) do
      found[#found + 1] = {group = group, state = 0, sequence = steps.head_of(base, group)}
    end
  end
  local outstanding = call('ZRANGEBYSCORE', base .. ':q', steps.LEASED, '+inf', 'WITHSCORES', 'LIMIT', 0, leases_max)
  for i = 1, #outstanding, 2 do
    local group, ends = outstanding[i], tonumber(outstanding[i + 1])
    local head = {group = group, state = 0, sequence = steps.head_of(base, group)}
    if ends > now then head.state, head.ends = 1, ends end
    found[#found + 1] = head
  end
  table.sort(found, function(a, b) return a.sequence < b.sequence end)
  return found
end

local function oldest_messages()
  local found, heads = {}, oldest_groups()
  for i = 1, math.min(max, #heads) do
    local group = heads[i].group
    for k, member in ipairs(steps.members_of(base, group, 0, max)) do
      local sequence, id = steps.place_of(member, group)
      local message = {state = 2, id = id, sequence = sequence}
      if k == 1 then message.state, message.ends = heads[i].state, heads[i].ends end
      found[#found + 1] = message
    end
  end
  table.sort(found, function(a, b) return a.sequence < b.sequence end)
  return found
end

for i, message in ipairs(oldest_messages()) do
  if i > max then break end
  local _, deliveries, _, _, holder = steps.lease_of(base, message.id)
  local n = #answer
  answer[n + 1] = message.state
  answer[n + 2] = tonumber(deliveries or 0)
  answer[n + 3], answer[n + 4] = message.sequence, call('HGET', base .. ':m', message.id)
  answer[n + 5], answer[n + 6] = message.ends or 0, message.ends and holder or ''
end
return answer
