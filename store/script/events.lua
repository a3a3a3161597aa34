-- With: record.
--
-- A page of records, newest first. Changes nothing.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 day and 2 position from which to go back ('' and '': from the end), 3 records at most, 4 ids to look at,
--          at most: a page over many that are expired, or not wanted, ends early; then what is wanted, '' for any:
--          5 source, 6 type (a shorter name covers all below it, '*' any of one part), 7 outcome's letter, 8 rule that
--          matched, 9 id or name of the work, 10 received at or after and 11 before, Unix times in ms, 12 the id of the work
--          that the name stands for now, 13 the provider's id of the delivery
-- Returns  {'' or '<day>:<position>' for the next page, then for each record: outcome and JSON}
local DAY = 86400000
local READ_BYTES = 4096  -- of a record at first: the JSON of nearly all, and no body, which may be large
local HEAD_BYTES = 1100  -- of the JSON: where source and type stand
local prefix, call, sub, steps = KEYS[1], redis.call, string.sub, record_steps()
local from_day, from_position, max, look_max = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local source, wanted_type, outcome, rule, work = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local since, before = tonumber(ARGV[10]), tonumber(ARGV[11])
local work_id, delivery = ARGV[12], ARGV[13]
local answer, looked = {''}, 0

-- Backtracks to the last star only.
local function part_matches(pattern, part)
  local p, i, star, resume = 1, 1, nil, nil
  while i <= #part do
    local c = sub(pattern, p, p)
    if c == '*' then
      star, resume, p = p, i, p + 1
    elseif c == sub(part, i, i) then
      p, i = p + 1, i + 1
    elseif star then
      resume = resume + 1
      p, i = star + 1, resume
    else
      return false
    end
  end
  while sub(pattern, p, p) == '*' do p = p + 1 end
  return p > #pattern
end

local function covers(pattern, type)
  local at = 1
  for part in string.gmatch(pattern, '[^.]+') do
    local piece = string.match(type, '^[^.]+', at)
    if not piece or not part_matches(part, piece) then return false end
    at = at + #piece + 1
  end
  return true
end

-- What the record begins with tells most. No text in it can look like the JSON around it, as its quotes are escaped.
local function head_is_wanted(stored, json)
  local received = steps.received_of(stored)
  if since and received < since or before and received >= before then return false end
  if outcome ~= '' and steps.outcome_of(stored) ~= outcome then return false end
  if source == '' and wanted_type == '' then return true end
  local its_source, its_type = string.match(
      sub(json, 1, HEAD_BYTES), '^{"id":"[^"]*","source":"([^"]*)","connector":"[^"]*","type":"([^"]*)"')
  return its_source ~= nil and (source == '' or source == its_source) and
         (wanted_type == '' or covers(wanted_type, its_type))
end

local function names_work(json)
  local by_id = work_id ~= '' and string.find(json, work_id, 1, true)
  if not by_id and not string.find(json, work, 1, true) then return false end
  local record = cjson.decode(json)
  if by_id and type(record.work) == 'table' and record.work.id == work_id then return true end
  if record.subject == work then return true end
  if type(record.work) ~= 'table' then return false end
  for _, key in ipairs({'id', 'canonical', 'readable'}) do
    if record.work[key] == work then return true end
  end
  for _, alias in ipairs(record.work.aliases or {}) do
    if alias == work then return true end
  end
  return false
end

local function is_wanted(json)
  if rule ~= '' then
    local rules = string.match(json, '"rules":(%b[])')
    if not rules or not string.find(rules, '"' .. rule .. '"', 1, true) then return false end
  end
  -- Ids of deliveries are plain names: nothing in them is escaped.
  if delivery ~= '' and not string.find(json, '"delivery":"' .. delivery .. '"', 1, true) then return false end
  return work == '' or names_work(json)
end

local function add(id)
  local stored = steps.read(prefix .. 'ev:' .. id, READ_BYTES)
  if stored == '' or steps.is_taken_out(stored) then return end
  local json = steps.json_of(stored)
  if not head_is_wanted(stored, json) then return end
  if #json < steps.json_length(stored) then json = steps.json_of(steps.read_without_body(prefix .. 'ev:' .. id, stored)) end
  if is_wanted(json) then answer[#answer + 1] = steps.outcome_of(stored) .. json end
end

-- False when the page has ended within the day.
local function add_day(day)
  local list = prefix .. 'evl:' .. day
  local position = call('LLEN', list)
  if day == from_day then position = math.min(position, from_position) end
  while position > 0 do
    local first = math.max(0, position - math.min(200, look_max))
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

-- Days are those of Redis's clock and times of the gateways', which may differ by less than a day.
local newest, oldest = from_day, '-inf'
if before then
  local last = math.floor(before / DAY) + 1
  if newest == '' or tonumber(newest) > last then newest = last end
end
if since then oldest = math.floor(since / DAY) - 1 end
for _, day in ipairs(call('ZREVRANGEBYSCORE', prefix .. 'evd', newest == '' and '+inf' or newest, oldest)) do
  if not add_day(day) then break end
end
return answer
