package redisstore

import "github.com/redis/rueidis"

// formatVersion is what the control hash says of its layout.
const formatVersion = "1"

// The control state is one hash and one stream of one slot. Every script that uses it
// begins with this text. sound returns the fields of the hash as a table, or nil when a
// new epoch has to begin: the hash is missing, a server that is not the one that wrote
// it runs the script, or a part of the log is missing.
//
// KEYS are the hash and the log; ARGV[1] is "1" when the server loses no acknowledged
// write, ARGV[2] the format.
const control = `#!lua flags=allow-oom
local c, log = KEYS[1], KEYS[2]
local durable, format = ARGV[1] == '1', ARGV[2]
local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')
local function num(n) return string.format('%.0f', n) end
local function micros()
  local t = redis.call('TIME')
  return tonumber(t[1]) * 1000000 + tonumber(t[2])
end
local function sound()
  local v = redis.call('HMGET', c, 'format', 'epoch', 'run', 'seq', 'low', 'token', 'fh', 'fs', 'settled', 'lease')
  local kept = redis.call('XLEN', log)
  if not v[1] and redis.call('HLEN', c) == 0 then return nil end
  if v[1] ~= format then return nil, redis.error_reply('FOREIGN the hash is not of format ' .. format) end
  if v[3] ~= run and not durable then return nil end
  local s = {epoch = v[2], seq = tonumber(v[4]), low = tonumber(v[5]), token = tonumber(v[6]),
    fh = tonumber(v[7]), fs = tonumber(v[8]), settled = v[9], lease = v[10]}
  if not (s.epoch and s.seq and s.low and s.token and s.fh and s.fs) or kept ~= s.seq - s.low then return nil end
  return s
end
local s, foreign = sound()
if foreign then return foreign end
`

// beatText registers the node and returns what it lacks.
//
// ARGV: durable, format, node, its epoch, the last bump that it has applied, the highest
// token that it knows, whether it knows that no lease of an earlier epoch is left, a name
// for a new epoch, the lease in milliseconds, how many bumps to return, the program.
const beatText = control + `
local node, epoch, applied, known = ARGV[3], ARGV[4], tonumber(ARGV[5]), tonumber(ARGV[6])
if not s then
  local floor = math.max(micros(), known) + 1
  redis.call('DEL', c, log)
  s = {epoch = ARGV[8], seq = 0, low = 0, token = floor, fh = floor, fs = 0, settled = '0', lease = ARGV[9]}
  redis.call('HSET', c, 'format', format, 'epoch', s.epoch, 'run', run, 'seq', '0', 'low', '0',
    'token', num(floor), 'fh', num(floor), 'fs', '0', 'settled', '0', 'lease', s.lease)
end
if known > s.token then redis.call('HSET', c, 'token', num(known)) end
if epoch == s.epoch and ARGV[7] == '1' and s.settled ~= '1' then
  s.settled = '1'
  redis.call('HSET', c, 'settled', '1')
end
if redis.call('HINCRBY', c, 'm:' .. node, 1) == 1 then redis.call('HSET', c, 'i:' .. node, ARGV[11]) end
local others = {}
if epoch ~= s.epoch then
  applied = 0
  local all = redis.call('HGETALL', c)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 'i:' and all[i] ~= 'i:' .. node then others[#others + 1] = all[i + 1] end
  end
end
local entries = {}
if math.max(applied, s.low) < s.seq then
  entries = redis.call('XRANGE', log, num(math.max(applied, s.low) + 1) .. '-0', '+', 'COUNT', ARGV[10])
end
return {s.epoch, num(s.seq), num(s.low), num(s.fh), num(s.fs), s.settled, s.lease, (redis.call('HLEN', c) - 10) / 2, entries, others}
`

// tokenText returns a token that is higher than every one before it.
//
// ARGV: durable, format, epoch.
const tokenText = control + `
if not s or s.epoch ~= ARGV[3] then return redis.error_reply('NEWEPOCH the epoch has ended') end
local t = num(math.max(micros(), s.token + 1))
redis.call('HSET', c, 'token', t)
return t
`

