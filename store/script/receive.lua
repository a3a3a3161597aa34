-- With: time, mailbox.
--
-- Leases messages: first what was leased too long is ready again, then heads are leased, control messages first, in the
-- order of their sequence. A head that was delivered `max_deliveries` times moves to the dead-letter mailbox instead, and its
-- group's next message takes its place; when that mailbox is full it is delivered once more.
--
-- With a budget of bytes, the heads that must be acted on are leased first, each whole or, where it is too large for what
-- is left, to be truncated; then of the others those that fit. When that gives nothing the oldest head is leased, to be
-- truncated. What is left of the groups that were looked at is counted by kind and by work.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 messages at most, 3 bytes of the answer at most (0: any), 4 ms of the lease, 5 max_deliveries
--          (0: any number), 6 dead_letters_max, 7 leases to return and messages to move at most in one call, 8 bytes of an
--          answer without messages, 9 bytes of a message in it beside its JSON and id, 10 bytes of a truncated one, 11 the
--          random text that the receipts end with, 12 who is given them, for people
-- Returns  {ready or waiting afterwards, '<kind>:<count>,…;<work>:<count>,…' of what a budget left, then for each
--          message: receipt, deliveries, sequence, JSON, 1 if it is to be truncated, else 0}
local SORT_TURNS = 3  -- as long as all that came has to wait behind others
-- With a budget: what is looked at, at most.
local HEADS_MAX, LEFT_MAX, LOOK_BYTES_MAX = 200, 500, 4 * 1024 * 1024

local prefix, call = KEYS[1], redis.call
local mailbox, max, max_bytes, visibility = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local max_deliveries, dead_max, turn_max = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local steps = mailbox_steps()
local base = prefix .. 'mb:' .. mailbox
local dead = string.sub(mailbox, 1, 5) ~= 'dead:' and 'dead:' .. mailbox or nil
local now = now_ms()
local lease, holder = ARGV[11], ARGV[12]
local answer, moved = {0, ''}, 0

local function return_expired()
  for _, group in ipairs(call('ZRANGEBYSCORE', base .. ':q', steps.LEASED, now, 'LIMIT', 0, turn_max)) do
    steps.offer_head(base, group)
  end
end

-- True when the head was moved.
local function move_to_dead(group, id, member)
  if not dead or max_deliveries == 0 or moved >= turn_max then return false end
  if steps.count_of(prefix .. 'mb:' .. dead) >= dead_max then return false end
  steps.push(dead, id, group, call('HGET', base .. ':m', id))
  steps.take_out(base, group, id, member)
  moved = moved + 1
  return true
end

