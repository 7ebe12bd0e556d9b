"""Gives a fresh hub something to be asked about, so that a fuzzer finds real ids behind the addresses.

    seed.py ADDRESS CREDENTIALS     prints shell lines that export the ids of what it made: a crossing, bookings, a call, a pause, a petition,
                                    an outage, tickets, permits, messages, articles
"""

import json
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

CHECKPOINTS = ("UA209030", "UA205020", "UA408050")
# More than a run calls: every call takes one out of the zone.
VEHICLES = 40
# The one of them that has rules of its own, with a priority queue and swaps. The others have the default.
RULED = "UA408050"
# The organisation of the sample systems.
ORGANISATION = "20000090"
# The use of a permit that is reported: what the fuzzer may correct (hooks.py).
REPORTED = "UA209030/2026/SEED"
# To whom line 1 assigns a ticket.
OFFICIAL = {"name": "Seed", "position": "Seed"}


class Hub:
    def __init__(self, address: str, credentials: dict[str, str]):
        self.address, self.credentials = address, credentials

    def get(self, role: str, path: str) -> dict:
        headers = {"Authorization": f"Bearer {self.credentials[role]}"}
        request = urllib.request.Request(f"{self.address}/api/v1{path}", headers=headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)

    def post(self, role: str, path: str, body: object, method: str = "POST", version: int | None = None) -> dict:
        headers = {"Authorization": f"Bearer {self.credentials[role]}", "Content-Type": "application/json"}
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        request = urllib.request.Request(
            f"{self.address}/api/v1{path}", method=method, data=json.dumps(body).encode(), headers=headers
        )
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)

    def mail(self, role: str, number: int) -> dict:
        """Hands in a mail in which the contact data is missing, with an attachment."""
        text = f"From: seed@example.com\r\nMessage-ID: <seed-{number}@example.com>\r\nSubject: ETS\r\n" + (
            "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nETS is slow.\r\n"
            "--b\r\nContent-Disposition: attachment; filename=log.txt\r\n\r\nslow\r\n--b--\r\n"
        )
        headers = {"Authorization": f"Bearer {self.credentials[role]}", "Content-Type": "message/rfc822"}
        address = f"{self.address}/api/v1/ticket-messages"
        request = urllib.request.Request(address, method="POST", data=text.encode(), headers=headers)
        with urllib.request.urlopen(request, timeout=20) as response:
            return json.load(response)


def eventually(what: str, is_so: Callable[[], bool]) -> None:
    """Asks until it is so: the hub tells nobody when an exchange is sealed, or that a moment has come."""
    for _ in range(200):
        if is_so():
            return
        time.sleep(0.1)
    raise AssertionError(f"not within 20 s: {what}")


def handed_in(hub: Hub, code: str) -> str:
    """Hands in a document of customs by XML, in the name of the organisation of that EDRPOU code; its id."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    text = (
        f'<exchange_document xmlns="urn:kordon:exchange:1"><header><sender>{code}</sender><id>seed-1</id>'
        f"<kind>checkpoint_events</kind><created_at>{now}</created_at></header><content><checkpoint_events>"
        f"<checkpoint>{CHECKPOINTS[0]}</checkpoint><events><event><id>seed-document</id><kind>customs-control-started</kind>"
        f"<plate>XX 8888 XX</plate><occurred_at>{now}</occurred_at></event></events></checkpoint_events></content></exchange_document>"
    )
    headers = {"Authorization": f"Bearer {hub.credentials['customs']}", "Content-Type": "application/xml"}
    address = f"{hub.address}/api/v1/exchange/documents"
    request = urllib.request.Request(address, method="POST", data=text.encode(), headers=headers)
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.status == 201, response.read()
    return "seed-1"


def reviewed(hub: Hub, days: int) -> str:
    """Announces work in so many days, whose text waits for a person until then; the id of its notice."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=days)
    window = {
        "kind": "planned",
        "affected_systems": ["guarantee_management"],
        "starts_at": start.isoformat(),
        "expected_end_at": (start + timedelta(hours=2)).isoformat(),
        "press_review_until": start.isoformat(),
        "fallback_allowed": False,
        "text": {"uk": "Планові роботи.", "en": "Planned work."},
    }
    outage = hub.post("support_line_1", "/outages", window)["id"]
    told = hub.get("press_office", "/notices?limit=500")["items"]
    return next(notice["id"] for notice in told if notice.get("outage_id") == outage)


