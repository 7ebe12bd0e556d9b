"""Gives a fresh hub something to be asked about, so that a fuzzer finds real ids behind the addresses.

    seed.py ADDRESS CREDENTIALS     prints shell lines that export the ids of a crossing, an outage, some bookings and a petition
"""

import json
import sys
import time
import urllib.request
from datetime import UTC, datetime, timedelta
from pathlib import Path

CHECKPOINTS = ("UA209030", "UA205020", "UA408050")
# More than a run calls: every call takes one out of the zone.
VEHICLES = 40
# The one of them that has rules of its own, with a priority queue and swaps. The others have the default.
RULED = "UA408050"


class Hub:
    def __init__(self, address: str, credentials: dict[str, str]):
        self.address, self.credentials = address, credentials

    def post(self, role: str, path: str, body: object, method: str = "POST", **headers: str) -> dict:
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}",
            data=json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.credentials[role]}", "Content-Type": "application/json", **headers},
            method=method,
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


def put_rules(hub: Hub) -> None:
    """Rules that take any vehicle of which nothing is said, with the classes of the contract's example. In force when it returns."""
    body = json.loads((Path(__file__).parents[2] / "schemas/examples/RulesIn.json").read_text(encoding="utf-8"))
    rules = body["rules"]
    everything = [{"category": category} for category in ("car", "bus", "truck", "motorcycle")]
    rules["lanes"] = [rules["lanes"][1] | {"lane": "all", "takes": everything}]
    rules["zones"], rules["booking"]["data_schema"] = [], None
    rules["changes"] |= {"extensions": 0, "extension_hours": 0, "swaps": 5}
    body["applies_from"] = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    hub.post("administrator", f"/checkpoints/{RULED}/rules", body, "PUT", **{"If-Match": '"1"'})
    time.sleep(4)


def main(address: str, credentials_file: str) -> None:
    with open(credentials_file, encoding="utf-8") as file:
        hub = Hub(address, json.load(file))
    put_rules(hub)
    crossings = [arrived(hub, checkpoint, number) for checkpoint in CHECKPOINTS for number in range(VEHICLES)]
    stray = {"id": "seed-stray", "kind": "checkpoint-entered", "plate": "XX 9999 XX", "occurred_at": ago(5)}
    hub.post("border_guard", f"/checkpoints/{CHECKPOINTS[0]}/events", stray)
    petition = {"reference": "seed-petition", "plate": "SD 0000 SD", "class": "humanitarian", "stated_by": "Seed"}
    document = {"kind": "CMR", "number": "SD-1", "issued_on": "2025-11-20"}
    filed = hub.post("queue_operator", f"/checkpoints/{RULED}/petitions", petition | {"documents": [document]})
    text = {"uk": "ЕТС недоступна.", "en": "ETS is unavailable."}
    outage = {"kind": "unplanned", "affected_systems": ["ets"], "starts_at": ago(10), "fallback_allowed": True}
    declared = hub.post("support_line_1", "/outages", outage | {"text": text})
    print(f"export KORDON_CROSSING={crossings[0]}")
    print(f"export KORDON_OUTAGE={declared['id']}")
    # The last to be called, of the checkpoint whose rules allow changes.
    print(f"export KORDON_BOOKINGS='{' '.join(crossings[-20:])}'")
    print(f"export KORDON_PETITION={filed['id']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
