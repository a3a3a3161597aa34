-- Checks that an event is new and that its messages have room, then writes all of it, or nothing. The order of
-- the checks is the contract of coordination/commit.hpp.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 event id, 2 the same packed: its letter and 12 bytes, 3 record (below), 4 ms to keep it, 5 mailbox_max,
--          6 '1' if `events` lists it, 7 window in ms in which the event's own id counts as seen (0: it does not),
--          8 a name of the work or '', 9 the work's id, 10 ms to keep the name, 11 number of facts, then for each fact:
--          space, window in ms, and 10 digits of base 4 for the bucket with 7 bytes of fingerprint behind; then for each
--          message: mailbox, id, and what is pushed (mailbox.lua)
-- Returns  0 committed; {1, first event, outcome, JSON} duplicate; {2, mailbox} full
--
-- A record, `ev:<id>`, is the outcome's letter, the attempt (16 bytes), when it was received (Unix time in ms, 13 digits),
-- the length of the JSON (8 digits), the JSON, and the compressed body if it has one. It expires by itself, and is
-- the memory of the event's id. `evl:<day>` lists the ids of one UTC day in the order of their commits, and `evd` the
-- days; both expire when their last record has.
--
-- `al:<name>` is what a name stands for: the work's id, a colon, and the day of its last use.
--
-- Memory of other facts (invariant E4). A space's facts are in segments, each of one stretch of time, spread over
-- 4^digits strings of packed entries: 7 bytes of fingerprint and 13 that name the event. `dd:<space>` says which
-- segments there are, newest first: start (Unix time in ms, 13 digits), window (ms, 13 digits), digits (2 digits) each.
-- A segment is closed once it is a window old, or once a string is longer than BUCKET_MAX (the next one then has four
-- times as many), and forgotten, with all of its strings at once, when its last fact is a window old. So a fact is
-- remembered for one to two windows. It takes 20 bytes, times 1.4 since strings grow by doubling, and its share of the
-- 130 bytes that a string takes besides: 29 bytes, and less than 35 at the worst once there are 10,000 of them.
local BUCKET_MAX, ENTRY = 2048, 20
local DIGITS_MIN, DIGITS_MAX, SEGMENTS_MAX = 4, 10, 24
local DAY = 86400000

local id, record, keep = ARGV[1], ARGV[3], ARGV[4]
local mailbox_max = tonumber(ARGV[5])
local fact_count = tonumber(ARGV[11])
local appends_from = 12 + 3 * fact_count
local now = now_ms()
local day = math.floor(now / DAY)

local function json_of(stored)
  return string.sub(stored, 39, 38 + tonumber(string.sub(stored, 31, 38)))
end

-- Base 62 of 12 bytes, as event/ids.cpp writes it.
local function unpack_id(letter_and_bytes)
  local bytes = {string.byte(letter_and_bytes, 2, 13)}
  local text = ''
  for _ = 1, 17 do
    local rest = 0
    for i = 1, 12 do
      local value = rest * 256 + bytes[i]
      bytes[i] = math.floor(value / 62)
      rest = value % 62
    end
    text = string.sub('0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz', rest + 1, rest + 1) .. text
  end
  return string.sub(letter_and_bytes, 1, 1) .. '_' .. text
end

local function bucket_key(fact, segment)
  return fact.state .. ':' .. segment.start .. ':' .. string.sub(fact.place, 1, segment.digits)
end