def exchanged(hub: Hub) -> str:
    """Asks as a member of Trembita that nobody knows: the refusal is an exchange too. The id of its message, once it is sealed."""
    id = "seed-exchange"
    headers = {"X-Road-Client": "SEED/GOV/1", "X-Road-Id": id}
    try:
        urllib.request.urlopen(urllib.request.Request(f"{hub.address}/api/v1/checkpoints", headers=headers), timeout=20)
    except urllib.error.HTTPError as refused:
        assert refused.code == 401, refused.code
    else:
        raise AssertionError("a member that nobody knows was let in")
    headers = {"Authorization": f"Bearer {hub.credentials['administrator']}", "Kordon-Purpose": "seed"}

    def is_sealed() -> bool:
        try:
            request = urllib.request.Request(f"{hub.address}/api/v1/evidence/{id}", headers=headers)
            urllib.request.urlopen(request, timeout=20)
            return True
        except urllib.error.HTTPError as missing:
            assert missing.code == 404, missing.code
            return False

    eventually("the exchange is sealed", is_sealed)
    return id


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


def euros(amount: str) -> dict:
    return {"amount": amount, "currency": "EUR"}


def with_tariff(hub: Hub, checkpoint: str) -> None:
    """Puts the tariff by which the payment in the contract's example is what is due: EUR 15.00 at 48.1234."""
    shares = {"operator_share": euros("3.00"), "zone_share": euros("12.00")}
    first_day = (datetime.now(UTC) - timedelta(days=14)).date().isoformat()
    tariff = shares | {"zone": "SEED-1", "applies_from": first_day, "decision": "seed"}
    hub.post("administrator", f"/checkpoints/{checkpoint}/tariff", tariff, method="PUT")


def called(hub: Hub, checkpoint: str, number: int) -> str:
    """A vehicle that was called half an hour after its arrival: short enough for a refund. The id of its booking."""
    booking = arrived(hub, checkpoint, number)
    hub.post("queue_operator", f"/checkpoints/{checkpoint}/calls", {"booking": booking, "reason": "seed"})
    return booking


def ticket(hub: Hub, taken: bool) -> str:
    """Files a ticket as a trader; line 1 takes it. Its id."""
    user = {"kind": "legal_entity", "name": "Seed", "edrpou": "43115923", "person": "Seed", "email": "a@example.com"}
    filed = hub.post("trader", "/tickets", {"kind": "incident", "substance": "ETS is slow.", "user": user})
    if taken:
        take = {"to": "in_progress", "official": OFFICIAL}
        hub.post("support_line_1", f"/tickets/{filed['id']}/moves", take, version=filed["version"])
    return filed["id"]


def permit_request(hub: Hub, trader: dict, systems: list[str]) -> dict:
    """Files a request for a permit as a departure office; line 1 passes it to line 2."""
    user = {"kind": "customs_official", "unit_code": "UA209030", "position": "Seed", "person": "Seed"}
    request = {
        "asks": "procedure",
        "user": user | {"email": "a@example.com"},
        "office": "UA209030",
        "trader": trader | {"name": "Seed", "email": "a@example.com"},
        "systems": systems,
        "substance": "ETS does not answer.",
        "began_at": ago(60),
        "agreed_until": ago(5),
        "checks": "Seen.",
        "seen_by_office": True,
    }
    filed = hub.post("departure_office", "/permit-requests", request)
    to_line_2 = {"to": "in_progress", "line": "line_2", "official": OFFICIAL}
    hub.post("support_line_1", f"/tickets/{filed['ticket']}/moves", to_line_2, version=1)
    return filed


