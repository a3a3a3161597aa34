-- Moves dead letters back into their mailbox, oldest first, behind what waits there. A message keeps its id; its
-- deliveries are counted anew. Works of which a message is leased in the dead-letter mailbox are left alone.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 messages at most, 3 mailbox_max, 4 '1' if the call is made again after its answer was lost: then
--          an id that is in the mailbox is what this call has moved; 5… ids (none: all)
-- Returns  {left in the dead-letter mailbox, 1 if the mailbox took no more else 0, then ids that were moved}
local mailbox, max, mailbox_max, again = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local sort_in, _, offer_head = mailbox_steps()
local base, dead = prefix .. 'mb:' .. mailbox, prefix .. 'mb:dead:' .. mailbox
local now = now_ms()
local answer, wanted = {0, 0}, nil

repeat until sort_in(dead) < SORT_MAX
repeat until sort_in(base) < SORT_MAX
for i = 5, #ARGV do
  wanted = wanted or {}
  wanted[ARGV[i]] = true
end

-- All of a dead-letter mailbox, which is bounded by dead_letters_max: an id alone does not lead to its group.
local function candidates()
  local found, held = {}, {}
  for _, group in ipairs(call('ZRANGEBYSCORE', dead .. ':q', '(' .. string.format('%.0f', math.max(now, LEASED)), '+inf')) do
    held[group] = true
  end
  for _, member in ipairs(call('ZRANGE', dead .. ':w', 0, -1)) do
    -- A group has no NUL in it.
    local group, sequence, id = string.match(member, '^(%Z*)%z(%d+)%z(.*)$')
    if not held[group] and (not wanted or wanted[id]) then
      found[#found + 1] = {group = group, sequence = tonumber(sequence), id = id, member = member}
    end
  end
  table.sort(found, function(a, b) return a.sequence < b.sequence end)
  return found
end

if again and wanted then
  for i = 5, #ARGV do
    local id = ARGV[i]
    if call('HEXISTS', dead .. ':m', id) == 0 and call('HEXISTS', base .. ':m', id) == 1 then answer[#answer + 1] = id end
  end
end
local count = call('HLEN', base .. ':m')
for _, message in ipairs(candidates()) do
  if #answer - 2 >= max then break end
  local id, group = message.id, message.group
  local there = call('HEXISTS', base .. ':m', id) == 1
  if not there and count >= mailbox_max then
    answer[2] = 1
    break
  end
  if not there then
    count = count + 1
    push(mailbox, id, string.format('%03d%03d', #id, #group) .. id .. group .. call('HGET', dead .. ':m', id))
  end
  call('HDEL', dead .. ':m', id)
  call('HDEL', dead .. ':l', id)
  call('ZREM', dead .. ':w', message.member)
  offer_head(dead, group)
  answer[#answer + 1] = id
end
answer[1] = call('HLEN', dead .. ':m')
return answer
