"""Verifies a container with programs that others wrote: `strangers.py pyasice|signxml CONTAINER ROOT`. Ends with 0 if it holds."""

import sys
import zipfile


def with_oscrypto_that_counts_beyond_nine():
    """A library of pyasice reads the version of OpenSSL as three digits, and does not start with 3.0.19."""
    import re

    search = re.search

    def search_longer(pattern, *arguments):
        if pattern == "\\b(\\d\\.\\d\\.\\d[a-z]*)\\b":
            pattern = "\\b(\\d+\\.\\d+\\.\\d+[a-z]*)\\b"
        return search(pattern, *arguments)

    re.search = search_longer
    try:
        import oscrypto._openssl._libcrypto  # noqa: F401
    finally:
        re.search = search


def with_pyasice(container, _root):
    """The archive, its manifest, the digest of the signed properties and the value of the signature, but no digest of a file."""
    with_oscrypto_that_counts_beyond_nine()
    import pyasice

    with pyasice.Container.open(container) as opened:
        opened.verify_container()
        opened.verify_signatures()
        assert opened.has_data_files()
        for signature in opened.iter_signatures():
            assert signature.get_signing_time().endswith("Z")


def with_signxml(container, root):
    """Schema, digests of files and signed properties, the value of the signature, the certificate up to the root."""
    from signxml.xades import XAdESVerifier, XAdESSignatureConfiguration

    archive = zipfile.ZipFile(container)
    data = archive.read("META-INF/signatures.xml")
    names = set(archive.namelist())
    references = data.count(b"<ds:Reference ")
    asked = []

    def read(uri):
        name = uri.removeprefix("/")
        assert name in names, uri
        asked.append(name)
        return archive.read(name)

    verified = XAdESVerifier().verify(
        data,
        ca_pem_file=root,
        uri_resolver=read,
        expect_config=XAdESSignatureConfiguration(expect_references=references),
    )
    assert len(verified) == references
    assert asked, "no file was read"


def main():
    tool, container, root = sys.argv[1:]
    {"pyasice": with_pyasice, "signxml": with_signxml}[tool](container, root)


main()
