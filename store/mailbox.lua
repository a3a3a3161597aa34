-- Put in front of the scripts that touch mailboxes: the layout of a mailbox, and the steps that they share.
--
-- A mailbox <m> is five keys, `<prefix>:{main}:mb:<m>` and:
--   :m  hash    message id -> JSON without `sequence`. Holds every message, whatever its state.
--   :w  zset    all scores 0, members `<group> NUL <sequence, 16 digits> NUL <id>`: ordered by group, then by
--               sequence, so the first member of a group is its head.
--   :q  zset    one member a group: what its head is doing. Score below LEASED: the head is ready, and the score
--               is its sequence. Otherwise it is leased, and the score is the lease's end (Unix time, ms).
--   :l  hash    message id -> `<lease>:<deliveries>:<sequence>:<group>` of what was ever leased. Lease 0: given back.
--   :n  hash    `sequence` and `lease`: the last numbers given. The one key of a mailbox that is never empty again.
-- Later messages of a group have no entry in :q, so nothing of a group is handed out while its head is outstanding.
-- Bounds: :m by `mailbox_max` at each append (a dead-letter mailbox by `dead_letters_max`), and all others by :m.
local LEASED = 1e12

local prefix = KEYS[1]
local call = redis.call

local function head_of(base, group)
  local first = call('ZRANGEBYLEX', base .. ':w', '[' .. group .. '\0', '(' .. group .. '\1', 'LIMIT', 0, 1)[1]
  if not first then return nil end
  local at = #group + 2
  return tonumber(string.sub(first, at, at + 15)), string.sub(first, at + 17), first
end

-- Puts the group's head, if there is one, back among what is ready. True when there is one.
local function offer_head(base, group)
  local sequence = head_of(base, group)
  if sequence then
    call('ZADD', base .. ':q', sequence, group)
    return true
  end
  call('ZREM', base .. ':q', group)
  return false
end

-- True when the message is new to the mailbox. Wakes who waits when it can be received now.
local function append(mailbox, group, id, json)
  local base = prefix .. 'mb:' .. mailbox
  if call('HSETNX', base .. ':m', id, json) == 0 then return false end
  local sequence = call('HINCRBY', base .. ':n', 'sequence', 1)
  call('ZADD', base .. ':w', 0, group .. '\0' .. string.format('%016d', sequence) .. '\0' .. id)
  if call('ZADD', base .. ':q', 'NX', sequence, group) == 1 then
    call('PUBLISH', prefix .. 'wake:' .. mailbox, '')
  end
  return true
end