def permit(hub: Hub, trader: dict, told: bool) -> dict:
    """A permit for a failure of a trader's own link: it needs no outage."""
    filed = permit_request(hub, trader, ["declarant_link"])
    address = f"/permit-requests/{filed['id']}"
    decided = hub.post("support_line_2", f"{address}/decisions", {"outcome": "confirmed", "reason": "Seed."})
    for party in ("departure_office", "trader") if told else ():
        hub.post("support_line_1", f"{address}/tellings", {"of": party})
    return decided


def put_rules(hub: Hub) -> None:
    """Rules that take any vehicle of which nothing is said, with the classes of the contract's example. In force when it returns."""
    body = json.loads((Path(__file__).parents[2] / "schemas/examples/RulesIn.json").read_text(encoding="utf-8"))
    rules = body["rules"]
    everything = [{"category": category} for category in ("car", "bus", "truck", "motorcycle")]
    rules["lanes"] = [rules["lanes"][1] | {"lane": "all", "takes": everything}]
    rules["zones"], rules["booking"]["data_schema"] = [], None
    rules["changes"] |= {"extensions": 0, "extension_hours": 0, "swaps": 5}
    body["applies_from"] = (datetime.now(UTC) + timedelta(seconds=3)).isoformat()
    rules_of = f"/checkpoints/{RULED}/rules"
    version = hub.post("administrator", rules_of, body, "PUT", version=1)["version"]
    eventually("the rules are in force", lambda: hub.get("queue_operator", rules_of)["version"] == version)


