-- What every peer asks of Redis for a webhook: the least that a store of messages can do. Two marks, of the delivery and of
-- its body, and one append, all or nothing; 1 where it appended, 0 where it knew the delivery.
-- KEYS: mark of the delivery, mark of the body, list of messages. ARGV: how long marks last in seconds, the message.
if not redis.call('SET', KEYS[1], '1', 'NX', 'EX', ARGV[1]) then return 0 end
if not redis.call('SET', KEYS[2], '1', 'NX', 'EX', ARGV[1]) then return 0 end
redis.call('RPUSH', KEYS[3], ARGV[2])
return 1
