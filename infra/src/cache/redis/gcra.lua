-- Generic cell rate algorithm. KEYS[1] holds the theoretical arrival time of the next call, in microseconds of Redis'
-- own clock, so that all processes agree. ARGV: microseconds between calls, burst. Answers microseconds to wait, or 0.
local interval, burst = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = tonumber(clock[1]) * 1000000 + tonumber(clock[2])
local arrival = math.max(now, tonumber(redis.call('GET', KEYS[1]) or 0)) + interval
local wait = arrival - interval * burst - now
if wait > 0 then return wait end
redis.call('SET', KEYS[1], string.format('%.0f', arrival), 'PX', math.ceil((arrival - now) / 1000))
return 0