def main(address: str, credentials_file: str) -> None:
    with open(credentials_file, encoding="utf-8") as file:
        hub = Hub(address, json.load(file))
    put_rules(hub)
    crossings = [arrived(hub, checkpoint, number) for checkpoint in CHECKPOINTS for number in range(VEHICLES)]
    for checkpoint in CHECKPOINTS:
        with_tariff(hub, checkpoint)
    payable, paid = (called(hub, CHECKPOINTS[0], VEHICLES + number) for number in range(2))
    payment = {"reference": "seed-payment", "amount": {"amount": "721.85", "currency": "UAH"}, "method": "cash"}
    hub.post("queue_operator", f"/bookings/{paid}/payments", payment)
    stray = {"id": "seed-stray", "kind": "checkpoint-entered", "plate": "XX 9999 XX", "occurred_at": ago(5)}
    hub.post("border_guard", f"/checkpoints/{CHECKPOINTS[0]}/events", stray)
    # At the first checkpoint, whose calls the fuzzer's pauses do not reach (hooks.py); the pause is at the last.
    call = hub.post("queue_operator", f"/checkpoints/{CHECKPOINTS[0]}/calls", {})
    pause = hub.post("queue_operator", f"/checkpoints/{CHECKPOINTS[-1]}/pauses", {"reason": "Works on the road."})
    petition = {"reference": "seed-petition", "plate": "SD 0000 SD", "class": "humanitarian", "stated_by": "Seed"}
    document = {"kind": "CMR", "number": "SD-1", "issued_on": "2025-11-20"}
    filed = hub.post("queue_operator", f"/checkpoints/{RULED}/petitions", petition | {"documents": [document]})
    text = {"uk": "ЕТС недоступна.", "en": "ETS is unavailable."}
    outage = {"kind": "unplanned", "affected_systems": ["ets"], "starts_at": ago(10), "fallback_allowed": True}
    declared = hub.post("support_line_1", "/outages", outage | {"text": text})
    open_request = permit_request(hub, {"edrpou": "00032106"}, ["ets"])
    untold, used, revoked = (
        permit(hub, trader, told)
        for trader, told in (({"rnokpp": "2876543211"}, False), ({"edrpou": "32855961"}, True), ({"edrpou": "40075815"}, True))
    )
    use = {"registration_number": REPORTED, "released_on": datetime.now(ZoneInfo("Europe/Kyiv")).date().isoformat()}
    hub.post("departure_office", f"/permits/{used['permit']['number']}/reports", {"uses": [use], "complete": False})
    total = {"declarations": 1000, "counted_until": f"{datetime.now(UTC).year}-01-01", "source": "seed"}
    hub.post("support_line_2", f"/continuity-use/43115923/{datetime.now(UTC).year}", total, "PUT")
    print(f"export KORDON_REQUESTS='{open_request['id']} {untold['id']}'")
    print(f"export KORDON_UNTOLD={untold['id']}")
    print(f"export KORDON_PERMITS='{used['permit']['number']} {revoked['permit']['number']}'")
    print(f"export KORDON_QUERY={exchanged(hub)}")
    print(f"export KORDON_DOCUMENT={handed_in(hub, ORGANISATION)}")
    print(f"export KORDON_CROSSING={crossings[0]}")
    print(f"export KORDON_PAYABLE={payable}")
    print(f"export KORDON_PAID={paid}")
    print(f"export KORDON_CALL={call['position']}")
    print(f"export KORDON_PAUSE={pause['id']}")
    print(f"export KORDON_OUTAGE={declared['id']}")
    print(f"export KORDON_NOTICE={hub.get('press_office', '/notices')['items'][0]['id']}")
    print(f"export KORDON_EDITED_NOTICE={reviewed(hub, 20)}")
    print(f"export KORDON_RELEASED_NOTICE={reviewed(hub, 40)}")
    print(f"export KORDON_NEW_TICKET={ticket(hub, taken=False)}")
    print(f"export KORDON_TAKEN_TICKET={ticket(hub, taken=True)}")
    print(f"export KORDON_OTHER_TICKET={ticket(hub, taken=True)}")
    # Each of these acts moves the version of its ticket on: one ticket each, or chance decides which of them gets through.
    for act in ("PRIORITISED", "EXTENDED", "TOLD", "PEOPLED"):
        print(f"export KORDON_{act}_TICKET={ticket(hub, taken=True)}")
    # A result is told of a ticket that has one.
    resolved = ticket(hub, taken=True)
    move = {"to": "resolved", "reason": "The link is up again."}
    hub.post("support_line_1", f"/tickets/{resolved}/moves", move, version=2)
    print(f"export KORDON_RESOLVED_TICKET={resolved}")
    # The last to be called, of the checkpoint whose rules allow changes. Those to be swapped are none of those to be cancelled.
    print(f"export KORDON_BOOKINGS='{' '.join(crossings[-20:-5])}'")
    print(f"export KORDON_SWAPPABLE='{' '.join(crossings[-5:])}'")
    print(f"export KORDON_MESSAGES='{' '.join(hub.mail('support_line_1', number)['id'] for number in range(3))}'")
    article = json.loads((Path(__file__).parents[2] / "schemas/examples/ArticleIn.json").read_text(encoding="utf-8"))
    articles = [hub.post("support_line_1", "/articles", article) for _ in range(3)]
    hub.post("support_line_1", f"/articles/{articles[0]['id']}/publication", {}, version=1)
    print(f"export KORDON_PUBLISHED_ARTICLE={articles[0]['id']}")
    rewritten = [hub.post("support_line_1", "/articles", article)["id"] for _ in range(8)]
    print(f"export KORDON_REWRITTEN_ARTICLES='{' '.join(rewritten)}'")
    print(f"export KORDON_ARTICLES='{' '.join(article['id'] for article in articles)}'")
    print(f"export KORDON_PETITION={filed['id']}")


if __name__ == "__main__":
    main(*sys.argv[1:])