local function leased_count() return (#answer - 2) / 5 end

local function lease_head(group, id, sequence, deliveries, json, truncated)
  call('ZADD', base .. ':q', now + visibility, group)
  steps.keep_lease(base, id, lease, deliveries, sequence, group, holder)
  local n = #answer
  answer[n + 1], answer[n + 2] = id .. '.' .. lease, deliveries
  answer[n + 3], answer[n + 4], answer[n + 5] = sequence, json, truncated and 1 or 0
end

local function deliveries_of(id)
  local _, deliveries = steps.lease_of(base, id)
  return tonumber(deliveries or 0)
end

-- One of the heads that were ready: nil when the order has changed.
local function take(group)
  local sequence, id, member = steps.head_of(base, group)
  local deliveries = deliveries_of(id)
  if deliveries >= max_deliveries and move_to_dead(group, id, member) then return nil end
  lease_head(group, id, sequence, deliveries + 1, call('HGET', base .. ':m', id))
  return true
end

local function lease_heads()
  while leased_count() < max do
    local groups = call('ZRANGEBYSCORE', base .. ':q', '-inf', '(' .. steps.LEASED, 'LIMIT', 0, max - leased_count())
    if #groups == 0 then return end
    for _, group in ipairs(groups) do
      if not take(group) then break end
    end
  end
end

-- What only a budget needs.
local function budget_steps()
  local ACT = {assign = true, help = true, handoff = true, decision = true, control = true}
  local looked_bytes = 0

  local function read(id)
    local json = call('HGET', base .. ':m', id)
    looked_bytes = looked_bytes + #json
    return json, string.match(json, '"type":"dev%.signalbox%.(%l+)"') or ''
  end

  -- The head of a group that is ready; nothing when all of the group was moved.
  local function look(group)
    while true do
      local sequence, id, member = steps.head_of(base, group)
      if not sequence then return nil end
      local deliveries = deliveries_of(id)
      if deliveries < max_deliveries or not move_to_dead(group, id, member) then
        local json, kind = read(id)
        return {group = group, id = id, sequence = sequence, deliveries = deliveries, json = json, kind = kind}
      end
    end
  end

  local function look_at_heads()
    local heads = {}
    for _, group in ipairs(call('ZRANGEBYSCORE', base .. ':q', '-inf', '(' .. steps.LEASED, 'LIMIT', 0, HEADS_MAX)) do
      if looked_bytes >= LOOK_BYTES_MAX then break end
      heads[#heads + 1] = look(group)
    end
    table.sort(heads, function(a, b)
      local urgent, other = steps.is_control(a.group), steps.is_control(b.group)
      if urgent ~= other then return urgent end
      return a.sequence < b.sequence
    end)
    return heads
  end

  local function lease_what_fits(heads)
    local left, truncated_bytes = max_bytes - ARGV[8], tonumber(ARGV[10])
    local function give(head, bytes, truncated)
      lease_head(head.group, head.id, head.sequence, head.deliveries + 1, head.json, truncated)
      head.given, left = true, left - bytes
    end
    for _, acts in ipairs({true, false}) do
      for _, head in ipairs(heads) do
        local bytes = ARGV[9] + #head.id + #head.json
        if leased_count() < max and (ACT[head.kind] or false) == acts then
          if bytes <= left then
            give(head, bytes, false)
          elseif acts and truncated_bytes <= left then
            give(head, truncated_bytes, true)
          end
        end
      end
    end
    if leased_count() == 0 and heads[1] then give(heads[1], truncated_bytes, true) end
  end

  -- Counts under names, in the order in which the names were met.
  local function tally()
    local names, counts = {}, {}
    return function(name)
      if name ~= '' and not counts[name] then names[#names + 1] = name end
      counts[name] = (counts[name] or 0) + 1
    end, function()
      local texts = {}
      for i, name in ipairs(names) do texts[i] = name .. ':' .. counts[name] end
      return table.concat(texts, ',')
    end
  end

  local function what_is_left(heads)
    local count_kind, kinds = tally()
    local count_work, works = tally()
    local looked = 0
    for _, head in ipairs(heads) do
      local group = head.group
      for _, member in ipairs(steps.members_of(base, group, head.given and 1 or 0, LEFT_MAX - looked)) do
        if looked_bytes >= LOOK_BYTES_MAX then break end
        local _, id = steps.place_of(member, group)
        local _, kind = read(id)
        count_kind(kind)
        if string.sub(group, 1, 2) == 'w_' then count_work(group) end
        looked = looked + 1
      end
      if looked >= LEFT_MAX then break end
    end
    return kinds() .. ';' .. works()
  end

  return function()
    local heads = look_at_heads()
    lease_what_fits(heads)
    answer[2] = what_is_left(heads)
  end
end

for turn = 1, SORT_TURNS do
  local sorted = steps.sort_in(base)
  if turn == 1 then return_expired() end
  if max_bytes == 0 then lease_heads() end
  if sorted < steps.SORT_MAX or leased_count() >= max then break end
end
if max_bytes > 0 then budget_steps()() end
answer[1] = steps.count_of(base) - call('ZCOUNT', base .. ':q', '(' .. now, '+inf')
return answer
