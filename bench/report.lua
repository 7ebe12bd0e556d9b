-- Stands before every script for wrk: gives each thread its `number`, from 1, and prints in the end what was seen, as JSON on one line.
-- A script that judges its answers counts those that are wrong in `failed`; of one that does not, wrk's own count of statuses is taken.

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
  thread:set("number", #threads)
end

function done(summary, latency)
  local errors, judged, wrong = summary.errors, false, 0
  for _, thread in ipairs(threads) do
    local own = thread:get("failed")
    judged = judged or own ~= nil
    wrong = wrong + (own or 0)
  end
  local failed = errors.connect + errors.read + errors.write + errors.timeout + (judged and wrong or errors.status)
  print(string.format('{"requests":%d,"failed":%d,"seconds":%.6f,"p50_ms":%.3f,"p99_ms":%.3f}', summary.requests, failed,
    summary.duration / 1e6, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
