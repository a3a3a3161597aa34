-- With: time, mailbox.
--
-- What a consumer does with what it holds. A receipt is `<id>.<lease>`, and counts as long as nobody was given the
-- message since, whether the lease has ended or not. And what an operator does where a receipt was lost.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 'ack', 'nack', 'extend', or 'look', which changes nothing and counts a receipt only while its
--          lease runs, or 'free', which takes ids instead of receipts and gives back what is leased, 3 ms of the new lease
--          (extend), 4 '1' if the call is made again after
--          its answer was lost: then a message that is gone, or that was given back, is what this call has done;
--          5… receipts
-- Returns  for each receipt 1 if it held its message, else 0; then, of 'extend', the ids of control messages that wait for
--          the same consumer, about the works that it holds
local prefix, call = KEYS[1], redis.call
local mailbox, verb, visibility, again = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1'
local steps = mailbox_steps()
local base = prefix .. 'mb:' .. mailbox
local now = now_ms()
local offered = false
local CONTROLS_MAX = 10  -- of one work that are named
local controls = {}

local verbs = {}

function verbs.ack(id, group, sequence)
  offered = steps.take_out(base, group, id, steps.member_of(group, sequence, id)) or offered
end

function verbs.nack(id, group, sequence, deliveries)
  steps.keep_lease(base, id, 0, deliveries, sequence, group)
  offered = steps.offer_head(base, group) or offered
end

-- Whoever holds a work learns that it is to be stopped.
local function find_controls(work)
  local about = 'control:' .. work .. ':'
  for _, member in ipairs(call('ZRANGEBYLEX', base .. ':w', '[' .. about, '(' .. about .. '~', 'LIMIT', 0, CONTROLS_MAX)) do
    local group = string.match(member, '^%Z*')
    local _, id = steps.place_of(member, group)
    local score = tonumber(call('ZSCORE', base .. ':q', group) or 0)
    if (score < steps.LEASED or score <= now) and not controls[id] then
      controls[id] = true
      controls[#controls + 1] = id
    end
  end
end

function verbs.extend(_, group)
  call('ZADD', base .. ':q', now + visibility, group)
  find_controls(group)
end

local function free(id)
  local lease, deliveries, sequence, group = steps.lease_of(base, id)
  if not lease or lease == '0' then return again and lease == '0' and 1 or 0 end
  if tonumber(call('ZSCORE', base .. ':q', group) or 0) <= now then return 0 end
  verbs.nack(id, group, sequence, deliveries)
  return 1
end

local function release(receipt)
  local id, wanted = string.match(receipt, '^(.+)%.(%w+)$')
  if not id or wanted == '0' then return 0 end
  local lease, deliveries, sequence, group = steps.lease_of(base, id)
  if not lease then
    return again and verb == 'ack' and call('HEXISTS', base .. ':m', id) == 0 and 1 or 0
  end
  if lease ~= wanted then
    return again and verb == 'nack' and lease == '0' and 1 or 0
  end
  if verb == 'look' then
    return tonumber(call('ZSCORE', base .. ':q', group) or 0) > now and 1 or 0
  end
  verbs[verb](id, group, sequence, deliveries)
  return 1
end

-- What is taken out could not be told any more from what came in beside it, under the same id.
if verb == 'ack' or verb == 'extend' then steps.sort_in(base) end
local answer = {}
for i = 5, #ARGV do answer[#answer + 1] = verb == 'free' and free(ARGV[i]) or verb ~= 'free' and release(ARGV[i]) or 0 end
for _, id in ipairs(controls) do answer[#answer + 1] = id end
if offered then call('PUBLISH', prefix .. 'wake:' .. mailbox, '') end
return answer
