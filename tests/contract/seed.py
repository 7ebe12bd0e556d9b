"""Gives a fresh hub something to be asked about, so that a fuzzer finds real ids behind the addresses.

    seed.py ADDRESS CREDENTIALS     prints shell lines that export the ids of a crossing, a call, a pause and an outage
"""

import json
import sys
import urllib.request
from datetime import UTC, datetime, timedelta

CHECKPOINTS = ("UA209030", "UA205020", "UA408050")
# More than a run calls: every call takes one out of the zone.
VEHICLES = 40


class Hub:
    def __init__(self, address: str, credentials: dict[str, str]):
        self.address, self.credentials = address, credentials

    def post(self, role: str, path: str, body: object) -> dict:
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.credentials[role]}", "Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)


def ago(minutes: int) -> str:
    return (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()


def arrived(hub: Hub, checkpoint: str, number: int) -> str:
    """Books a vehicle and lets it arrive at a waiting zone. The id of its crossing."""
    plate = f"{checkpoint[-2:]} {number:04} SD"
    booking = {"reference": f"seed-{plate}".replace(" ", "-"), "plate": plate, "queue": "live", "channel": "web"}
    crossing = hub.post("queue_operator", f"/checkpoints/{checkpoint}/bookings", booking | {"booked_at": ago(60)})
    event = {"kind": "zone-arrived", "plate": plate, "zone": "SEED-1", "occurred_at": ago(30)}
    hub.post("zone_operator", f"/checkpoints/{checkpoint}/events", event | {"id": f"seed-{plate}".replace(" ", "-")})
    return crossing["id"]


def main(address: str, credentials_file: str) -> None:
    with open(credentials_file, encoding="utf-8") as file:
        hub = Hub(address, json.load(file))
    crossings = [arrived(hub, checkpoint, number) for checkpoint in CHECKPOINTS for number in range(VEHICLES)]
    stray = {"id": "seed-stray", "kind": "checkpoint-entered", "plate": "XX 9999 XX", "occurred_at": ago(5)}
    hub.post("border_guard", f"/checkpoints/{CHECKPOINTS[0]}/events", stray)
    # At the first checkpoint, whose calls the fuzzer's pauses do not reach (hooks.py); the pause is at the last.
    call = hub.post("queue_operator", f"/checkpoints/{CHECKPOINTS[0]}/calls", {})
    pause = hub.post("queue_operator", f"/checkpoints/{CHECKPOINTS[-1]}/pauses", {"reason": "Works on the road."})
    text = {"uk": "ЕТС недоступна.", "en": "ETS is unavailable."}
    outage = {"kind": "unplanned", "affected_systems": ["ets"], "starts_at": ago(10), "fallback_allowed": True}
    declared = hub.post("support_line_1", "/outages", outage | {"text": text})
    print(f"export KORDON_CROSSING={crossings[0]}")
    print(f"export KORDON_CALL={call['position']}")
    print(f"export KORDON_PAUSE={pause['id']}")
    print(f"export KORDON_OUTAGE={declared['id']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