-- A fact with the segments that still count; adds the keys of its buckets to `keys`.
local function read_fact(at, keys)
  local place = ARGV[at + 2]
  local fact = {state = prefix .. 'dd:' .. ARGV[at], window = ARGV[at + 1], place = place,
                fingerprint = string.sub(place, 11), keys_from = #keys, segments = {}}
  local state = call('GET', fact.state)
  local closed = now
  for i = 1, state and #state or 0, 28 do
    local start, window = string.sub(state, i, i + 12), string.sub(state, i + 13, i + 25)
    if math.min(closed, start + window) + window <= now then break end
    closed = tonumber(start)
    local segment = {start = start, window = window, digits = tonumber(string.sub(state, i + 26, i + 27))}
    segment.key = bucket_key(fact, segment)
    fact.segments[#fact.segments + 1] = segment
    keys[#keys + 1] = segment.key
  end
  return fact
end

-- Where the fact was seen first, of late: its event.
local function find_fact(fact, values)
  for i, segment in ipairs(fact.segments) do
    local bucket = values[fact.keys_from + i]
    local at = bucket and string.find(bucket, fact.fingerprint, 1, true)
    while at and at % ENTRY ~= 1 do
      at = string.find(bucket, fact.fingerprint, at + 1, true)
    end
    if at then
      fact.found, fact.entry = i, at
      return unpack_id(string.sub(bucket, at + 7, at + 19))
    end
  end
  return nil
end

-- The answer if an event that counts was here first, this one or another.
local function find_first(facts, values, own)
  if own and string.sub(own, 2, 17) == string.sub(record, 2, 17) then return 0 end
  if own and string.sub(own, 1, 1) == 'a' and now - string.sub(own, 18, 30) < tonumber(ARGV[7]) then
    return {1, id, 'a', json_of(own)}
  end
  for _, fact in ipairs(facts) do
    local event = find_fact(fact, values)
    if event then
      local first = event == id and own or event ~= id and call('GET', prefix .. 'ev:' .. event)
      if not first then return {1, event, 'a', ''} end
      if string.sub(first, 1, 1) == 'a' then return {1, event, 'a', json_of(first)} end
    end
  end
  return nil
end

-- Whether the messages do not fit; exact, and slow. What the mailbox holds already takes no more room.
local function is_full(mailbox)
  local base, new = prefix .. 'mb:' .. mailbox, {}
  repeat until sort_in(base) < SORT_MAX
  local count = call('HLEN', base .. ':m')
  for i = appends_from, #ARGV, 3 do
    local message = ARGV[i + 1]
    if ARGV[i] == mailbox and not new[message] and call('HEXISTS', base .. ':m', message) == 0 then
      new[message] = true
      count = count + 1
    end
  end
  return count > mailbox_max
end

-- The first mailbox that has no room.
local function find_full()
  local room, over = {}, false
  for i = appends_from, #ARGV, 3 do
    local base = prefix .. 'mb:' .. ARGV[i]
    room[base] = (room[base] or mailbox_max - call('HLEN', base .. ':m') - call('LLEN', base .. ':i')) - 1
    over = over or room[base] < 0
  end
  if not over then return nil end
  for i = appends_from, #ARGV, 3 do
    if is_full(ARGV[i]) then return ARGV[i] end
  end
  return nil
end

local function open_segment(fact, digits)
  local segment = {start = string.format('%013.0f', now), window = string.format('%013.0f', fact.window), digits = digits}
  segment.key = bucket_key(fact, segment)
  table.insert(fact.segments, 1, segment)
  local state, last = '', 0
  for _, each in ipairs(fact.segments) do
    state = state .. each.start .. each.window .. string.format('%02d', each.digits)
    last = math.max(last, each.start + 2 * each.window)
  end
  call('SET', fact.state, state, 'PXAT', string.format('%.0f', last))
  return segment
end

-- So many digits that each string would be half full of what the last segment held, judged by one of its strings.
local function digits_after(segment)
  if not segment then return DIGITS_MIN end
  local bytes = math.max(call('STRLEN', segment.key), 1)
  local digits = segment.digits + math.ceil(math.log(bytes * 2 / BUCKET_MAX) / math.log(4))
  return math.max(DIGITS_MIN, math.min(DIGITS_MAX, digits))
end

local function remember(fact)
  local segment = fact.segments[1]
  local entry = fact.fingerprint .. ARGV[2]
  if not segment or now >= segment.start + segment.window then
    segment = open_segment(fact, digits_after(segment))
  elseif fact.found == 1 then
    call('SETRANGE', segment.key, fact.entry - 1, entry)
    return
  end
  local length = call('APPEND', segment.key, entry)
  if length == ENTRY then
    call('PEXPIREAT', segment.key, string.format('%.0f', segment.start + 2 * segment.window))
  elseif length > BUCKET_MAX and segment.digits < DIGITS_MAX and now > tonumber(segment.start)
      and #fact.segments < SEGMENTS_MAX then
    open_segment(fact, segment.digits + 1)
  end
end

local function list_event()
  local list = prefix .. 'evl:' .. day
  if call('RPUSH', list, id) > 1 then return end
  call('PEXPIREAT', list, (day + 1) * DAY + keep)
  call('ZADD', prefix .. 'evd', day, day)
  call('ZREMRANGEBYSCORE', prefix .. 'evd', '-inf', day - 2 - math.floor(keep / DAY))
  call('PEXPIREAT', prefix .. 'evd', (day + 1) * DAY + keep)
end

local function name_work(before)
  local meaning = ARGV[9] .. ':' .. day
  if before ~= meaning then call('SET', prefix .. 'al:' .. ARGV[8], meaning, 'PX', ARGV[10]) end
end

local facts, keys = {}, {prefix .. 'ev:' .. id, prefix .. 'al:' .. ARGV[8]}
for i = 1, fact_count do
  facts[i] = read_fact(9 + 3 * i, keys)
end
local values = call('MGET', unpack(keys))
local own = values[1]
local answer = find_first(facts, values, own)
if answer then return answer end
local full = find_full()
if full then return {2, full} end

for i = 1, fact_count do remember(facts[i]) end
call('SET', keys[1], record, 'PX', keep)
if ARGV[6] == '1' and not own then list_event() end
if ARGV[8] ~= '' then name_work(values[2]) end
for i = appends_from, #ARGV, 3 do push(ARGV[i], ARGV[i + 1], ARGV[i + 2]) end
return 0
