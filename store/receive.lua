-- Leases messages: first what was leased too long is ready again, then heads are leased in the order of their
-- sequence. A head that was delivered `max_deliveries` times moves to the dead-letter mailbox instead, and its
-- group's next message takes its place; when that mailbox is full it is delivered once more.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 messages at most, 3 bytes of JSON at most (0: any), 4 ms of the lease, 5 max_deliveries
--          (0: any number), 6 dead_letters_max, 7 leases to return and messages to move at most in one call
-- Returns  {ready or waiting afterwards, then for each message: receipt, deliveries, sequence, JSON}
local SORT_TURNS = 3  -- as long as all that came has to wait behind others

local mailbox, max, max_bytes, visibility = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local max_deliveries, dead_max, turn_max = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local sort_in, head_of, offer_head = mailbox_steps()
local base = prefix .. 'mb:' .. mailbox
local dead = string.sub(mailbox, 1, 5) ~= 'dead:' and 'dead:' .. mailbox or nil
local now = now_ms()
local answer, bytes, lease, moved = {0}, 0, nil, 0

local function return_expired()
  for _, group in ipairs(call('ZRANGEBYSCORE', base .. ':q', LEASED, now, 'LIMIT', 0, turn_max)) do
    offer_head(base, group)
  end
end

-- True when the head was moved.
local function bury(group, id, member)
  if not dead or max_deliveries == 0 or moved >= turn_max then return false end
  local dead_count = call('HLEN', prefix .. 'mb:' .. dead .. ':m') + call('LLEN', prefix .. 'mb:' .. dead .. ':i')
  if dead_count >= dead_max then return false end
  push(dead, id, string.format('%03d%03d', #id, #group) .. id .. group .. call('HGET', base .. ':m', id))
  call('HDEL', base .. ':m', id)
  call('HDEL', base .. ':l', id)
  call('ZREM', base .. ':w', member)
  offer_head(base, group)
  moved = moved + 1
  return true
end

local function lease_head(group, id, sequence, deliveries, json)
  lease = lease or call('HINCRBY', base .. ':n', 'lease', 1)
  call('ZADD', base .. ':q', now + visibility, group)
  call('HSET', base .. ':l', id, string.format('%.0f:%d:%.0f:%s', lease, deliveries, sequence, group))
  local n = #answer
  answer[n + 1], answer[n + 2] = id .. '.' .. string.format('%.0f', lease), deliveries
  answer[n + 3], answer[n + 4] = sequence, json
end

-- One of the heads that were ready: false when no more are wanted, nil when the order has changed.
local function take(group)
  local sequence, id, member = head_of(base, group)
  local known = call('HGET', base .. ':l', id)
  local deliveries = known and tonumber(string.match(known, '^%d+:(%d+):')) or 0
  if deliveries >= max_deliveries and bury(group, id, member) then return nil end
  local json = call('HGET', base .. ':m', id)
  -- As it is given out: with `,"sequence":"<n>"`.
  bytes = bytes + #json + 14 + #string.format('%.0f', sequence)
  if max_bytes > 0 and bytes > max_bytes and #answer > 1 then return false end
  lease_head(group, id, sequence, deliveries + 1, json)
  return true
end

local function lease_heads()
  while true do
    local taken = (#answer - 1) / 4
    if taken >= max then return end
    local groups = call('ZRANGEBYSCORE', base .. ':q', '-inf', '(' .. LEASED, 'LIMIT', 0, max - taken)
    if #groups == 0 then return end
    for _, group in ipairs(groups) do
      local wanted = take(group)
      if wanted == false then return end
      if wanted == nil then break end
    end
  end
end

for turn = 1, SORT_TURNS do
  local sorted = sort_in(base)
  if turn == 1 then return_expired() end
  lease_heads()
  if sorted < SORT_MAX or #answer > 4 * max then break end
end
answer[1] = call('HLEN', base .. ':m') + call('LLEN', base .. ':i') - call('ZCOUNT', base .. ':q', '(' .. now, '+inf')
return answer
