-- The layout of a mailbox, and the steps that scripts share which look into mailboxes.
--
-- A mailbox <m> is six keys, `<prefix>:{main}:mb:<m>` and:
--   :i  list    what came in, oldest first: length of the id (3 digits), of the group (3 digits), id, group, JSON. An
--               append is one push; whoever looks into the mailbox next sorts it in, so bursts cost little.
--   :m  hash    message id -> JSON without `sequence`. Holds every message that was sorted in, whatever its state.
--   :w  zset    all scores 0, members `<group> NUL <sequence, 16 digits> NUL <id>`: ordered by group, then by
--               sequence, so the first member of a group is its head. No group has a NUL in it.
--   :q  zset    one member a group: what its head is doing. Score below LEASED: the head is ready, and the score
--               is its sequence, less URGENT where it is to be handed out before all others. Otherwise it is leased, and the
--               score is the lease's end (Unix time, ms).
--   :l  hash    message id -> `<lease>:<deliveries>:<sequence>:<group> NUL <holder>` of what was ever leased. Lease: the
--               random text that its receipt ends with (a number, and no holder, where an earlier version leased it); 0:
--               given back.
--   :n  hash    `sequence`: the last number given. `bytes`: what all of its messages take, as they came in. `s:<sender>` and
--               `b:<sender>`: the messages of an agent in it, and their bytes; gone with the last one. The one key of a
--               mailbox that is never empty again. (`lease`: of an earlier version.)
-- Later messages of a group have no entry in :q, so nothing of a group is handed out while its head is outstanding. A
-- `control` message is a group of its own, `control:<work>:<id>`: it overtakes what is leased and what waits.
-- Bounds: :i and :m together by `mailbox_max` and `bytes_max` at each append (those of a dead-letter mailbox by
-- `dead_letters_max`), and all others by :m.

