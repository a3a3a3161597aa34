-- One message that a mailbox holds, whatever its state. Leases nothing.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 id
-- Returns  {} or {JSON, its sequence or 0 where it was never leased}
local SORT_TURNS = 3

local mailbox, id = ARGV[1], ARGV[2]
local sort_in = mailbox_steps()
local base = prefix .. 'mb:' .. mailbox

for _ = 1, SORT_TURNS do
  if call('HEXISTS', base .. ':m', id) == 1 or sort_in(base) < SORT_MAX then break end
end
local json = call('HGET', base .. ':m', id)
if not json then return {} end
local known = call('HGET', base .. ':l', id)
return {json, known and tonumber(string.match(known, '^%d+:%d+:(%d+):')) or 0}
