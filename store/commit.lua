-- Checks that an event is new and that its messages have room, then writes all of it, or nothing. The order of
-- the checks is the contract of coordination/commit.hpp.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 event id, 2 the same packed: its letter and 12 bytes, 3 record (below), 4 ms to keep it, 5 mailbox_max,
--          6 '1' if `events` lists it, 7 number of facts, then for each fact: space, window in ms, and 'o' (the fact
--          is the event's own id) or 'v', 3 bytes for the bucket, 7 bytes of fingerprint;
--          then for each message: mailbox, group, id, JSON
-- Returns  0 committed; {1, first event, outcome, JSON} duplicate; {2, mailbox} full
--
-- A record, `ev:<id>`, is the outcome's letter, the attempt (16 bytes), the length of the JSON (8 digits), the JSON,
-- and the compressed body if it has one. Records expire by themselves. `evl:<day>` lists the ids of one UTC day in
-- the order of their commits, and `evd` the days; both expire when their last record has.
--
-- Deduplication memory (invariant E4). A space's facts are in segments, each of one stretch of time, spread over
-- 2^bits strings of packed entries: 7 bytes of fingerprint, and, unless the fact is the event's own id, 13 that name
-- the event. `dd:<space>` says which segments there are, newest first: `<start>:<window>:<bits>;`. A segment is
-- closed once it is a window old, or once a string is `BUCKET_MAX` long (the next one then has four times as many),
-- and forgotten, with all of its strings at once, when its last fact is a window old. So a fact is remembered for
-- one to two windows. A string grows by doubling: a fact takes 7 or 20 bytes * 1.4, and a string about 130 more.
local BUCKET_MAX = 2048
local BITS_MIN, BITS_MAX, SEGMENTS_MAX = 8, 20, 24
local DAY = 86400000

local id, packed, record, keep = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local mailbox_max, listed, fact_count = tonumber(ARGV[5]), ARGV[6] == '1', tonumber(ARGV[7])
local appends_from = 8 + 3 * fact_count
local now = now_ms()

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

local function load_record(event)
  local stored = call('GET', prefix .. 'ev:' .. event)
  if not stored then return nil end
  local length = tonumber(string.sub(stored, 18, 25))
  return {outcome = string.sub(stored, 1, 1), attempt = string.sub(stored, 2, 17),
          json = string.sub(stored, 26, 25 + length)}
end

-- Offset of an entry that starts with the fingerprint, from 1.
local function find_entry(bucket, fingerprint, size)
  local at = string.find(bucket, fingerprint, 1, true)
  while at and (at - 1) % size ~= 0 do
    at = string.find(bucket, fingerprint, at + 1, true)
  end
  return at
end

local function bucket_key(fact, segment)
  local a, b, c = string.byte(fact.place, 1, 3)
  return prefix .. 'dd:' .. fact.space .. ':' .. segment.start .. ':' .. (a + b * 256 + c * 65536) % 2 ^ segment.bits
end

-- The facts with the segments that still count, and where each was seen.
local function read_facts()
  local facts, states = {}, {}
  if fact_count == 0 then return facts end
  for i = 1, fact_count do
    local at = 5 + 3 * i
    local packed_fact = ARGV[at + 2]
    local own = string.sub(packed_fact, 1, 1) == 'o'
    facts[i] = {space = ARGV[at], window = tonumber(ARGV[at + 1]), own = own, size = own and 7 or 20,
                place = string.sub(packed_fact, 2, 4), fingerprint = string.sub(packed_fact, 5), segments = {}}
    states[i] = prefix .. 'dd:' .. facts[i].space
  end
  local keys = {}
  for i, state in ipairs(call('MGET', unpack(states))) do
    local closed = now
    for start, window, bits in string.gmatch(state or '', '(%d+):(%d+):(%d+);') do
      if closed + window <= now then break end
      local segment = {start = start, window = tonumber(window), bits = tonumber(bits)}
      table.insert(facts[i].segments, segment)
      keys[#keys + 1] = bucket_key(facts[i], segment)
      closed = tonumber(start)
    end
  end
  if #keys == 0 then return facts end
  local buckets, next_bucket = call('MGET', unpack(keys)), 1
  for _, fact in ipairs(facts) do
    for i, segment in ipairs(fact.segments) do
      segment.key, segment.bucket = keys[next_bucket], buckets[next_bucket]
      next_bucket = next_bucket + 1
      local entry = not fact.found and segment.bucket and find_entry(segment.bucket, fact.fingerprint, fact.size)
      if entry then
        fact.found, fact.entry = i, entry
        fact.event = fact.own and id or unpack_id(string.sub(segment.bucket, entry + 7, entry + 19))
      end
    end
  end
  return facts
end

-- Whether the event is here already, itself or under another id: the answer, or nil.
local function find_first(facts)
  -- An event whose own id is a fact, and was not seen, has no record worth looking for.
  local may_have_record = true
  for _, fact in ipairs(facts) do
    if fact.own then may_have_record = fact.found end
  end
  local own
  for _, fact in ipairs(facts) do
    may_have_record = may_have_record or fact.event == id
  end
  if may_have_record then own = load_record(id) end
  if own and own.attempt == string.sub(record, 2, 17) then return 0 end
  for _, fact in ipairs(facts) do
    if fact.event then
      local first = own
      if fact.event ~= id then first = load_record(fact.event) end
      if not first then return {1, fact.event, 'a', ''} end
      if first.outcome == 'a' then return {1, fact.event, 'a', first.json} end
    end
  end
  return nil
end

-- Whether the messages do not fit. What the mailbox holds already takes no more room.
local function is_full(mailbox)
  local key, new = prefix .. 'mb:' .. mailbox .. ':m', {}
  local count = call('HLEN', key)
  for i = appends_from, #ARGV, 4 do
    local message = ARGV[i + 2]
    if ARGV[i] == mailbox and not new[message] and call('HEXISTS', key, message) == 0 then
      new[message] = true
      count = count + 1
    end
  end
  return count > mailbox_max
end

-- The first mailbox that has no room.
local function find_full()
  local counts, over = {}, false
  for i = appends_from, #ARGV, 4 do
    local mailbox = ARGV[i]
    counts[mailbox] = (counts[mailbox] or call('HLEN', prefix .. 'mb:' .. mailbox .. ':m')) + 1
    over = over or counts[mailbox] > mailbox_max
  end
  if not over then return nil end
  for i = appends_from, #ARGV, 4 do
    if is_full(ARGV[i]) then return ARGV[i] end
  end
  return nil
end

local function save_segments(fact)
  local parts, last = {}, 0
  for i, segment in ipairs(fact.segments) do
    parts[i] = string.format('%.0f:%.0f:%d;', segment.start, segment.window, segment.bits)
    last = math.max(last, segment.start + 2 * segment.window)
  end
  call('SET', prefix .. 'dd:' .. fact.space, table.concat(parts), 'PX', math.max(last - now, 1))
end

local function open_segment(fact, bits)
  local segment = {start = string.format('%.0f', now), window = fact.window, bits = bits}
  table.insert(fact.segments, 1, segment)
  segment.key = bucket_key(fact, segment)
  save_segments(fact)
  return segment
end

-- So many strings that each would be half full of what the last segment held, judged by one of its strings.
local function bits_after(fact, segment)
  if not segment then return BITS_MIN end
  local bytes = segment.bucket and #segment.bucket or 0
  local bits = segment.bits + math.ceil(math.log(math.max(bytes, 1) * 2 / BUCKET_MAX) / math.log(2))
  return math.max(BITS_MIN, math.min(BITS_MAX, bits))
end

local function remember(fact)
  local segment = fact.segments[1]
  local entry = fact.own and fact.fingerprint or fact.fingerprint .. packed
  if not segment or now >= segment.start + segment.window then
    segment = open_segment(fact, bits_after(fact, segment))
  elseif fact.found == 1 then
    if not fact.own then call('SETRANGE', segment.key, fact.entry - 1, entry) end
    return
  end
  local length = call('APPEND', segment.key, entry)
  if length == fact.size then
    call('PEXPIREAT', segment.key, segment.start + 2 * segment.window)
  elseif length > BUCKET_MAX and segment.bits < BITS_MAX and now > tonumber(segment.start)
      and #fact.segments < SEGMENTS_MAX then
    open_segment(fact, math.min(BITS_MAX, segment.bits + 2))
  end
end

local function write_record()
  local before = call('SET', prefix .. 'ev:' .. id, record, 'PX', keep, 'GET')
  if before or not listed then return end
  local day = math.floor(now / DAY)
  local list = prefix .. 'evl:' .. day
  if call('RPUSH', list, id) > 1 then return end
  call('PEXPIREAT', list, (day + 1) * DAY + keep)
  call('ZADD', prefix .. 'evd', day, day)
  call('ZREMRANGEBYSCORE', prefix .. 'evd', '-inf', day - 2 - math.floor(keep / DAY))
  call('PEXPIREAT', prefix .. 'evd', (day + 1) * DAY + keep)
end

local facts = read_facts()
local answer = find_first(facts)
if answer then return answer end
local full = find_full()
if full then return {2, full} end
for _, fact in ipairs(facts) do remember(fact) end
write_record()
for i = appends_from, #ARGV, 4 do
  append(ARGV[i], ARGV[i + 1], ARGV[i + 2], ARGV[i + 3])
end
return 0
