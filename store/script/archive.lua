-- With: time, record.
--
-- Stores the body of an event whose commit did not carry it, as long as the event itself is there.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 event id, 2 the compressed body, 3 ms to keep it
-- Returns  1 if it was stored, else 0
local prefix, call, steps = KEYS[1], redis.call, record_steps()
local now = now_ms()
local head = steps.read_head(prefix .. 'ev:' .. ARGV[1])
if head == '' or steps.is_taken_out(head) then return 0 end
local before = call('STRLEN', prefix .. 'eb:' .. ARGV[1])
call('SET', prefix .. 'eb:' .. ARGV[1], ARGV[2], 'PX', ARGV[3])
call('HINCRBY', prefix .. 'evt', 'b' .. (now - now % 86400000) / 86400000, #ARGV[2] - before)
call('PEXPIRE', prefix .. 'evt', 400 * 86400000)
return 1
