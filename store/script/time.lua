-- Time is Redis's, so that all gateways agree. Tests put another clock here.
local function now_ms()
  local time = redis.call('TIME')
  local us = time[2] + 0
  return time[1] * 1000 + (us - us % 1000) / 1000
end
