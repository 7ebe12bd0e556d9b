-- Messages for wrk, each a whole HTTP request, from a file in which its length stands before each in a line of its own.
-- Arguments: the file; `again` (from the first on, over and over) or `once` (one that is sent again counts as failed); and what has to
-- stand in an answer. The first answers are looked at for that.

local LOOKED_AT = 100

function init(arguments)
  once, holds, failed, at, answered, made = arguments[2] == "once", arguments[3], 0, 0, 0, {}
  local file, index = io.open(arguments[1], "rb"), 0
  local length = file:read("*n")
  while length do
    file:read(1)
    local message = file:read(length)
    -- Each of the two threads has every second one.
    index = index + 1
    if not once or index % 2 == number % 2 then
      made[#made + 1] = message
    end
    length = file:read("*n")
  end
  file:close()
end

function request()
  at = at + 1
  if at > #made then
    if once then
      failed = failed + 1
    end
    at = 1
  end
  return made[at]
end

function response(status, headers, body)
  answered = answered + 1
  if status ~= 200 or (answered <= LOOKED_AT and not body:find(holds, 1, true)) then
    failed = failed + 1
  end
end