// bumpText appends a bump to the log, tells the nodes, and returns its number, why it
// could not be published, and the nodes with their beats.
//
// ARGV: durable, format, epoch, node, at, hard, marks, the longest log. KEYS[3] is the
// channel of the nodes.
const bumpText = control + `
if not s or s.epoch ~= ARGV[3] then return redis.error_reply('NEWEPOCH the epoch has ended') end
local node, at, hard, marks, longest = ARGV[4], ARGV[5], ARGV[6], ARGV[7], tonumber(ARGV[8])
local seq = num(s.seq + 1)
redis.call('XADD', log, seq .. '-0', 'n', node, 'a', at, 'h', hard, 'm', marks)
redis.call('HSET', c, 'seq', seq)
local surplus = s.seq + 1 - s.low - longest
if surplus > 0 then
  local low, fh, fs = s.low + surplus, s.fh, s.fs
  for _, e in ipairs(redis.call('XRANGE', log, '-', '+', 'COUNT', num(surplus))) do
    if e[2][6] == '1' then fh = math.max(fh, tonumber(e[2][4])) else fs = math.max(fs, tonumber(e[2][4])) end
  end
  redis.call('XTRIM', log, 'MINID', '=', num(low + 1) .. '-0')
  redis.call('HSET', c, 'low', num(low), 'fh', num(fh), 'fs', num(fs))
end
if tonumber(at) > s.token then redis.call('HSET', c, 'token', at) end
local told = redis.pcall('SPUBLISH', KEYS[3], table.concat({s.epoch, seq, node, at, hard, marks}, ' '))
local out = {seq, type(told) == 'table' and told.err or ''}
local all = redis.call('HGETALL', c)
for i = 1, #all, 2 do
  if string.sub(all[i], 1, 2) == 'm:' then
    out[#out + 1] = string.sub(all[i], 3)
    out[#out + 1] = all[i + 1]
  end
end
return out
`

// dropText removes nodes that have not moved: their leases have run out.
//
// ARGV: pairs of a node and the number of its beats; an empty number removes the node in
// any case.
const dropText = `#!lua flags=allow-oom
for i = 1, #ARGV, 2 do
  local name = 'm:' .. ARGV[i]
  local beats = redis.call('HGET', KEYS[1], name)
  if ARGV[i + 1] == '' or beats == ARGV[i + 1] then redis.call('HDEL', KEYS[1], name, 'i:' .. ARGV[i]) end
end
return 0
`

// putText stores a page unless one with a higher token is there. The first sixteen
// bytes of a page are its token.
const putText = `#!lua
local old = redis.call('GETRANGE', KEYS[1], 0, 15)
if #old == 16 and old > string.sub(ARGV[1], 1, 16) then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1
`

// fetchText returns a page and its remaining milliseconds, at one moment.
const fetchText = `#!lua flags=no-writes
return {redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}
`

// claimText takes the claim on a page if nobody has it, and returns who has it, the
// page and its remaining milliseconds.
const claimText = `#!lua
local owner = redis.call('GET', KEYS[2])
if not owner then
  redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
  owner = ARGV[1]
end
return {owner, redis.call('GET', KEYS[1]), redis.call('PTTL', KEYS[1])}
`

// prolongText keeps a claim, releaseText gives it back, for the owner only.
const (
	prolongText = `#!lua flags=allow-oom
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
`
	releaseText = `#!lua flags=allow-oom
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('DEL', KEYS[1])
`
)

// scripts are the texts above with their hashes.
type scripts struct {
	beat, token, bump, drop, put, fetch, claim, prolong, release *rueidis.Lua
}

func newScripts() scripts {
	return scripts{
		beat: rueidis.NewLuaScript(beatText), token: rueidis.NewLuaScript(tokenText),
		bump: rueidis.NewLuaScript(bumpText), drop: rueidis.NewLuaScript(dropText),
		put: rueidis.NewLuaScript(putText), fetch: rueidis.NewLuaScript(fetchText), claim: rueidis.NewLuaScript(claimText),
		prolong: rueidis.NewLuaScript(prolongText), release: rueidis.NewLuaScript(releaseText),
	}
}
