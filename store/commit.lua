-- Checks that an event is new and that its messages have room, then writes all of it, or nothing. The order of
-- the checks is the contract of coordination/commit.hpp.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 event id, 2 the same packed: its letter and 12 bytes, 3 record (below), 4 ms to keep it, 5 mailbox_max,
--          6 '1' if `events` lists it, 7 '1' if the event's own id counts as seen while its record is kept,
--          8 a name of the work or '', 9 the work's id, 10 ms to keep the name, 11 number of facts, then for each fact:
--          space, window in ms, and 10 digits of base 4 for the bucket with 7 bytes of fingerprint behind; then for each
--          message: mailbox, id, and what is pushed (mailbox.lua)
-- Returns  0 committed; {1, first event, outcome, JSON} duplicate; {2, mailbox} full
--
-- A record, `ev:<id>`, is the outcome's letter, the attempt (16 bytes), when it was received (Unix time in ms, 13 digits),
-- the length of the JSON (8 digits), the JSON, and the compressed body if it has one. It expires by itself, and is
-- the memory of the event's id. `evl:<day>` lists the ids of one UTC day in the order of their commits, and `evd` the
-- days; both expire when their last record has.
-- `al:<name>` is what a name stands for: the work's id, a colon, and the day of its last use.
--
-- Memory of other facts (invariant E4). A space's facts are in segments, each of one stretch of time, spread over
-- 4^digits small hashes, fingerprint (7 bytes) -> event (13 bytes). `dd:<space>` says which segments there are, newest
-- first: start (Unix time in ms, 13 digits), window (ms, 13 digits), digits (2 digits) each. A segment is closed once it
-- is a window old, or once a hash has more than BUCKET_MAX facts (the next one then has four times as many hashes), and
-- forgotten, with all of its hashes at once, when its last fact is a window old. So a fact is remembered for one to two
-- windows. Redis packs a hash so small: 24 bytes a fact, and 8 more as memory comes in steps and keys take 150. So a
-- source that is deduplicated by id and digest takes 16 bytes a fact, as its ids take none.
--
-- This runs for each webhook, so what nearly never happens is behind an `if`: Lua makes a function each time it passes
-- its definition. Numbers that Redis is given are texts where they can be: a conversion costs as much as a command.
local BUCKET_MAX = 64
local DIGITS_MIN, DIGITS_MAX, SEGMENTS_MAX = 4, 10, 24
local DAY = 86400000


local sub = string.sub
local id, packed, record, keep = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local facts_end = 11 + 3 * ARGV[11]
local now = now_ms()

