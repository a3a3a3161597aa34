-- With: time, mailbox.
--
-- Moves dead letters back into their mailbox, oldest first, behind what waits there. A message keeps its id; its
-- deliveries are counted anew. Works of which a message is leased in the dead-letter mailbox are left alone.
--
-- KEYS[1]  the prefix of all keys
-- ARGV     1 mailbox, 2 messages at most, 3 mailbox_max, 4 '1' if the call is made again after its answer was lost: then
--          an id that is in the mailbox is what this call has moved; 5 bytes_max of the mailbox; 6… ids (none: all)
-- Returns  {left in the dead-letter mailbox, 1 if the mailbox took no more else 0, then ids that were moved}
local prefix, call = KEYS[1], redis.call
local mailbox, max, mailbox_max, again = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == '1'
local bytes_max, IDS = tonumber(ARGV[5]), 6
local steps = mailbox_steps()
local base, dead = prefix .. 'mb:' .. mailbox, prefix .. 'mb:dead:' .. mailbox
local now = now_ms()
local answer, wanted = {0, 0}, nil

steps.sort_all_in(dead)
steps.sort_all_in(base)
for i = IDS, #ARGV do
  wanted = wanted or {}
  wanted[ARGV[i]] = true
end

-- All of a dead-letter mailbox, which is bounded by dead_letters_max: an id alone does not lead to its group.
local function candidates()
  local found, held = {}, {}
  local leased_after = '(' .. string.format('%.0f', math.max(now, steps.LEASED))
  for _, group in ipairs(call('ZRANGEBYSCORE', dead .. ':q', leased_after, '+inf')) do held[group] = true end
  for _, member in ipairs(call('ZRANGE', dead .. ':w', 0, -1)) do
    local group = string.match(member, '^%Z*')
    local sequence, id = steps.place_of(member, group)
    if not held[group] and (not wanted or wanted[id]) then
      found[#found + 1] = {group = group, sequence = sequence, id = id, member = member}
    end
  end
  table.sort(found, function(a, b) return a.sequence < b.sequence end)
  return found
end

if again and wanted then
  for i = IDS, #ARGV do
    local id = ARGV[i]
    if call('HEXISTS', dead .. ':m', id) == 0 and call('HEXISTS', base .. ':m', id) == 1 then answer[#answer + 1] = id end
  end
end
local count, bytes = call('HLEN', base .. ':m'), tonumber(call('HGET', base .. ':n', 'bytes') or 0)
for _, message in ipairs(candidates()) do
  if #answer - 2 >= max then break end
  local id, group = message.id, message.group
  local there = call('HEXISTS', base .. ':m', id) == 1
  if not there then
    local json = call('HGET', dead .. ':m', id)
    bytes = bytes + steps.bytes_of(id, group, json)
    if count >= mailbox_max or bytes > bytes_max then
      answer[2] = 1
      break
    end
    count = count + 1
    steps.push(mailbox, id, group, json)
  end
  steps.take_out(dead, group, id, message.member)
  answer[#answer + 1] = id
end
answer[1] = call('HLEN', dead .. ':m')
return answer
