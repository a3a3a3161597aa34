-- The layout of a record, the value of `ev:<id>`; store/stored_record.cpp has the same for C++, and a test compares the
-- two on the same bytes (tests/store/script/scripts_test.cpp). From the left:
--   1   the outcome's letter: 'a' is final, see coordination/commit.hpp
--   16  the attempt mark: tells a lost reply from a repetition
--   13  when it was received, by the gateway's clock: Unix time in ms
--   8   the length of the JSON. 0: the event has left the archive (trim.lua), and this is the memory of its id
-- then the JSON, and the compressed body where the event's commit carried it.

-- A function, since Lua makes functions each time it passes their definitions, and commits need these hardly ever.
local function record_steps()
  local ATTEMPT, RECEIVED, LENGTH, JSON = 2, 18, 31, 39  -- where each begins

  local function outcome_of(stored) return string.sub(stored, 1, 1) end
  local function is_final(stored) return outcome_of(stored) == 'a' end
  local function is_partly_dropped(stored) return outcome_of(stored) == 'p' end
  local function attempt_of(stored) return string.sub(stored, ATTEMPT, RECEIVED - 1) end
  local function received_of(stored) return tonumber(string.sub(stored, RECEIVED, LENGTH - 1)) end
  local function json_length(stored) return tonumber(string.sub(stored, LENGTH, JSON - 1)) end
  local function is_taken_out(stored) return json_length(stored) == 0 end

  -- Less than all of it where `stored` is only the beginning of a record.
  local function json_of(stored) return string.sub(stored, JSON, JSON - 1 + json_length(stored)) end

  -- What is left of it as the memory of its id.
  local function take_out(stored) return string.sub(stored, 1, LENGTH - 1) .. '00000000' end

  -- The first bytes of the record at a key; '' where there is none.
  local function read(key, bytes) return redis.call('GETRANGE', key, 0, bytes - 1) end
  local function read_head(key) return read(key, JSON - 1) end
  local function read_without_body(key, head) return read(key, JSON - 1 + json_length(head)) end

  return {outcome_of = outcome_of, is_final = is_final, is_partly_dropped = is_partly_dropped,
          attempt_of = attempt_of, received_of = received_of, json_length = json_length,
          is_taken_out = is_taken_out, json_of = json_of, take_out = take_out, read = read,
          read_head = read_head, read_without_body = read_without_body}
end
