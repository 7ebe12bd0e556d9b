#!/usr/bin/env python3
"""A customs system that works by XML documents: it signs one, hands it in, verifies the acknowledgement, and looks into its inbox.

Settings: HUB, TOKEN, SENDER (the EDRPOU code of your organisation), KEY and CERTIFICATE (PEM), HUB_CERTIFICATE (PEM, from the operator).
Needs lxml, requests and xmlsec.
"""

import base64
import datetime
import hashlib
import os

import requests
import xmlsec
from lxml import etree

HUB, SENDER = os.environ["HUB"], os.environ["SENDER"]
K = "urn:kordon:exchange:1"
DS = "http://www.w3.org/2000/09/xmldsig#"
XADES = "http://uri.etsi.org/01903/v1.3.2#"
NAMES = {"k": K, "ds": DS, "xades": XADES}
NOW = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")

DOCUMENT = f"""<?xml version="1.0" encoding="windows-1251"?>
<exchange_document xmlns="{K}">
  <header>
    <sender>{SENDER}</sender>
    <id>LVIV-000017</id>
    <kind>checkpoint_events</kind>
    <created_at>{NOW}</created_at>
  </header>
  <content>
    <checkpoint_events>
      <checkpoint>UA209030</checkpoint>
      <events>
        <event><id>cu-000101</id><kind>customs-control-started</kind><plate>АА 1234 ВВ</plate><occurred_at>{NOW}</occurred_at></event>
        <event><id>cu-000102</id><kind>checkpoint-left</kind><plate>АА 1234 ВВ</plate><occurred_at>{NOW}</occurred_at></event>
      </events>
    </checkpoint_events>
  </content>
</exchange_document>
"""

# What is filled in by xmlsec: two digests, the value, the certificate.
SIGNATURE = """<ds:Signature xmlns:ds="{ds}" Id="signature"><ds:SignedInfo>
<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>
<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#{method}"/>
<ds:Reference URI=""><ds:Transforms>
<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"/>
<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>
<ds:Reference URI="#properties" Type="http://uri.etsi.org/01903#SignedProperties"><ds:Transforms>
<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/></ds:Transforms>
<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue/></ds:Reference>
</ds:SignedInfo><ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo><ds:Object>
<xades:QualifyingProperties xmlns:xades="{xades}" Target="#signature"><xades:SignedProperties Id="properties">
<xades:SignedSignatureProperties><xades:SigningTime>{now}</xades:SigningTime><xades:SigningCertificateV2><xades:Cert>
<xades:CertDigest><ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/><ds:DigestValue>{certificate}</ds:DigestValue>
</xades:CertDigest></xades:Cert></xades:SigningCertificateV2></xades:SignedSignatureProperties></xades:SignedProperties>
</xades:QualifyingProperties></ds:Object></ds:Signature>"""


def properties_of(root):
    return root.find("ds:Signature/ds:Object/xades:QualifyingProperties/xades:SignedProperties", NAMES)


def signed(document):
    root = etree.fromstring(document.encode("windows-1251"))
    pem = open(os.environ["CERTIFICATE"]).read()
    der = base64.b64decode("".join(pem.split("-----")[2].split()))
    certificate = base64.b64encode(hashlib.sha256(der).digest()).decode()
    method = os.environ.get("METHOD", "ecdsa-sha256")  # rsa-sha256 for an RSA key
    signature = etree.fromstring(SIGNATURE.format(ds=DS, xades=XADES, now=NOW, method=method, certificate=certificate))
    root.append(signature)
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(os.environ["KEY"], xmlsec.KeyFormat.PEM)
    context.key.load_cert_from_file(os.environ["CERTIFICATE"], xmlsec.KeyFormat.PEM)
    context.register_id(properties_of(root), "Id")
    context.sign(signature)
    return etree.tostring(root, encoding="windows-1251", xml_declaration=True)


def verified(answer):
    """The root of a document of the hub, whose signature holds with the hub's own certificate."""
    root = etree.fromstring(answer.content, etree.XMLParser(resolve_entities=False))
    assert root[-1].tag == f"{{{DS}}}Signature" and len(root.findall(".//ds:Signature", NAMES)) == 1
    references = root[-1].findall("ds:SignedInfo/ds:Reference", NAMES)
    assert [reference.get("URI") for reference in references] == ["", "#" + properties_of(root).get("Id")]
    context = xmlsec.SignatureContext()
    context.key = xmlsec.Key.from_file(os.environ["HUB_CERTIFICATE"], xmlsec.KeyFormat.CERT_PEM)
    context.register_id(properties_of(root), "Id")
    context.verify(root[-1])  # raises if it does not hold
    return root


def text(node, name):
    return node.findtext(f"k:{name}", namespaces=NAMES)


session = requests.Session()
session.headers["Authorization"] = f"Bearer {os.environ['TOKEN']}"
document = signed(DOCUMENT)
sent = {"url": f"{HUB}/api/v1/exchange/documents", "data": document, "headers": {"Content-Type": "application/xml"}}
answer = session.post(**sent, timeout=60)
acknowledgement = verified(answer)
assert text(acknowledgement, "digest") == hashlib.sha256(document).hexdigest(), "it is about what was sent"
print(f"{answer.status_code} {text(acknowledgement, 'document')}: {text(acknowledgement, 'outcome')}")
for event in acknowledgement.iterfind("k:events/k:acknowledged_event", NAMES):
    print(f"  {text(event, 'id')} {text(event, 'outcome')}")
for fault in acknowledgement.iterfind("k:faults/k:document_fault", NAMES):
    print(f"  {text(fault, 'code')} in line {text(fault, 'line')}, {text(fault, 'path')}:")
    print(f"    {text(fault, 'detail')}")

# No answer? Send the very same bytes again.
again = session.post(**sent, timeout=60)
print(f"{again.status_code} again, {'the same' if again.content == answer.content else 'another'} acknowledgement")

inbox = verified(session.get(f"{HUB}/api/v1/exchange/documents", timeout=60))
for entry in inbox.iterfind("k:items/k:inbox_entry", NAMES):
    print(f"inbox: {text(entry, 'kind')} {text(entry, 'id')} {text(entry, 'outcome')}")
print(f"go on after {text(inbox, 'next')}")
