"""Asks the hub directly by REST: the request is signed with your key, the answer is verified with the hub's certificate.

    HUB              the address of the hub
    KEY, CERTIFICATE your key and its certificate, PEM
    HUB_CERTIFICATE  the hub's certificate, PEM: /api/v1/signing-certificate
    ALGORITHM        yours; ECDSA_P256_SHA256 if you leave it out
"""

import datetime
import json
import os
import uuid

import http_message_signatures as signatures
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from http_message_signatures import algorithms


def read(name):
    with open(os.environ[name], "rb") as file:
        return file.read()


own = x509.load_pem_x509_certificate(read("CERTIFICATE"))
of_hub = x509.load_pem_x509_certificate(read("HUB_CERTIFICATE"))
# A key is named by the SHA-256 of its certificate.
name, name_of_hub = (certificate.fingerprint(hashes.SHA256()).hex() for certificate in (own, of_hub))
keys = signatures.MappingKeyResolver(
    private_keys={name: serialization.load_pem_private_key(read("KEY"), None)},
    public_keys={name_of_hub: of_hub.public_key()})
algorithm = getattr(algorithms, os.environ.get("ALGORITHM", "ECDSA_P256_SHA256"))
signer = signatures.HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=keys)
verifier = signatures.HTTPMessageVerifier(signature_algorithm=algorithms.ECDSA_P256_SHA256, key_resolver=keys)
session = requests.Session()


def ask(method, path, body=None, **headers):
    content = None if body is None else json.dumps(body).encode()
    if content is not None:
        headers["Content-Type"] = "application/json"
    request = session.prepare_request(requests.Request(method, os.environ["HUB"] + path, data=content, headers=headers))
    covered = ["@method", "@target-uri"] + [header.lower() for header in headers]
    # With a body the library adds Content-Digest and signs it.
    signer.sign(request, key_id=name, covered_component_ids=covered, body=content, nonce=str(uuid.uuid4()))
    answer = session.send(request)
    # What is verified is what is read: the status, the content, and that it answers this request.
    required = ['"@status"', '"content-digest"', '"@method";req', '"@target-uri";req', '"signature";req']
    verifier.verify(answer, body=answer.content, require_components=required)
    return answer


queue = ask("GET", "/api/v1/checkpoints/UA209030/queue?lane=all").json()
for entry in queue["entries"]:
    print("waits:", entry["place"], entry["plate"], entry["stage"])
first = queue["entries"][0]

now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
answer = ask("POST", "/api/v1/checkpoints/UA209030/events",
             {"id": "gate-2", "kind": "checkpoint-entered", "plate": first["plate"], "occurred_at": now})
print("recorded:", answer.status_code, answer.json()["outcome"])

crossing = ask("GET", "/api/v1/crossings/" + first["booking"], **{"Kordon-Purpose": "Law 2297-VI, art. 6"})
print("crossing:", crossing.json()["plate"], crossing.json()["stage"])

refused = ask("GET", "/api/v1/checkpoints/UA999999/queue")
print("refused:", refused.status_code, refused.json()["code"])
