-- Put in front of the scripts that touch mailboxes: the layout of a mailbox, and the steps that they share.
--
-- A mailbox <m> is six keys, `<prefix>:{main}:mb:<m>` and:
--   :i  list    what came in, oldest first: length of the id (3 digits), of the group (3 digits), id, group, JSON. An
--               append is one push; whoever looks into the mailbox next sorts it in, so bursts cost little.
--   :m  hash    message id -> JSON without `sequence`. Holds every message that was sorted in, whatever its state.
--   :w  zset    all scores 0, members `<group> NUL <sequence, 16 digits> NUL <id>`: ordered by group, then by
--               sequence, so the first member of a group is its head.
--   :q  zset    one member a group: what its head is doing. Score below LEASED: the head is ready, and the score
--               is its sequence. Otherwise it is leased, and the score is the lease's end (Unix time, ms).
--   :l  hash    message id -> `<lease>:<deliveries>:<sequence>:<group>` of what was ever leased. Lease 0: given back.
--   :n  hash    `sequence` and `lease`: the last numbers given. The one key of a mailbox that is never empty again.
-- Later messages of a group have no entry in :q, so nothing of a group is handed out while its head is outstanding.
-- Bounds: :i and :m together by `mailbox_max` at each append (those of a dead-letter mailbox by `dead_letters_max`), and
-- all others by :m.
local LEASED = 1e12
local SORT_MAX = 1000  -- messages of one sort_in: some milliseconds

local prefix = KEYS[1]
local call = redis.call

-- Appends an item, and wakes who waits for the mailbox. An id that is there already is dropped: here, which keeps the
-- list short, or while it is sorted in.
local function push(mailbox, id, item)
  local base = prefix .. 'mb:' .. mailbox
  if call('HEXISTS', base .. ':m', id) == 1 then return end
  call('RPUSH', base .. ':i', item)
  call('PUBLISH', prefix .. 'wake:' .. mailbox, '')
end

-- What only those need who look into mailboxes: Lua makes a function each time it passes its definition.
local function mailbox_steps()
  -- Sorts in what came, up to SORT_MAX messages; the number of those. An id that is there already is dropped.
  -- Taking from the list goes first also for another reason: once a script has made a write that frees memory, Redis lets
  -- it do others over `maxmemory`, so a mailbox can be read empty when memory is full.
  local function sort_in(base)
    local items = call('LPOP', base .. ':i', SORT_MAX)
    if not items then return 0 end
    local sequence = tonumber(call('HGET', base .. ':n', 'sequence') or 0)
    for _, item in ipairs(items) do
      local id_end = 6 + tonumber(string.sub(item, 1, 3))
      local group_end = id_end + tonumber(string.sub(item, 4, 6))
      local id, group = string.sub(item, 7, id_end), string.sub(item, id_end + 1, group_end)
      if call('HSETNX', base .. ':m', id, string.sub(item, group_end + 1)) == 1 then
        sequence = sequence + 1
        call('ZADD', base .. ':w', 0, group .. '\0' .. string.format('%016d', sequence) .. '\0' .. id)
        call('ZADD', base .. ':q', 'NX', sequence, group)
      end
    end
    call('HSET', base .. ':n', 'sequence', sequence)
    return #items
  end

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

  return sort_in, head_of, offer_head
end
