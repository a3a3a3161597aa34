-- With: time, record.
--
-- Keeps the archive within its bounds, off the way of commits: measures what was stored since the last call, and takes
-- out the oldest events while there is too much. What is taken out leaves a record without JSON and body until its id may
-- be forgotten, since a record is the memory of its event's id (commit.lua). By age, records expire by themselves.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 events at most, 2 bytes at most, 3 ms for which an id is remembered, 4 ids to look at, at most
-- Returns  {1 if there is more to do else 0, events, bytes, events taken out now, their bytes}
--
-- `evt` is a hash: `in` and `out` are how far was measured and taken out, as <day>:<position in evl:<day>>; `c<day>` and
-- `b<day>` count the events and bytes of a day that are still there. Bodies that are archived later add themselves
-- (archive.lua). What has expired is found out when its turn comes: until then it counts.
local PAGE = 100
local prefix, call, steps = KEYS[1], redis.call, record_steps()
local events_max, bytes_max, window, look_max = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local key, now, looked = prefix .. 'evt', now_ms(), 0
local days = call('ZRANGE', prefix .. 'evd', 0, -1)
local state, events, bytes, more = {}, {}, {}, 0
local taken, taken_bytes = 0, 0

local function number(text) return string.format('%.0f', text) end

local function place(field)
  local day, position = string.match(state[field] or '', '^(%d+):(%d+)$')
  return tonumber(day or 0), tonumber(position or 0)
end

local function read_state()
  local flat = call('HGETALL', key)
  for i = 1, #flat, 2 do state[flat[i]] = flat[i + 1] end
  for _, day in ipairs(days) do
    events[day], bytes[day] = tonumber(state['c' .. day] or 0), tonumber(state['b' .. day] or 0)
  end
  for field in pairs(state) do
    local day = string.match(field, '^[bc](%d+)$')
    if day and not events[day] then call('HDEL', key, field) end
  end
end

local function totals()
  local all, size = 0, 0
  for _, day in ipairs(days) do all, size = all + events[day], size + bytes[day] end
  return all, size
end

local function keep_counts(day)
  call('HSET', key, 'c' .. day, number(events[day]), 'b' .. day, number(bytes[day]))
end

local function measure_day(day, position)
  local list = prefix .. 'evl:' .. day
  local length = call('LLEN', list)
  while position < length and looked < look_max do
    local ids = call('LRANGE', list, position, position + PAGE - 1)
    for _, id in ipairs(ids) do
      local size = call('STRLEN', prefix .. 'ev:' .. id)
      if size > 0 then events[day], bytes[day] = events[day] + 1, bytes[day] + size end
    end
    position, looked = position + #ids, looked + #ids
  end
  state['in'] = day .. ':' .. number(position)
  if position < length then more = 1 end
  keep_counts(day)
end

local function take_out(day, id)
  local record, body = prefix .. 'ev:' .. id, prefix .. 'eb:' .. id
  local head = steps.read_head(record)
  if head ~= '' and steps.is_taken_out(head) then return end  -- done already
  local size
  if head == '' then
    size = events[day] > 0 and bytes[day] / events[day] or 0  -- it has expired; what it was nobody knows
  else
    size = call('STRLEN', record) + call('STRLEN', body)
    local forgotten = steps.received_of(head) + window
    if forgotten > now then
      call('SET', record, steps.take_out(head), 'PXAT', number(forgotten))
      call('UNLINK', body)
    else
      call('UNLINK', record, body)
    end
    taken, taken_bytes = taken + 1, taken_bytes + size
  end
  events[day], bytes[day] = math.max(0, events[day] - 1), math.max(0, math.floor(bytes[day] - size))
end

-- False when enough was done.
local function take_from_day(day, position)
  local list = prefix .. 'evl:' .. day
  local measured_day, measured = place('in')
  local length = tonumber(day) == measured_day and measured or call('LLEN', list)
  while position < length do
    for _, id in ipairs(call('LRANGE', list, position, math.min(position + PAGE, length) - 1)) do
      local all, size = totals()
      if (all <= events_max and size <= bytes_max) or looked >= look_max then
        if looked >= look_max then more = 1 end
        state.out = day .. ':' .. number(position)
        return false
      end
      take_out(day, id)
      position, looked = position + 1, looked + 1
    end
  end
  if tonumber(day) < measured_day then events[day], bytes[day] = 0, 0 end
  state.out = day .. ':' .. number(position)
  return true
end

local function walk(field, step)
  local from, position = place(field)
  for _, day in ipairs(days) do
    if tonumber(day) >= from then
      local go_on = step(day, tonumber(day) == from and position or 0)
      keep_counts(day)
      if go_on == false or more == 1 then break end
    end
  end
  if state[field] then call('HSET', key, field, state[field]) end
end

read_state()
walk('in', measure_day)
local all, size = totals()
if all > events_max or size > bytes_max then walk('out', take_from_day) end
all, size = totals()
if #days > 0 then call('PEXPIRE', key, 400 * 86400000) end
return {more, all, size, taken, taken_bytes}
