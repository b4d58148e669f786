-- For wrk: sends the requests of a file, one after the other, and from the first one again.
-- A line is a path to GET, or a path to POST to, a tab and the body.
--
--     wrk -s in_turn.lua http://127.0.0.1:8080 -- FILE

local requests, at = {}, 0

wrk.headers["Content-Type"] = "application/json"

function init(args)
  for line in io.lines(args[1]) do
    local path, body = line:match("^([^\t]*)\t(.*)$")
    if path then
      requests[#requests + 1] = wrk.format("POST", path, nil, body)
    else
      requests[#requests + 1] = wrk.format("GET", line)
    end
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

-- The last line is for the program that started wrk. Times are in microseconds.
function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests":%d,"duration":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}\n',
    summary.requests, summary.duration, errors.status,
    errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
end
