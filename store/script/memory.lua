-- With: time.
--
-- What a gateway leaves in the store to find there again: a store that went back to an earlier state, or was emptied, has
-- a lower count than the gateway knows, or another id.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 the gateway; and, where it leaves a mark: 2 its count, 3 an id for a store that has none, 4 ms to keep the mark
-- Returns  {the store's id or '', the gateway's mark `<count>:<Unix time, ms>` or '', now in ms}
--
-- `store` is the store's id, for good. `gw:<gateway>` is the gateway's mark.
local prefix, call, now = KEYS[1], redis.call, now_ms()
local mark = prefix .. 'gw:' .. ARGV[1]
if ARGV[2] then
  call('SETNX', prefix .. 'store', ARGV[3])
  call('PSETEX', mark, ARGV[4], ARGV[2] .. ':' .. string.format('%.0f', now))
end
return {call('GET', prefix .. 'store') or '', call('GET', mark) or '', now}
