-- A page of records, newest first; see commit.lua for their layout. Changes nothing.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 day and 2 position from which to go back ('' and '': from the end), 3 records at most, 4 ids to look at,
--          at most: a page over many expired ones ends early
-- Returns  {'' or '<day>:<position>' for the next page, then for each record: outcome and JSON}
local prefix, call = KEYS[1], redis.call
local from_day, from_position, max, look_max = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local answer, looked = {''}, 0

local function add(id)
  -- The JSON of nearly all records; a body, which may be large, is not read.
  local stored = call('GETRANGE', prefix .. 'ev:' .. id, 0, 4095)
  if stored == '' then return end
  local length = tonumber(string.sub(stored, 31, 38))
  if length == 0 then return end  -- taken out of the archive (trim.lua)
  local json = string.sub(stored, 39, 38 + length)
  if #json < length then json = call('GETRANGE', prefix .. 'ev:' .. id, 38, 37 + length) end
  answer[#answer + 1] = string.sub(stored, 1, 1) .. json
end

-- False when the page has ended within the day.
local function add_day(day)
  local list = prefix .. 'evl:' .. day
  local position = call('LLEN', list)
  if day == from_day then position = math.min(position, from_position) end
  while position > 0 do
    local first = math.max(0, position - max)
    local ids = call('LRANGE', list, first, position - 1)
    for i = #ids, 1, -1 do
      if #answer > max or looked >= look_max then
        answer[1] = day .. ':' .. position
        return false
      end
      add(ids[i])
      position, looked = position - 1, looked + 1
    end
  end
  return true
end

for _, day in ipairs(call('ZREVRANGEBYSCORE', prefix .. 'evd', from_day == '' and '+inf' or from_day, '-inf')) do
  if not add_day(day) then break end
end
return answer