-- 1. The event itself.
local keys = {prefix .. 'ev:' .. id, prefix .. 'al:' .. ARGV[8]}
for i = 12, facts_end, 3 do keys[#keys + 1] = prefix .. 'dd:' .. ARGV[i] end
local before = call('MGET', unpack(keys))
local own = before[1]
if own then
  if sub(own, 2, 17) == sub(record, 2, 17) then return 0 end
  if sub(own, 1, 1) == 'a' and ARGV[7] == '1' then
    return {1, id, 'a', sub(own, 39, 38 + sub(own, 31, 38))}
  end
end

-- 2. Other facts, and where each was seen last.
local facts = {}
for i = 12, facts_end, 3 do
  local key, place = keys[i / 3 - 1], ARGV[i + 2]
  local field, state, seen = sub(place, 11), before[i / 3 - 1] or '', nil
  local fact = {key = key, window = ARGV[i + 1], place = place, field = field, segments = ''}
  local closed = now
  for at = 1, #state, 28 do
    local start, window = sub(state, at, at + 12), sub(state, at + 13, at + 25)
    local ends = start + window
    if ends < closed then closed = ends end
    if closed + window <= now then break end
    closed = tonumber(start)
    local bucket = key .. ':' .. start .. ':' .. sub(place, 1, sub(state, at + 26, at + 27))
    if at == 1 then
      fact.last, fact.expires = bucket, ends + window
      if now < ends then fact.bucket = bucket end
    end
    seen = seen or call('HGET', bucket, field)
    fact.segments = sub(state, 1, at + 27)
  end
  facts[#facts + 1] = fact

  if seen then
    -- Base 62 of 12 bytes, as event/ids.cpp writes it.
    local bytes, event = {string.byte(seen, 2, 13)}, ''
    for _ = 1, 17 do
      local rest = 0
      for k = 1, 12 do
        local value = rest * 256 + bytes[k]
        rest = value % 62
        bytes[k] = (value - rest) / 62
      end
      event = sub('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', rest + 1, rest + 1) .. event
    end
    event = sub(seen, 1, 1) .. '_' .. event
    local first = own
    if event ~= id then first = call('GET', prefix .. 'ev:' .. event) end
    if not first then return {1, event, 'a', ''} end
    if sub(first, 1, 1) == 'a' then return {1, event, 'a', sub(first, 39, 38 + sub(first, 31, 38))} end
  end
end

-- 3. Room.
local room, full = {}, false
for i = facts_end + 1, #ARGV, 3 do
  local base = prefix .. 'mb:' .. ARGV[i]
  local left = (room[base] or ARGV[5] - call('HLEN', base .. ':m') - call('LLEN', base .. ':i')) - 1
  room[base] = left
  full = full or left < 0
end

if full then
  -- Counted again, exactly: an id that a mailbox holds already takes no more room.
  local sort_in = mailbox_steps()
  local after = {}
  for i = facts_end + 1, #ARGV, 3 do
    local base, message = prefix .. 'mb:' .. ARGV[i], ARGV[i + 1]
    if not after[base] then
      repeat until sort_in(base) < SORT_MAX
      after[base] = call('HLEN', base .. ':m')
    end
    if not after[base .. '\0' .. message] and call('HEXISTS', base .. ':m', message) == 0 then
      after[base .. '\0' .. message] = true
      after[base] = after[base] + 1
    end
  end
  for i = facts_end + 1, #ARGV, 3 do
    if after[prefix .. 'mb:' .. ARGV[i]] > tonumber(ARGV[5]) then return {2, ARGV[i]} end
  end
end

-- 4. All of it.
local function open_segment(fact, digits)
  digits = math.max(DIGITS_MIN, math.min(DIGITS_MAX, digits))
  local start = string.format('%013.0f', now)
  local segments = start .. string.format('%013.0f', fact.window) .. string.format('%02d', digits) .. fact.segments
  local expires = 0
  for at = 1, #segments, 28 do
    expires = math.max(expires, sub(segments, at, at + 12) + 2 * sub(segments, at + 13, at + 25))
  end
  call('SET', fact.key, segments, 'PXAT', string.format('%.0f', expires))
  fact.bucket = fact.key .. ':' .. start .. ':' .. sub(fact.place, 1, digits)
  fact.expires = now + 2 * fact.window
end

for _, fact in ipairs(facts) do
  if not fact.bucket then
    -- So many hashes that each would be half full of what the last segment held, judged by one of them.
    local count = fact.last and call('HLEN', fact.last) or 0
    local more = math.ceil(math.log(math.max(count, 1) * 2 / BUCKET_MAX) / math.log(4))
    open_segment(fact, fact.last and tonumber(sub(fact.segments, 27, 28)) + more or DIGITS_MIN)
  end
  if call('HSET', fact.bucket, fact.field, packed) == 1 then
    local count = call('HLEN', fact.bucket)
    if count == 1 then
      call('PEXPIREAT', fact.bucket, string.format('%.0f', fact.expires))
    elseif count > BUCKET_MAX and #fact.segments < 28 * SEGMENTS_MAX then
      local digits = tonumber(sub(fact.segments, 27, 28))
      if digits < DIGITS_MAX and now > tonumber(sub(fact.segments, 1, 13)) then open_segment(fact, digits + 1) end
    end
  end
end

call('SET', prefix .. 'ev:' .. id, record, 'PX', keep)
if ARGV[6] == '1' and not own then
  local day = (now - now % DAY) / DAY
  if call('RPUSH', prefix .. 'evl:' .. day, id) == 1 then
    local expires = string.format('%.0f', (day + 1) * DAY + keep)
    call('PEXPIREAT', prefix .. 'evl:' .. day, expires)
    call('ZADD', prefix .. 'evd', day, day)
    call('ZREMRANGEBYSCORE', prefix .. 'evd', '-inf', day - 2 - math.floor(keep / DAY))
    call('PEXPIREAT', prefix .. 'evd', expires)
  end
end
if ARGV[8] ~= '' then
  local meaning = ARGV[9] .. ':' .. (now - now % DAY) / DAY
  if before[2] ~= meaning then call('SET', prefix .. 'al:' .. ARGV[8], meaning, 'PX', ARGV[10]) end
end
for i = facts_end + 1, #ARGV, 3 do push(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
return 0
