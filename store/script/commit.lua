-- Checks that an event is new and that its messages have room, then writes all of it, or nothing. The order of
-- the checks is the contract of coordination/commit.hpp.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 event id, 2 the same packed: its letter and 12 bytes, 3 record (below), 4 ms to keep it, 5 mailbox_max,
--          6 'l' if `events` lists it, else 'u', '1' if the event's own id counts as seen while its record is kept, else
--          '0', the number of facts (1 digit), and ms to keep the name, 7 a name of the work or '', 8 the work's id; then for
--          each fact: space, and 7 bytes of fingerprint with 10 digits of base 4 for the bucket and the window in ms
--          behind; then for each message: mailbox, and what is pushed (mailbox.lua)
-- Returns  0 committed; {1, first event, outcome, JSON} duplicate; {2, mailbox} full
--
-- A record, `ev:<id>`, is the outcome's letter, the attempt (16 bytes), when it was received (Unix time in ms, 13 digits),
-- the length of the JSON (8 digits), the JSON, and the compressed body if it has one. It expires by itself, and is
-- the memory of the event's id. `evl:<day>` lists the ids of one UTC day in the order of their commits, and `evd` the
-- days; both expire when their last record has.
-- `al:<name>` is what a name stands for: the work's id, a colon, and the day of its last use.
--
-- Memory of other facts (invariant E4). A space's facts are in segments, each of one stretch of time, spread over
-- 4^digits small hashes, fingerprint (7 bytes) -> event (13 bytes). `ds:<space>` says which segments there are: when the
-- newest ends (Unix time in ms, 13 digits), then for each, newest first, when it is forgotten and when it began (13 digits
-- each), and its digits (a character, as far behind '0' as there are digits). A segment is closed once it is a window old,
-- or once a hash has more than BUCKET_MAX facts (the next one then has four times as many hashes), and forgotten, with all
-- of its hashes at once, when its last fact is a window old. So a fact is remembered for one to two windows. Redis packs a
-- hash so small: 24 bytes a fact, and 8 more as memory comes in steps and keys take 150. So a source that is deduplicated
-- by id and digest takes 16 bytes a fact, as its ids take none.
--
-- This runs for each webhook. What costs are Redis's commands, then arguments, then each byte of a text that Lua makes or
-- is given, as it hashes them all, and numbers made of texts. What nearly never happens is behind an `if`, as Lua makes a
-- function each time it passes its definition.
local BUCKET_MAX = 64
local DIGITS_MIN, DIGITS_MAX, SEGMENTS_MAX, SEGMENT_BYTES = 5, 10, 24, 27
local DAY = 86400000

local ARGV, sub, byte = ARGV, string.sub, string.byte
local id, record, terms, arguments = ARGV[1], ARGV[3], ARGV[6], #ARGV
local facts_end = 8 + 2 * (byte(terms, 3) - 48)
local now = now_ms()

-- 1. The event itself.
local keys = {prefix .. 'ev:' .. id, prefix .. 'al:' .. ARGV[7], nil, nil}  -- with room for two facts
for i = 9, facts_end, 2 do keys[(i - 3) / 2] = prefix .. 'ds:' .. ARGV[i] end
local before = call('MGET', unpack(keys))
local own = before[1]
if own then
  if sub(own, 2, 17) == sub(record, 2, 17) then return 0 end
  if sub(own, 1, 1) == 'a' and sub(terms, 2, 2) == '1' then
    return {1, id, 'a', sub(own, 39, 38 + sub(own, 31, 38))}
  end
end

-- 2. Other facts. What the open segment did not know it does now, which is taken back where the commit is refused.
local refused = nil
local buckets = {nil, nil, nil, nil}  -- of open segments, at the places that their spaces have in `keys`
local again = nil                     -- true there if it knew the fact
for i = 9, facts_end, 2 do
  local k, place, seen = (i - 3) / 2, ARGV[i + 1], nil
  local field, state = sub(place, 1, 7), before[k] or ''
  for at = 14, #state, SEGMENT_BYTES do
    local open = at == 14 and now < tonumber(sub(state, 1, 13))
    if not open and now >= tonumber(sub(state, at, at + 12)) then break end
    -- 41: '0' is 48, and the digits stand behind 7 bytes.
    local bucket = keys[k] .. ':' .. sub(state, at + 13, at + 25) .. sub(place, 8, byte(state, at + 26) - 41)
    if open then
      buckets[k] = bucket
      if call('HSETNX', bucket, field, ARGV[2]) == 0 then
        again = again or {}
        again[k] = true
        seen = call('HGET', bucket, field)
      end
    else
      seen = seen or call('HGET', bucket, field)
    end
  end

  if seen then
    -- Base 62 of 12 bytes, as event/ids.cpp writes it.
    local bytes, event = {byte(seen, 2, 13)}, ''
    for _ = 1, 17 do
      local rest = 0
      for b = 1, 12 do
        local value = rest * 256 + bytes[b]
        rest = value % 62
        bytes[b] = (value - rest) / 62
      end
      event = sub('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', rest + 1, rest + 1) .. event
    end
    event = sub(seen, 1, 1) .. '_' .. event
    local first = own
    if event ~= id then first = call('GET', prefix .. 'ev:' .. event) end
    if not first then
      refused = {1, event, 'a', ''}
    elseif sub(first, 1, 1) == 'a' then
      refused = {1, event, 'a', sub(first, 39, 38 + sub(first, 31, 38))}
    end
    if refused then break end
  end
end

