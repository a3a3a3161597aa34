-- With: time, mailbox.
--
-- What a consumer does with what it holds. A receipt is `<id>.<lease>`, and counts as long as nobody was given the
-- message since, whether the lease has ended or not.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 'ack', 'nack', 'extend', or 'look', which changes nothing and counts a receipt only while its
--          lease runs, 3 ms of the new lease (extend), 4 '1' if the call is made again after
--          its answer was lost: then a message that is gone, or that was given back, is what this call has done;
--          5… receipts
-- Returns  for each receipt 1 if it held its message, else 0
local prefix, call = KEYS[1], redis.call
local mailbox, verb, visibility, again = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4] == '1'
local steps = mailbox_steps()
local base = prefix .. 'mb:' .. mailbox
local now = now_ms()
local offered = false

local verbs = {}

function verbs.ack(id, group, sequence)
  offered = steps.take_out(base, group, id, steps.member_of(group, sequence, id)) or offered
end

function verbs.nack(id, group, sequence, deliveries)
  steps.keep_lease(base, id, 0, deliveries, sequence, group)
  offered = steps.offer_head(base, group) or offered
end

function verbs.extend(_, group)
  call('ZADD', base .. ':q', now + visibility, group)
end

local function release(receipt)
  local id, wanted = string.match(receipt, '^(.+)%.([1-9]%d*)$')
  if not id then return 0 end
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
if verb == 'ack' then steps.sort_in(base) end
local answer = {}
for i = 5, #ARGV do answer[#answer + 1] = release(ARGV[i]) end
if offered then call('PUBLISH', prefix .. 'wake:' .. mailbox, '') end
return answer
