-- Reads of queues for wrk. In front of this text stand `token` and `queues` ({path, tag}).
-- Argument: the status to get. 304 asks whether anything changed since the tag, 200 reads the whole queue.

function init(arguments)
  wanted = tonumber(arguments[1])
  failed, at, made = 0, 0, {}
  for index, queue in ipairs(queues) do
    local headers = { ["Authorization"] = "Bearer " .. token }
    if wanted == 304 then
      headers["If-None-Match"] = queue[2]
    end
    made[index] = wrk.format("GET", queue[1], headers)
  end
end

function request()
  at = at % #made + 1
  return made[at]
end

function response(status)
  if status ~= wanted then
    failed = failed + 1
  end
end
