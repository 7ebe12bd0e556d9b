"""Asks the hub directly by SOAP: the question is signed with your key, the answer is verified with the hub's certificate.

    HUB              the address of the hub
    CLIENT           you:      INSTANCE/CLASS/CODE/SUBSYSTEM
    PROVIDER         the hub:  INSTANCE/CLASS/CODE/SUBSYSTEM
    KEY, CERTIFICATE your key and its certificate, PEM
    HUB_CERTIFICATE  the hub's certificate, PEM: /api/v1/signing-certificate
"""

import datetime
import os
import uuid

import xmlsec
import zeep
from lxml import etree
from zeep.exceptions import SignatureVerificationFailed
from zeep.wsse import signature, utils

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
WSSE = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd}"
WSU = "{http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd}"
DS = "{http://www.w3.org/2000/09/xmldsig#}"
IDENTIFIERS = "{http://x-road.eu/xsd/identifiers}"


class Signed(signature.BinarySignature):
    """zeep's own signature covers the Body and the Timestamp; the hub wants every header signed, and SHA-256."""

    def apply(self, envelope, headers):
        security = utils.get_security_header(envelope)
        now = datetime.datetime.now(datetime.timezone.utc)
        timestamp = etree.SubElement(security, WSU + "Timestamp")
        for name, time in [("Created", now), ("Expires", now + datetime.timedelta(minutes=5))]:
            etree.SubElement(timestamp, WSU + name).text = time.isoformat(timespec="milliseconds")
        envelope, headers = super().apply(envelope, headers)
        # The references to the headers are added, and what is signed then is signed once more.
        own = security.find(DS + "Signature")
        context = xmlsec.SignatureContext()
        context.key = xmlsec.Key.from_memory(self.key_data, xmlsec.KeyFormat.PEM, self.password)
        signed = [element for element in envelope.find(SOAP + "Header") if element is not security]
        for element in [envelope.find(SOAP + "Body"), timestamp]:
            context.register_id(element, "Id", WSU[1:-1])
        for element in signed:
            uri = "#" + utils.ensure_id(element)
            context.register_id(element, "Id", WSU[1:-1])
            reference = xmlsec.template.add_reference(own, xmlsec.Transform.SHA256, uri=uri)
            xmlsec.template.add_transform(reference, xmlsec.Transform.EXCL_C14N)
        context.sign(own)
        return envelope, headers

    def verify(self, envelope):
        with open(os.environ["HUB_CERTIFICATE"], "rb") as file:
            key = xmlsec.Key.from_memory(file.read(), xmlsec.KeyFormat.CERT_PEM, None)
        signature._verify_envelope_with_key(envelope, key)
        # What is signed has to be what is read: the Body of this very envelope.
        body = envelope.find(SOAP + "Body").get(WSU + "Id")
        references = envelope.findall(f"{SOAP}Header/{WSSE}Security/{DS}Signature/{DS}SignedInfo/{DS}Reference")
        ids = envelope.xpath("//@*[local-name() = 'Id']")
        if "#" + body not in [one.get("URI") for one in references] or ids.count(body) != 1:
            raise SignatureVerificationFailed("the Body is not signed")
        return envelope


own = Signed(os.environ["KEY"], os.environ["CERTIFICATE"],
             signature_method=getattr(xmlsec.Transform, os.environ.get("METHOD", "ECDSA_SHA256")),
             digest_method=xmlsec.Transform.SHA256)
client = zeep.Client(os.environ["HUB"] + "/trembita/wsdl", wsse=own)
kordon = client.create_service("{urn:kordon:trembita:1}Kordon", os.environ["HUB"] + "/trembita/soap")


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
        "protocolVersion": "4.0",
    }
    answer = kordon[service](**question, _soapheaders=headers)
    # The headers of the answer are signed: it answers this question.
    assert answer.header.id == headers["id"]
    if answer.body.fault is not None:
        raise RuntimeError(f"{answer.body.fault.faultCode}: {answer.body.fault.faultString}")
    return answer.body


queue = ask("GetQueue_v1", checkpoint="UA209030").queue
for entry in queue.entries.queue_entry:
    print("waits:", entry.place, entry.plate, entry.stage)

first = queue.entries.queue_entry[0]
now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
answers = ask("RecordCheckpointEvents_v1", checkpoint="UA209030", events={"event": [
    {"id": "gate-1", "kind": "checkpoint-entered", "plate": first.plate, "occurred_at": now},
]}).event_answers
for answer in answers.items.event_answer:
    print("recorded:", answer.id, answer.outcome)

try:
    ask("GetQueue_v1", checkpoint="UA999999")
except RuntimeError as fault:
    print("refused:", fault)
