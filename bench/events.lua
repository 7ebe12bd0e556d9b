-- Checkpoint events for wrk. In front of this text stand `address`, `tokens` (by role) and `vehicles` ({checkpoint, plate}).
-- Arguments: the name of the run, so that no id comes twice, and the events of one request.
--
-- The vehicles go their way together: all arrive at their zone, then all enter, and so on; when all have left, they come again.
-- Each request is about one checkpoint, and consecutive requests are about different ones.

local way = {
  { kind = "zone-arrived", role = "zone_operator", rest = ',"zone":"ZONE-1"' },
  { kind = "zone-left", role = "zone_operator", rest = ',"zone":"ZONE-1"' },
  { kind = "checkpoint-entered", role = "border_guard", rest = "" },
  { kind = "border-control-started", role = "border_guard", rest = "" },
  { kind = "border-control-finished", role = "border_guard", rest = "" },
  { kind = "customs-control-started", role = "customs", rest = "" },
  { kind = "customs-control-finished", role = "customs", rest = "" },
  { kind = "checkpoint-left", role = "border_guard", rest = "" },
}

-- What each request is about: vehicles of one checkpoint, of which each of the two threads takes every other. The first request of every checkpoint, then the second of every one …
local function divide(events)
  local by_checkpoint, order = {}, {}
  for _, vehicle in ipairs(vehicles) do
    local checkpoint, plate = vehicle[1], vehicle[2]
    if not by_checkpoint[checkpoint] then
      by_checkpoint[checkpoint] = { mine = {}, seen = 0 }
      order[#order + 1] = checkpoint
    end
    local at = by_checkpoint[checkpoint]
    at.seen = at.seen + 1
    if at.seen % 2 == number % 2 then
      at.mine[#at.mine + 1] = plate
    end
  end
  local units, first, found = {}, 1, true
  while found do
    found = false
    for _, checkpoint in ipairs(order) do
      local plates = by_checkpoint[checkpoint].mine
      if first + events - 1 <= #plates then
        found = true
        local unit = { checkpoint = checkpoint, plates = {} }
        for index = first, first + events - 1 do
          unit.plates[#unit.plates + 1] = plates[index]
        end
        units[#units + 1] = unit
      end
    end
    first = first + events
  end
  return units
end

local function head(checkpoint, role)
  return "POST /api/v1/checkpoints/" .. checkpoint .. "/events HTTP/1.1\r\nHost: " .. address ..
    "\r\nAuthorization: Bearer " .. tokens[role] .. "\r\nContent-Type: application/json\r\nContent-Length: "
end

function init(arguments)
  run = arguments[1] .. "-" .. number .. "-"
  events = tonumber(arguments[2])
  units = divide(events)
  heads = {}
  for _, unit in ipairs(units) do
    heads[unit.checkpoint] = heads[unit.checkpoint] or {}
    for _, step in ipairs(way) do
      heads[unit.checkpoint][step.role] = head(unit.checkpoint, step.role)
    end
  end
  count, at_unit, at_step, clock = 0, 0, 1, 0
end

local function event(step, plate)
  count = count + 1
  return '{"id":"' .. run .. count .. '","kind":"' .. step.kind .. '","plate":"' .. plate .. '","occurred_at":"' ..
    now .. '"' .. step.rest .. "}"
end

function request()
  at_unit = at_unit + 1
  if at_unit > #units then
    at_unit = 1
    at_step = at_step % #way + 1
  end
  if os.time() ~= clock then
    clock = os.time()
    now = os.date("!%Y-%m-%dT%H:%M:%SZ", clock)
  end
  local unit, step = units[at_unit], way[at_step]
  local body
  if events == 1 then
    body = event(step, unit.plates[1])
  else
    local list = {}
    for index, plate in ipairs(unit.plates) do
      list[index] = event(step, plate)
    end
    body = "[" .. table.concat(list, ",") .. "]"
  end
  return heads[unit.checkpoint][step.role] .. #body .. "\r\n\r\n" .. body
end
