"""XAdES by signxml, which others wrote.

    strangers.py verify DOCUMENT ROOT               ends with 0 if the signature over the whole document holds
    strangers.py sign DOCUMENT KEY CERTIFICATE      writes the signed document to the standard output
"""

import sys

from lxml import etree
from signxml import CanonicalizationMethod, SignatureMethod, methods
from signxml.xades import XAdESSignatureConfiguration, XAdESSigner, XAdESVerifier

DS = "{http://www.w3.org/2000/09/xmldsig#}"
EXCLUSIVE = CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0


class Signer(XAdESSigner):
    """Says of each part of the signature in which form it is signed; signxml leaves that out."""

    def _add_reference_to_signed_info(self, sig_root, node_to_reference, **attributes):
        super()._add_reference_to_signed_info(sig_root, node_to_reference, **attributes)
        reference = sig_root.find(f"{DS}SignedInfo")[-1]
        transforms = etree.Element(f"{DS}Transforms")
        etree.SubElement(transforms, f"{DS}Transform", Algorithm=EXCLUSIVE.value)
        reference.insert(0, transforms)


def verify(document, root):
    data = open(document, "rb").read()
    results = XAdESVerifier().verify(
        data, ca_pem_file=root, expect_config=XAdESSignatureConfiguration(expect_references=2)
    )
    whole = etree.fromstring(data)
    assert results[0].signed_xml.tag == whole.tag
    # What was verified is the document without its signature.
    assert len(results[0].signed_xml) == len(whole) - 1


def sign(document, key, certificate):
    key, certificate = open(key).read(), open(certificate).read()
    kind = SignatureMethod.ECDSA_SHA256 if "BEGIN EC" in key or len(key) < 800 else SignatureMethod.RSA_SHA256
    signer = Signer(method=methods.enveloped, signature_algorithm=kind, c14n_algorithm=EXCLUSIVE)
    signed = signer.sign(etree.parse(document).getroot(), key=key, cert=certificate, always_add_key_value=False)
    sys.stdout.buffer.write(etree.tostring(signed, encoding="windows-1251", xml_declaration=True))


{"verify": verify, "sign": sign}[sys.argv[1]](*sys.argv[2:])