-- 3. Room. A push says how many there are, and is taken back where that may be too many.
local mailbox_max, over = tonumber(ARGV[5]), nil
for i = facts_end + 1, refused and 0 or arguments, 2 do
  local base = prefix .. 'mb:' .. ARGV[i]
  if call('RPUSH', base .. ':i', ARGV[i + 1]) + call('HLEN', base .. ':m') > mailbox_max then
    over = i
    break
  end
end

if over then
  for i = facts_end + 1, over, 2 do call('RPOP', prefix .. 'mb:' .. ARGV[i] .. ':i') end
  -- Counted again, exactly: an id that a mailbox holds already takes no more room.
  local sort_in = mailbox_steps()
  local after = {}
  for i = facts_end + 1, arguments, 2 do
    local base, item = prefix .. 'mb:' .. ARGV[i], ARGV[i + 1]
    local message = sub(item, 7, 6 + sub(item, 1, 3))
    if not after[base] then
      repeat until sort_in(base) < SORT_MAX
      after[base] = call('HLEN', base .. ':m')
    end
    if not after[base .. '\0' .. message] and call('HEXISTS', base .. ':m', message) == 0 then
      after[base .. '\0' .. message] = true
      after[base] = after[base] + 1
    end
  end
  for i = facts_end + 1, arguments, 2 do
    if after[prefix .. 'mb:' .. ARGV[i]] > mailbox_max then
      refused = {2, ARGV[i]}
      break
    end
  end
  for i = facts_end + 1, refused and 0 or arguments, 2 do
    call('RPUSH', prefix .. 'mb:' .. ARGV[i] .. ':i', ARGV[i + 1])
  end
end

if refused then
  for i = 9, facts_end, 2 do
    local k = (i - 3) / 2
    if buckets[k] and not (again and again[k]) then call('HDEL', buckets[k], sub(ARGV[i + 1], 1, 7)) end
  end
  return refused
end

-- 4. All of it.
local opening = false
for i = 9, facts_end, 2 do
  local k = (i - 3) / 2
  local bucket = buckets[k]
  if bucket and again and again[k] then
    call('HSET', bucket, sub(ARGV[i + 1], 1, 7), ARGV[2])
  elseif bucket then
    local count = call('HLEN', bucket)
    if count == 1 then call('PEXPIREAT', bucket, sub(before[k], 14, 26)) end
    opening = opening or count > BUCKET_MAX
  else
    opening = true
  end
end

if opening then
  -- `full`: the last one has become too full.
  local function open_segment(key, state, place, full)
    local window, digits, older = tonumber(sub(place, 18)), DIGITS_MIN, ''
    local expires = now + 2 * window
    for at = 14, #state, SEGMENT_BYTES do
      local newest, forgotten = at == 14, tonumber(sub(state, at, at + 12))
      if newest then
        local ends = tonumber(sub(state, 1, 13))
        forgotten = math.min(now, ends) + forgotten - ends
      end
      if forgotten <= now then break end
      if newest then
        digits = byte(state, at + 26) - 48
        -- So many hashes that each would be half full of what the last segment held, judged by one of them.
        local last = key .. ':' .. sub(state, at + 13, at + 25) .. sub(place, 8, 7 + digits)
        local count = full and 2 * BUCKET_MAX or math.max(call('HLEN', last), 1)
        digits = digits + math.ceil(math.log(count * 2 / BUCKET_MAX) / math.log(4))
      end
      older = older .. string.format('%013.0f', forgotten) .. sub(state, at + 13, at + 26)
      expires = math.max(expires, forgotten)
    end
    digits = math.max(DIGITS_MIN, math.min(DIGITS_MAX, digits))
    local ends, forgotten, start = now + window, now + 2 * window, string.format('%013.0f', now)
    state = string.format('%013.0f%013.0f', ends, forgotten) .. start .. string.char(48 + digits) .. older
    call('SET', key, state, 'PXAT', string.format('%.0f', expires))
    return key .. ':' .. start .. sub(place, 8, 7 + digits), string.format('%.0f', forgotten)
  end

  for i = 9, facts_end, 2 do
    local k, place = (i - 3) / 2, ARGV[i + 1]
    local state = before[k] or ''
    if not buckets[k] then
      local bucket, forgotten = open_segment(keys[k], state, place, false)
      call('HSET', bucket, sub(place, 1, 7), ARGV[2])
      call('PEXPIREAT', bucket, forgotten)
    elseif call('HLEN', buckets[k]) > BUCKET_MAX and #state < SEGMENT_BYTES * SEGMENTS_MAX and
           byte(state, 40) - 48 < DIGITS_MAX and now > tonumber(sub(state, 27, 39)) then
      open_segment(keys[k], state, place, true)
    end
  end
end

call('PSETEX', keys[1], ARGV[4], record)
local day = (now - now % DAY) / DAY
if byte(terms) == 108 and not own then
  if call('RPUSH', prefix .. 'evl:' .. day, id) == 1 then
    local expires = string.format('%.0f', (day + 1) * DAY + ARGV[4])
    call('PEXPIREAT', prefix .. 'evl:' .. day, expires)
    call('ZADD', prefix .. 'evd', day, day)
    call('ZREMRANGEBYSCORE', prefix .. 'evd', '-inf', day - 2 - math.floor(ARGV[4] / DAY))
    call('PEXPIREAT', prefix .. 'evd', expires)
  end
end
if ARGV[7] ~= '' then
  local meaning = ARGV[8] .. ':' .. day
  if before[2] ~= meaning then call('PSETEX', keys[2], sub(terms, 4), meaning) end
end
for i = facts_end + 1, arguments, 2 do call('PUBLISH', prefix .. 'wake:' .. ARGV[i], '') end
return 0
