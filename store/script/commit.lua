-- With: time, mailbox, record.
--
-- Checks that an event is new and that its messages have room, then writes all of it, or nothing. The order of
-- the checks is the contract of coordination/commit.hpp.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 event id, 2 the same packed: its letter and 12 bytes, and the 2 of its name's tag where it has one, 3 record
--          (record.lua), 4 ms to keep it, 5 mailbox_max,
--          6 terms: 'l' if `events` lists it, else 'u'; '1' if the event's own id counts as seen while its record is kept,
--          else '0'; the number of facts (1 digit); the number of messages (2 bytes, the higher first); ms to keep the name;
--          7 a name of the work or '', 8 the work's id, 9 bytes_max of a mailbox;
--          then for each fact its family and its place: 7 bytes of fingerprint, 10 digits of base 4 for the bucket, the
--          window in ms, and, unless it guards for as long as it is remembered, a colon and the guard in ms;
--          then for each message its mailbox and what is pushed (mailbox.lua); then, where it is known, the attempt mark of
--          the record that this one replaces, else ''; then, where one sender is bounded: it, its messages at most, and
--          their bytes
-- Returns  0 committed; {1, first event, outcome, JSON} duplicate; {2, mailbox} full; {3, first event} of another name;
--          {4, attempt mark, JSON} the event was partly dropped, and that record is to be followed; {5, mailbox} full of
--          this sender's
--
-- A record, `ev:<id>`, expires by itself, and is the memory of the event's id. `evl:<day>` lists the ids of one UTC day in
-- the order of their commits, and `evd` the days; both expire when their last record has.
-- `al:<name>` is what a name stands for: the work's id, a colon, and the day of its last use.
--
-- Memory of other facts (invariant E4). A family's facts are in segments, each of one stretch of time, spread over
-- 4^digits small hashes, its buckets: fingerprint (7 bytes) -> event (13 bytes, and 2 of its name's tag).
-- `ds:<family>` says which segments there are: when the newest ends (a time: Unix, in ms, 13 digits), then for each, newest
-- first, when it is forgotten (a time), when it began (a time), and its digits (a character, as far behind '0' as there are
-- digits).
-- A segment is closed once it is a window old, or once a bucket has more than BUCKET_MAX facts: the next one then has four
-- times as many buckets. It is forgotten, with all of its buckets at once, when its last fact is a window old. So a fact is
-- remembered for one to two windows.
-- Redis packs so small a hash: a fact takes 24 bytes (26 with a tag), and 8 more since memory comes in steps and each key
-- takes 150. An event that is deduplicated by id and digest has two facts and pays for one, as its record remembers the id:
-- 17 bytes each.
--
-- This runs for each webhook. What costs are Redis's commands, then arguments, then each byte of a text that Lua makes or
-- is given, as it hashes them all, and numbers made of texts. What nearly never happens is behind an `if`, as Lua makes a
-- function each time it passes its definition.
local FAMILY, PLACE = 8, 9      -- in ARGV, less two for each fact up to it
local FIELD, BUCKET = 7, 8      -- in a place: where the fingerprint ends, and where the bucket begins
local ENDS, SEGMENTS, SEGMENT_BYTES = 13, 14, 27  -- in a state: where the newest one's end ends, and where segments begin
local BEGAN, BEGAN_END, DIGITS = 13, 25, 26       -- in a segment, of which the first byte is 0
local TAG = 14                                    -- in what a bucket has of an event: where its name's tag begins
local WINDOW = 18                                 -- in a place: where it begins
local ZERO, LISTED = 48, 108                      -- '0' and 'l'
local BUCKET_MAX, DAY = 64, 86400000

local prefix, call, ARGV, sub, byte = KEYS[1], redis.call, ARGV, string.sub, string.byte
local id, packed_id, record, keep, terms, name = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[6], ARGV[7]
local listed, own_counts, facts, messages_high, messages_low = byte(terms, 1, 5)
facts = facts - ZERO
local messages = 256 * messages_high + messages_low
local MAILBOX, ITEM = FAMILY + 2 * facts, PLACE + 2 * facts  -- in ARGV, less two for each message up to it
local now = now_ms()

-- 1. The event itself.
local EVENT, NAME = 1, 2  -- in `keys`; behind them the states of the facts' families
local keys = {prefix .. 'ev:' .. id, prefix .. 'al:' .. name, nil, nil}  -- with room for two facts
for fact = 1, facts do keys[NAME + fact] = prefix .. 'ds:' .. ARGV[FAMILY + 2 * fact] end
local before = call('MGET', unpack(keys))
local own = before[EVENT]
if own then
  local steps = record_steps()
  if steps.attempt_of(own) == steps.attempt_of(record) then return 0 end
  if steps.is_partly_dropped(own) and steps.attempt_of(own) ~= ARGV[ITEM + 2 * messages + 1] then
    if steps.is_taken_out(own) then return {1, id, steps.outcome_of(own), ''} end
    return {4, steps.attempt_of(own), steps.json_of(own)}
  end
  if steps.is_final(own) and own_counts > ZERO then return {1, id, 'a', steps.json_of(own)} end
end

-- 2. Other facts. What the open segment did not know it does now, which is taken back where the commit is refused.
local refused = nil
local buckets = {nil, nil}  -- by fact: that of the open segment
local again = nil           -- by fact: true if that knew it
for fact = 1, facts do
  local key, state, place, seen = keys[NAME + fact], before[NAME + fact] or '', ARGV[PLACE + 2 * fact], nil
  local field = sub(place, 1, FIELD)
  for at = SEGMENTS, #state, SEGMENT_BYTES do
    local open = at == SEGMENTS and now < tonumber(sub(state, 1, ENDS))
    if not open and now >= tonumber(sub(state, at, at + BEGAN - 1)) then break end
    local digits = byte(state, at + DIGITS) - ZERO
    local bucket = key .. ':' .. sub(state, at + BEGAN, at + BEGAN_END) .. sub(place, BUCKET, FIELD + digits)
    if open then
      buckets[fact] = bucket
      if call('HSETNX', bucket, field, packed_id) == 0 then
        again = again or {}
        again[fact] = true
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
    -- Of a version without tags, or of a connector without names, there is none to compare.
    local guard = string.match(place, ':(%d+)$', WINDOW)
    if #seen >= TAG and #packed_id >= TAG and sub(seen, TAG) ~= sub(packed_id, TAG) then
      refused = {3, event}
    elseif guard and (guard == '0' or not first or now >= record_steps().received_of(first) + guard) then
      refused = nil  -- lawful
    elseif not first then
      refused = {1, event, 'a', ''}
    elseif record_steps().is_final(first) or event ~= id and record_steps().is_partly_dropped(first) then
      refused = {1, event, record_steps().outcome_of(first), record_steps().json_of(first)}
    end
    if refused then break end
  end
end

-- 3. Room. A push says how many there are, and is taken back where that may be too many.
local mailbox_max, bytes_max, over = tonumber(ARGV[5]), tonumber(ARGV[9]), nil
local sender, senders_max, senders_bytes_max = ARGV[ITEM + 2 * messages + 2], nil, nil
if sender then
  senders_max, senders_bytes_max = tonumber(ARGV[ITEM + 2 * messages + 3]), tonumber(ARGV[ITEM + 2 * messages + 4])
end

for message = 1, refused and 0 or messages do
  local base, item = prefix .. 'mb:' .. ARGV[MAILBOX + 2 * message], ARGV[ITEM + 2 * message]
  local full = call('HINCRBY', base .. ':n', 'bytes', #item) > bytes_max
  if call('RPUSH', base .. ':i', item) + call('HLEN', base .. ':m') > mailbox_max then full = true end
  if sender then
    if call('HINCRBY', base .. ':n', 's:' .. sender, 1) > senders_max then full = true end
    if call('HINCRBY', base .. ':n', 'b:' .. sender, #item) > senders_bytes_max then full = true end
  end
  if full then
    over = message
    break
  end
end

if over then
  for message = 1, over do
    local base, item = prefix .. 'mb:' .. ARGV[MAILBOX + 2 * message], ARGV[ITEM + 2 * message]
    call('RPOP', base .. ':i')
    call('HINCRBY', base .. ':n', 'bytes', -#item)
    if sender then
      call('HINCRBY', base .. ':n', 'b:' .. sender, -#item)
      if call('HINCRBY', base .. ':n', 's:' .. sender, -1) <= 0 then
        call('HDEL', base .. ':n', 's:' .. sender, 'b:' .. sender)
      end
    end
  end
  -- Counted again, exactly: an id that a mailbox holds already takes no more room.
  local steps = mailbox_steps()
  local found, FIELDS = {}, {'bytes', 's:' .. (sender or ''), 'b:' .. (sender or '')}
  for message = 1, messages do
    local base, item = prefix .. 'mb:' .. ARGV[MAILBOX + 2 * message], ARGV[ITEM + 2 * message]
    local message_id = steps.parts_of(item)
    if not found[base] then
      steps.sort_all_in(base)
      local numbers = call('HMGET', base .. ':n', unpack(FIELDS))
      found[base] = {count = call('HLEN', base .. ':m'), bytes = tonumber(numbers[1] or 0), ids = {},
                     senders = tonumber(numbers[2] or 0), senders_bytes = tonumber(numbers[3] or 0)}
    end
    local box = found[base]
    if not box.ids[message_id] and call('HEXISTS', base .. ':m', message_id) == 0 then
      box.ids[message_id] = true
      box.count, box.bytes = box.count + 1, box.bytes + #item
      box.senders, box.senders_bytes = box.senders + 1, box.senders_bytes + #item
    end
  end
  for message = 1, messages do
    local mailbox = ARGV[MAILBOX + 2 * message]
    local box = found[prefix .. 'mb:' .. mailbox]
    if box.count > mailbox_max or box.bytes > bytes_max then
      refused = {2, mailbox}
    elseif sender and (box.senders > senders_max or box.senders_bytes > senders_bytes_max) then
      refused = {5, mailbox}
    end
    if refused then break end
  end
  for message = 1, refused and 0 or messages do
    local base, item = prefix .. 'mb:' .. ARGV[MAILBOX + 2 * message], ARGV[ITEM + 2 * message]
    call('RPUSH', base .. ':i', item)
    local _, _, json = steps.parts_of(item)
    steps.account(base, json, #item, 1)
  end
end

if refused then
  for fact = 1, facts do
    if buckets[fact] and not (again and again[fact]) then
      call('HDEL', buckets[fact], sub(ARGV[PLACE + 2 * fact], 1, FIELD))
    end
  end
  return refused
end

-- 4. All of it.
local opening = false
for fact = 1, facts do
  local bucket = buckets[fact]
  if bucket and again and again[fact] then
    call('HSET', bucket, sub(ARGV[PLACE + 2 * fact], 1, FIELD), packed_id)
  elseif bucket then
    local count = call('HLEN', bucket)
    -- A bucket that is new: it goes with the open segment.
    if count == 1 then call('PEXPIREAT', bucket, sub(before[NAME + fact], SEGMENTS, SEGMENTS + BEGAN - 1)) end
    opening = opening or count > BUCKET_MAX
  else
    opening = true
  end
end

if opening then
  local DIGITS_MIN, DIGITS_MAX, SEGMENTS_MAX = 5, 10, 24

  -- Begins a segment, which closes the one before. `full`: that has become too full. The fact's bucket in it, and when that
  -- is forgotten.
  local function open_segment(key, state, place, full)
    local window, digits, older = tonumber(string.match(place, '%d+', WINDOW)), DIGITS_MIN, ''
    local expires = now + 2 * window
    for at = SEGMENTS, #state, SEGMENT_BYTES do
      local newest, forgotten = at == SEGMENTS, tonumber(sub(state, at, at + BEGAN - 1))
      if newest then
        local ends = tonumber(sub(state, 1, ENDS))
        forgotten = math.min(now, ends) + forgotten - ends
      end
      if forgotten <= now then break end
      if newest then
        digits = byte(state, at + DIGITS) - ZERO
        -- So many buckets that each would be half full of what the last segment held, judged by one of them.
        local last = key .. ':' .. sub(state, at + BEGAN, at + BEGAN_END) .. sub(place, BUCKET, FIELD + digits)
        local count = full and 2 * BUCKET_MAX or math.max(call('HLEN', last), 1)
        digits = digits + math.ceil(math.log(count * 2 / BUCKET_MAX) / math.log(4))
      end
      older = older .. string.format('%013.0f', forgotten) .. sub(state, at + BEGAN, at + DIGITS)
      expires = math.max(expires, forgotten)
    end
    digits = math.max(DIGITS_MIN, math.min(DIGITS_MAX, digits))
    local ends, forgotten, began = now + window, now + 2 * window, string.format('%013.0f', now)
    local newest = string.format('%013.0f', forgotten) .. began .. string.char(ZERO + digits)
    call('SET', key, string.format('%013.0f', ends) .. newest .. older, 'PXAT', string.format('%.0f', expires))
    return key .. ':' .. began .. sub(place, BUCKET, FIELD + digits), string.format('%.0f', forgotten)
  end

  for fact = 1, facts do
    local key, state, place = keys[NAME + fact], before[NAME + fact] or '', ARGV[PLACE + 2 * fact]
    if not buckets[fact] then
      local bucket, forgotten = open_segment(key, state, place, false)
      call('HSET', bucket, sub(place, 1, FIELD), packed_id)
      call('PEXPIREAT', bucket, forgotten)
    elseif call('HLEN', buckets[fact]) > BUCKET_MAX and #state < SEGMENT_BYTES * SEGMENTS_MAX and
           byte(state, SEGMENTS + DIGITS) - ZERO < DIGITS_MAX and
           now > tonumber(sub(state, SEGMENTS + BEGAN, SEGMENTS + BEGAN_END)) then
      open_segment(key, state, place, true)
    end
  end
end

call('PSETEX', keys[EVENT], keep, record)
local day = (now - now % DAY) / DAY
if listed == LISTED and not own then
  if call('RPUSH', prefix .. 'evl:' .. day, id) == 1 then
    local expires = string.format('%.0f', (day + 1) * DAY + keep)
    call('PEXPIREAT', prefix .. 'evl:' .. day, expires)
    call('ZADD', prefix .. 'evd', day, day)
    call('ZREMRANGEBYSCORE', prefix .. 'evd', '-inf', day - 2 - math.floor(keep / DAY))
    call('PEXPIREAT', prefix .. 'evd', expires)
  end
end
if name ~= '' then
  local NAME_KEEP = 6  -- where it begins in the terms
  local meaning = ARGV[8] .. ':' .. day
  if before[NAME] ~= meaning then call('PSETEX', keys[NAME], sub(terms, NAME_KEEP), meaning) end
end
for message = 1, messages do call('PUBLISH', prefix .. 'wake:' .. ARGV[MAILBOX + 2 * message], '') end
return 0