-- A function, since Lua makes functions each time it passes their definitions, and commits need these hardly ever. It uses
-- no local of the script around it, since each would cost as much again.
local function mailbox_steps()
  local prefix, call = KEYS[1], redis.call
  local LEASED, URGENT = 1e12, 1e12
  local SORT_MAX = 1000  -- messages of one sort_in: some milliseconds
  local SEQUENCE_DIGITS = 16
  local NUL = '\0'

  local function item_of(id, group, json) return string.format('%03d%03d', #id, #group) .. id .. group .. json end

  -- Id, group and JSON of what came in.
  local function parts_of(item)
    local id_end = 6 + tonumber(string.sub(item, 1, 3))
    local group_end = id_end + tonumber(string.sub(item, 4, 6))
    return string.sub(item, 7, id_end), string.sub(item, id_end + 1, group_end), string.sub(item, group_end + 1)
  end

  local function is_control(group) return string.sub(group, 1, 8) == 'control:' end

  -- Of a head that is ready.
  local function score_of(group, sequence) return is_control(group) and sequence - URGENT or sequence end

  -- Counts a message of `bytes` in (sign 1) or out (sign -1). What an earlier version let in was not counted in.
  local function account(base, json, bytes, sign)
    local numbers = base .. ':n'
    if call('HINCRBY', numbers, 'bytes', sign * bytes) < 0 then call('HSET', numbers, 'bytes', 0) end
    local sender = string.match(json, '"sender":"(agent:[^"]*)"')
    if not sender then return end
    call('HINCRBY', numbers, 'b:' .. sender, sign * bytes)
    if call('HINCRBY', numbers, 's:' .. sender, sign) <= 0 then call('HDEL', numbers, 's:' .. sender, 'b:' .. sender) end
  end

  local function bytes_of(id, group, json) return 6 + #id + #group + #json end

  local function member_of(group, sequence, id)
    return group .. NUL .. string.format('%016d', sequence) .. NUL .. id
  end

  -- Sequence and id of a member of :w.
  local function place_of(member, group)
    local at = #group + 2
    return tonumber(string.sub(member, at, at + SEQUENCE_DIGITS - 1)), string.sub(member, at + SEQUENCE_DIGITS + 1)
  end

  -- The members of a group, oldest first, `count` of them at most, without the first `skip`.
  local function members_of(base, group, skip, count)
    return call('ZRANGEBYLEX', base .. ':w', '[' .. group .. NUL, '(' .. group .. '\1', 'LIMIT', skip, count)
  end

  -- Sorts in what came, up to SORT_MAX messages; the number of those. An id that is there already is dropped.
  -- Taking from the list goes first also for another reason: once a script has made a write that frees memory, Redis lets
  -- it do others over `maxmemory`, so a mailbox can be read empty when memory is full.
  local function sort_in(base)
    local items = call('LPOP', base .. ':i', SORT_MAX)
    if not items then return 0 end
    local sequence = tonumber(call('HGET', base .. ':n', 'sequence') or 0)
    for _, item in ipairs(items) do
      local id, group, json = parts_of(item)
      if call('HSETNX', base .. ':m', id, json) == 1 then
        sequence = sequence + 1
        call('ZADD', base .. ':w', 0, member_of(group, sequence, id))
        call('ZADD', base .. ':q', 'NX', score_of(group, sequence), group)
      else
        account(base, json, #item, -1)
      end
    end
    call('HSET', base .. ':n', 'sequence', sequence)
    return #items
  end

  -- Appends a message, and wakes who waits for the mailbox. An id that is there already is dropped: here, which keeps the
  -- list short, or while it is sorted in.
  local function push(mailbox, id, group, json)
    local base = prefix .. 'mb:' .. mailbox
    if call('HEXISTS', base .. ':m', id) == 1 then return end
    call('RPUSH', base .. ':i', item_of(id, group, json))
    account(base, json, bytes_of(id, group, json), 1)
    call('PUBLISH', prefix .. 'wake:' .. mailbox, '')
  end

  local function sort_all_in(base)
    repeat until sort_in(base) < SORT_MAX
  end

  -- Messages that it holds, those that were not sorted in yet included.
  local function count_of(base) return call('HLEN', base .. ':m') + call('LLEN', base .. ':i') end

  -- Sequence, id and member of a group's first message; nil where there is none.
  local function head_of(base, group)
    local member = members_of(base, group, 0, 1)[1]
    if not member then return nil end
    local sequence, id = place_of(member, group)
    return sequence, id, member
  end

  -- Puts the group's head, if there is one, back among what is ready. True when there is one.
  local function offer_head(base, group)
    local sequence = head_of(base, group)
    if sequence then
      call('ZADD', base .. ':q', score_of(group, sequence), group)
      return true
    end
    call('ZREM', base .. ':q', group)
    return false
  end

  -- Takes a message out, whatever its state, and offers the next one of its group. True when there is one.
  local function take_out(base, group, id, member)
    local json = call('HGET', base .. ':m', id)
    if json then account(base, json, bytes_of(id, group, json), -1) end
    call('HDEL', base .. ':m', id)
    call('HDEL', base .. ':l', id)
    call('ZREM', base .. ':w', member)
    return offer_head(base, group)
  end

  -- Of what was ever leased: lease, deliveries and sequence as they stand there, the group, and who holds it. Nil for any
  -- other.
  local function lease_of(base, id)
    local known = call('HGET', base .. ':l', id)
    if not known then return nil end
    return string.match(known, '^(%w+):(%d+):(%d+):(%Z*)%z?(.*)$')
  end

  local function keep_lease(base, id, lease, deliveries, sequence, group, holder)
    local known = string.format('%s:%.0f:%.0f:', lease, deliveries, sequence) .. group
    call('HSET', base .. ':l', id, holder and known .. NUL .. holder or known)
  end

  return {LEASED = LEASED, SORT_MAX = SORT_MAX, is_control = is_control, parts_of = parts_of, member_of = member_of,
          place_of = place_of, members_of = members_of, sort_in = sort_in, sort_all_in = sort_all_in, push = push,
          count_of = count_of, head_of = head_of, offer_head = offer_head, take_out = take_out, lease_of = lease_of,
          keep_lease = keep_lease, bytes_of = bytes_of, account = account}
end
