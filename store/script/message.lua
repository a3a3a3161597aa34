-- With: mailbox.
--
-- One message that a mailbox holds, whatever its state. Leases nothing.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 id
-- Returns  {} or {JSON, its sequence or 0 where it was never leased}
local SORT_TURNS = 3

local call, id = redis.call, ARGV[2]
local steps = mailbox_steps()
local base = KEYS[1] .. 'mb:' .. ARGV[1]

for _ = 1, SORT_TURNS do
  if call('HEXISTS', base .. ':m', id) == 1 or steps.sort_in(base) < steps.SORT_MAX then break end
end
local json = call('HGET', base .. ':m', id)
if not json then return {} end
local _, _, sequence = steps.lease_of(base, id)
return {json, tonumber(sequence or 0)}
