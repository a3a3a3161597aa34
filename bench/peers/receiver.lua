-- A receiver of GitHub's webhooks as nginx's Lua module carries it: HMAC of the libcrypto that nginx is linked with, lua-cjson,
-- and one script to Redis over a kept connection to its unix socket. Answers 200 once Redis has answered.
local bit = require 'bit'
local cjson = require 'cjson.safe'
local ffi = require 'ffi'

ffi.cdef [[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *hash, const void *key, int key_size, const unsigned char *text, size_t size,
                    unsigned char *digest, unsigned int *digest_size);
int CRYPTO_memcmp(const void *a, const void *b, size_t size);
]]

local secret = os.getenv('PEER_SECRET')
local redis_socket = 'unix:' .. os.getenv('PEER_REDIS')
local script = os.getenv('PEER_SCRIPT')
local prefix = 'nginx:'
local mark_seconds = '259200'
local redis_timeout_ms = 5000
local kept_connections, kept_ms = 128, 60000
local message_bytes = 930 -- as long as the gateway's own
local scheme = 'sha256='

local sha256 = ffi.C.EVP_sha256()
local digest = ffi.new('unsigned char[32]')
local digest_size = ffi.new('unsigned int[1]')
local expected = ffi.new('char[64]')
local digits = '0123456789abcdef'

local function check_signature(signature, body)
  if not signature or #signature ~= #scheme + 64 or signature:sub(1, #scheme) ~= scheme then return false end
  if ffi.C.HMAC(sha256, secret, #secret, body, #body, digest, digest_size) == nil then return false end
  for i = 0, 31 do
    expected[2 * i] = digits:byte(bit.rshift(digest[i], 4) + 1)
    expected[2 * i + 1] = digits:byte(bit.band(digest[i], 15) + 1)
  end
  return ffi.C.CRYPTO_memcmp(expected, ffi.cast('const char *', signature) + #scheme, 64) == 0
end

local function encode(words)
  local out = { '*', #words, '\r\n' }
  for _, word in ipairs(words) do
    local n = #out
    out[n + 1], out[n + 2], out[n + 3], out[n + 4], out[n + 5] = '$', #word, '\r\n', word, '\r\n'
  end
  return table.concat(out)
end

-- 1 where it was appended, 0 where it was known; nothing where Redis did not say.
local function append_once(delivery, signature, message)
  local redis = ngx.socket.tcp()
  redis:settimeout(redis_timeout_ms)
  if not redis:connect(redis_socket) then return nil end
  local words = {
    'EVALSHA', script, '3', prefix .. 'id:' .. delivery, prefix .. 'digest:' .. signature, prefix .. 'messages',
    mark_seconds, message,
  }
  if not redis:send(encode(words)) then return nil end
  local line = redis:receive('*l')
  if not line or line:sub(1, 1) ~= ':' then return nil end
  redis:setkeepalive(kept_ms, kept_connections)
  return tonumber(line:sub(2))
end

local function answer(status, text)
  ngx.status = status
  ngx.header['Content-Type'] = 'application/json'
  ngx.header['Content-Length'] = #text
  ngx.print(text)
end

local M = {}

function M.receive()
  ngx.req.read_body()
  local body = ngx.req.get_body_data()
  local signature, delivery = ngx.var.http_x_hub_signature_256, ngx.var.http_x_github_delivery
  if not body or not check_signature(signature, body) then return answer(401, '') end
  local event = cjson.decode(body)
  if not event or not event.repository or not event.sender or not delivery then return answer(400, '') end
  local message = cjson.encode({
    event = ngx.var.http_x_github_event,
    delivery = delivery,
    action = event.action,
    repository = event.repository.full_name,
    id = event.repository.id,
    private = event.repository.private,
    sender = event.sender.login,
    sender_id = event.sender.id,
    sender_type = event.sender.type,
  })
  message = message .. body:sub(1, message_bytes - #message)
  local appended = append_once(delivery, signature, message)
  if not appended then return answer(503, '') end
  answer(200, appended == 1 and '{"status":"accepted"}' or '{"status":"duplicate"}')
end

return M
