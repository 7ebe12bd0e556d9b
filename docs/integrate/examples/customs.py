#!/usr/bin/env python3
"""A customs system at one checkpoint that speaks XML in windows-1251, with nothing but Python's standard library (3.9 or newer).

    python3 customs.py --hub http://127.0.0.1:8080 --token-file token.txt --checkpoint UA209030 --plate 'АА 1234 ВВ'

States the start and the end of customs control, takes one of them back, and reads the crossing. How a system keeps its facts until
the hub has answered for them is shown in border_guard.py; it is the same here.
"""

import argparse
import datetime
import http.client
import time
import urllib.error
import urllib.request
import uuid
import xml.etree.ElementTree as ElementTree

NAMESPACE = "urn:kordon:exchange:1"
PROBLEM = "urn:ietf:rfc:7807"
ElementTree.register_namespace("", NAMESPACE)


def moment(seconds_ago=0):
    """A moment with its offset from UTC, without which the hub takes none."""
    now = datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(seconds=seconds_ago)
    return now.isoformat(timespec="milliseconds")


def event(**members):
    """An event: its members are elements, in any order. What a kind does not have is left out."""
    element = ElementTree.Element(f"{{{NAMESPACE}}}event")
    for name, value in members.items():
        ElementTree.SubElement(element, f"{{{NAMESPACE}}}{name}").text = value
    return element


def document(events):
    """A list of events as it goes over the wire. The XML declaration names the encoding, so no `charset` is needed."""
    root = ElementTree.Element(f"{{{NAMESPACE}}}events")
    root.extend(events)
    return ElementTree.tostring(root, encoding="windows-1251", xml_declaration=True)


def ask(address, token, body=None, purpose=None, tries=8):
    """Asks the hub, and again when there was no answer or it said 5xx: the same bytes, so the same ids."""
    request = urllib.request.Request(address, data=body)
    request.add_header("Authorization", "Bearer " + token)
    request.add_header("Accept", "application/xml")
    if body is not None:
        request.add_header("Content-Type", "application/xml")
    if purpose is not None:
        # urllib writes headers in Latin-1; this way the purpose arrives in UTF-8, as the hub reads it.
        request.add_header("Kordon-Purpose", purpose.encode().decode("latin-1"))
    pause = 1.0
    while True:
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return ElementTree.fromstring(answer.read())
        except urllib.error.HTTPError as error:
            if error.code < 500:
                problem = ElementTree.fromstring(error.read())
                said = {name: problem.findtext(f"{{{PROBLEM}}}{name}") for name in ("code", "detail", "request_id")}
                raise SystemExit("{code}: {detail} (request {request_id})".format(**said))
            wait = float(error.headers.get("Retry-After", pause))
        except (OSError, http.client.HTTPException):
            wait = pause
        tries -= 1
        if tries == 0:
            raise SystemExit("the hub does not answer")
        time.sleep(wait)
        pause = min(pause * 2, 60)


def report(answers):
    """Says what became of each event, and returns the crossing of the last one that has any."""
    names = {"k": NAMESPACE, "p": PROBLEM}
    crossing = None
    for item in answers.iterfind("k:items/k:event_answer", names):
        line = f"  {item.findtext('k:id', namespaces=names)}: {item.findtext('k:outcome', namespaces=names)}"
        problem = item.find("p:problem", names)
        if problem is not None:
            line += ", " + problem.findtext("p:code", namespaces=names)
        print(line)
        crossing = item.findtext("k:crossing", default=crossing, namespaces=names)
    return crossing


def main():
    options = argparse.ArgumentParser(description="A customs system at one checkpoint.")
    options.add_argument("--hub", default="http://127.0.0.1:8080")
    options.add_argument("--token-file", required=True, help="a file that holds the bearer token")
    options.add_argument("--checkpoint", required=True)
    options.add_argument("--plate", required=True)
    given = options.parse_args()
    token = open(given.token_file).read().strip()
    events = f"{given.hub.rstrip('/')}/api/v1/checkpoints/{given.checkpoint}/events"

    started, finished = str(uuid.uuid4()), str(uuid.uuid4())
    report(ask(events, token, document([
        event(id=started, kind="customs-control-started", plate=given.plate, occurred_at=moment(120)),
        event(id=finished, kind="customs-control-finished", plate=given.plate, occurred_at=moment(60)),
    ])))

    # The control was not over yet: that event is taken back. When it is over, a new event under a new id says so.
    crossing = report(ask(events, token, document([
        event(id=str(uuid.uuid4()), kind="void", voids=finished, reason="Помилка оператора", occurred_at=moment()),
        event(id=str(uuid.uuid4()), kind="customs-control-finished", plate=given.plate, occurred_at=moment()),
    ])))

    if crossing is None:
        raise SystemExit("the vehicle has no booking at this checkpoint: its events wait as unmatched")
    shown = ask(f"{given.hub.rstrip('/')}/api/v1/crossings/{crossing}", token, purpose="Постанова 1393, п. 32")
    names = {"k": NAMESPACE}
    for stage in shown.iterfind("k:stages/k:stage_view", names):
        words = (stage.findtext(f"k:{name}", default="", namespaces=names) for name in ("stage", "knowledge", "at"))
        print("{:20} {:6} {}".format(*words).rstrip())


if __name__ == "__main__":
    main()
