"""Asks the hub through a security server of Trembita, by SOAP, with zeep.

    SECURITY_SERVER  the address of your own security server (here, to try it: of a hub that trusts this machine)
    WSDL             the address of the WSDL
    CLIENT           you:      INSTANCE/CLASS/CODE/SUBSYSTEM
    PROVIDER         the hub:  INSTANCE/CLASS/CODE/SUBSYSTEM
    OCCURRED_AT      when the first vehicle of the queue entered; now, if you leave it out
"""

import datetime
import os
import uuid

import zeep

IDENTIFIERS = "{http://x-road.eu/xsd/identifiers}"
XROAD = "{http://x-road.eu/xsd/xroad.xsd}"

client = zeep.Client(os.environ["WSDL"])
# What the WSDL says of the address is the provider's; you ask your own security server.
kordon = client.create_service("{urn:kordon:trembita:1}Kordon", os.environ["SECURITY_SERVER"])


def identifier(kind, path, object_type, **more):
    instance, member_class, member_code, subsystem = path.split("/")
    return client.get_type(IDENTIFIERS + kind)(
        xRoadInstance=instance, memberClass=member_class, memberCode=member_code, subsystemCode=subsystem,
        objectType=object_type, **more)


def ask(service, **question):
    headers = {
        "client": identifier("XRoadClientIdentifierType", os.environ["CLIENT"], "SUBSYSTEM"),
        "service": identifier("XRoadServiceIdentifierType", os.environ["PROVIDER"], "SERVICE", serviceCode=service),
        "id": str(uuid.uuid4()),
        "userId": "UA1234567890",
        "issue": question.pop("issue", None),
        "protocolVersion": "4.0",
    }
    answer = kordon[service](**question, _soapheaders={name: value for name, value in headers.items() if value})
    # zeep gives the headers beside the body where the WSDL declares them.
    assert answer.header.id == headers["id"]
    body = answer.body
    if body.fault is not None:
        raise RuntimeError(f"{body.fault.faultCode}: {body.fault.faultString}")
    return body


queue = ask("GetQueue_v1", checkpoint="UA209030").queue
for entry in queue.entries.queue_entry:
    print("waits:", entry.place, entry.plate, entry.stage)
first = queue.entries.queue_entry[0]

now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
answers = ask("RecordCheckpointEvents_v1", checkpoint="UA209030", events={"event": [
    {"id": "gate-1", "kind": "checkpoint-entered", "plate": first.plate,
     "occurred_at": os.environ.get("OCCURRED_AT", now)},
]}).event_answers
for answer in answers.items.event_answer:
    print("recorded:", answer.id, answer.outcome)

crossing = ask("GetCrossing_v1", crossing=first.booking, purposeID="9K9J65I75ILCLMPDUIRXS").crossing
print("crossing:", crossing.plate, crossing.stage)

try:
    ask("GetQueue_v1", checkpoint="UA999999")
except RuntimeError as fault:
    print("refused:", fault)

try:
    ask("GetCrossing_v1", crossing=first.booking)
except RuntimeError as fault:
    print("refused:", fault)
