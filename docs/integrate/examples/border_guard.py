#!/usr/bin/env python3
"""A border-guard system at one checkpoint, with nothing but Python's standard library (3.9 or newer).

    python3 border_guard.py --hub http://127.0.0.1:8080 --token-file token.txt --checkpoint UA209030 --plate 'AA 1234 BB'

Asks whether the vehicle may enter and states what happens to it. Every fact goes into a file of this system's own before it is
sent, under an id that is drawn once. It leaves the file's queue only when the hub has answered for it, so neither a lost answer
nor a crash loses a fact or states it twice.
"""

import argparse
import datetime
import http.client
import json
import sqlite3
import ssl
import time
import urllib.error
import urllib.request
import uuid


class Hub:
    """The hub's door. It asks again when there was no answer or the hub said 5xx: the same request, so the same ids."""

    def __init__(self, address, token=None, ca_file=None, certificate=None, key=None):
        self.address = address.rstrip("/")
        self.headers = {"Authorization": "Bearer " + token} if token else {}
        self.tls = None
        if address.startswith("https:"):
            self.tls = ssl.create_default_context(cafile=ca_file)
            if certificate:
                self.tls.load_cert_chain(certificate, key)

    def ask(self, method, path, body=None, headers=None, tries=8):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.address + path, data=data, method=method)
        for name, value in {**self.headers, "Content-Type": "application/json", **(headers or {})}.items():
            request.add_header(name, value)
        pause = 1.0
        while True:
            try:
                with urllib.request.urlopen(request, timeout=30, context=self.tls) as answer:
                    return answer.status, answer.headers, answer.read()
            except urllib.error.HTTPError as error:
                if error.code < 500:
                    return error.code, error.headers, error.read()
                wait, reason = float(error.headers.get("Retry-After", pause)), f"HTTP {error.code}"
            except (OSError, http.client.HTTPException) as error:
                wait, reason = pause, str(error)
            tries -= 1
            if tries == 0:
                raise ConnectionError(f"the hub does not answer: {reason}")
            print(f"  {reason}; again in {wait:.0f} s")
            time.sleep(wait)
            pause = min(pause * 2, 60)


class Outbox:
    """What this system states, in a file of its own, until the hub has answered for it."""

    def __init__(self, file):
        self.database = sqlite3.connect(file)
        self.database.execute(
            "CREATE TABLE IF NOT EXISTS facts (number INTEGER PRIMARY KEY, event TEXT NOT NULL, answer TEXT)"
        )

    def state(self, kind, plate, **more):
        """Notes a fact that has just happened; the id and the time are decided here and never again."""
        now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds")
        event = {"id": str(uuid.uuid4()), "kind": kind, "plate": plate, "occurred_at": now, **more}
        with self.database:
            self.database.execute("INSERT INTO facts (event) VALUES (?)", [json.dumps(event)])

    def send(self, hub, checkpoint):
        """Sends what has no answer yet, oldest first, up to 1,000 at a time."""
        while rows := self.database.execute(
            "SELECT number, event FROM facts WHERE answer IS NULL ORDER BY number LIMIT 1000"
        ).fetchall():
            events = [json.loads(event) for _, event in rows]
            status, _, body = hub.ask("POST", f"/api/v1/checkpoints/{checkpoint}/events", events)
            answer = json.loads(body)
            if status != 200:
                # Nothing of the list was taken: a wrong token, a wrong checkpoint. To send it again as it is would not help.
                raise RuntimeError(f"{answer['code']}: {answer['detail']} (request {answer['request_id']})")
            with self.database:
                for (number, _), event, item in zip(rows, events, answer["items"]):
                    self.database.execute("UPDATE facts SET answer = ? WHERE number = ?", [json.dumps(item), number])
                    self.report(event, item)

    @staticmethod
    def report(event, item):
        line = f"  {event['kind']}: {item['outcome']}"
        if item["outcome"] == "refused":
            # A person has to look: the fact is not in the hub and will not get there as it is.
            line += f", {item['problem']['code']}: {item['problem']['detail']}"
        print(line)


def main():
    options = argparse.ArgumentParser(description="A border-guard system at one checkpoint.")
    options.add_argument("--hub", default="http://127.0.0.1:8080")
    options.add_argument("--token-file", help="a file that holds the bearer token")
    options.add_argument("--ca-file", help="who signed the hub's certificate, PEM")
    options.add_argument("--certificate", help="a client certificate, PEM, in place of a token")
    options.add_argument("--key", help="its private key, PEM")
    options.add_argument("--checkpoint", required=True)
    options.add_argument("--plate", required=True)
    options.add_argument("--outbox", default="border-guard.sqlite")
    given = options.parse_args()
    token = open(given.token_file).read().strip() if given.token_file else None
    hub = Hub(given.hub, token, given.ca_file, given.certificate, given.key)
    outbox = Outbox(given.outbox)
    outbox.send(hub, given.checkpoint)  # what an earlier run could not

    at = f"/api/v1/checkpoints/{given.checkpoint}"
    status, _, body = hub.ask("POST", at + "/admission", {"plate": given.plate})
    admission = json.loads(body)
    if status != 200:
        raise SystemExit(f"{admission['code']}: {admission['detail']}")
    print(f"{given.plate}: {admission['decision']} ({admission['reason']})")
    if admission["decision"] == "refuse":
        outbox.state("entry-refused", given.plate, reason=admission["reason"])
    else:
        for kind in ("checkpoint-entered", "border-control-started", "border-control-finished", "checkpoint-left"):
            outbox.state(kind, given.plate)
    outbox.send(hub, given.checkpoint)

    # The queue again and again: with the ETag of the last answer it costs next to nothing while nothing happens.
    known = {}
    for _ in range(2):
        status, headers, body = hub.ask("GET", at + "/queue", headers=known)
        if status == 304:
            print("queue: nothing new")
        elif status == 200:
            queue = json.loads(body)
            known = {"If-None-Match": headers["ETag"]}
            print(f"queue: {queue['waiting']} waiting, {queue['called']} called")
        else:
            raise SystemExit(body.decode())


if __name__ == "__main__":
    try:
        main()
    except ConnectionError as error:
        # What was stated and not answered stands in the outbox; the next run sends it.
        raise SystemExit(str(error))
