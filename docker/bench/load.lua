-- The load of wrk, one request at a time on each connection:
--   wrk … -s load.lua URL -- KEY KIND USERS DISTRIBUTION
-- KIND: usage | batch | check | status | get. USERS: how many. DISTRIBUTION: uniform | zipf | hot (nine of ten requests are of one user).
-- Prints one line of JSON at the end.
local count, run = 0, nil
local key, kind, users, distribution
local cumulated = {}

local threads = 0
function setup(thread) thread:set("number", threads); threads = threads + 1 end

function init(arguments)
  key, kind = arguments[1], arguments[2]
  users, distribution = tonumber(arguments[3]), arguments[4]
  -- The address of a fresh table differs between processes, as the time does between runs.
  local seed = os.time() * 1000 + tonumber(tostring({}):sub(-6), 16) % 100000 + number * 7919
  math.randomseed(seed)
  run = string.format("%x-%d", seed, number)
  if distribution == "zipf" then
    local sum = 0
    for rank = 1, users do sum = sum + rank ^ -1.1; cumulated[rank] = sum end
  end
end

local function user()
  if distribution == "hot" and math.random() < 0.9 then return 0 end
  if distribution ~= "zipf" then return math.random(0, users - 1) end
  local point, low, high = math.random() * cumulated[users], 1, users
  while low < high do
    local middle = math.floor((low + high) / 2)
    if cumulated[middle] < point then low = middle + 1 else high = middle end
  end
  return low - 1
end

local function event()
  count = count + 1
  return string.format('{"event_id":"%s-%d","user_id":"user%d","amount":%d}', run, count, user(), math.random(1, 2000))
end

local function post(path, body)
  return wrk.format("POST", path, {["Content-Type"] = "application/json", ["Authorization"] = "Bearer " .. key}, body)
end

local function get(path) return wrk.format("GET", path, {["Authorization"] = "Bearer " .. key}) end

function request()
  if kind == "usage" then return post("/v1/usage", event()) end
  if kind == "check" then return get("/v1/usage/user" .. user() .. "/check?amount=1") end
  if kind == "status" then return get("/v1/subscriptions/user" .. user()) end
  if kind == "batch" then
    local events = {}
    for index = 1, 500 do events[index] = event() end
    return post("/v1/usage/batch", '{"events":[' .. table.concat(events, ",") .. "]}")
  end
  return wrk.format("GET")
end

function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"seconds":%.6f,"p50":%.3f,"p99":%.3f,"max":%.3f,"failed":%d}\n', summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1000, latency:percentile(99) / 1000, latency.max / 1000,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
