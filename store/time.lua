-- Put in front of every script: time is Redis's, so that all gateways agree. Tests put another clock here.
local function now_ms()
  local time = redis.call('TIME')
  return time[1] * 1000 + (time[2] - time[2] % 1000) / 1000
end
