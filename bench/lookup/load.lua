-- Makes the requests that wrk sends: each asks for a random contact. The e-mail address is made from
-- the number of the contact, as in contacts-data.ts. The parameters are: seed, number of contacts,
-- text of the request before and after the address, and the three lists of words for addresses.

local function words(text)
  local list = {}
  for word in text:gmatch("[^,]+") do list[#list + 1] = word end
  return list
end

function init(args)
  math.randomseed(tonumber(args[1]))
  count = tonumber(args[2])
  before, after = args[3], args[4]
  first, last, domains = words(args[5]), words(args[6]), words(args[7])
  for _ = 1, 10 do math.random() end
end

function request()
  local i = math.random(0, count - 1)
  return before .. first[i % #first + 1] .. "." .. last[i % #last + 1] .. "." .. i .. "@"
    .. domains[i % #domains + 1] .. after
end

-- Writes one line that load.ts reads. wrk counts every answer with a status above 399 as a status error.
function done(summary, latency)
  local e = summary.errors
  io.write(string.format(
    '\nLOAD {"requests":%d,"microseconds":%d,"bytes":%d,"wrongStatus":%d,"failed":%d,"p50Us":%d,"p99Us":%d}\n',
    summary.requests, summary.duration, summary.bytes, e.status, e.connect + e.read + e.write + e.timeout,
    latency:percentile(50), latency:percentile(99)))
end
