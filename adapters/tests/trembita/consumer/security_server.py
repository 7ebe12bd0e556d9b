"""A stranger where the security server stands: answers as the protocol's documents have it, with nothing of the hub's own code.

Prints its port. By SOAP it answers with other prefixes, in another order, with the hash of the request; by REST it adds what
X-Road's servers add. A certificate of the authority is demanded of whoever asks.
"""

import base64
import email
import email.policy
import hashlib
import http.server
import json
import ssl
import sys
import uuid
import xml.etree.ElementTree as tree

SOAP = "{http://schemas.xmlsoap.org/soap/envelope/}"
XROAD = "{http://x-road.eu/xsd/xroad.xsd}"
IDENTIFIERS = "{http://x-road.eu/xsd/identifiers}"
OF_CONNECTION = {
    "transfer-encoding", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "upgrade", "connection",
    "user-agent", "host", "content-length", "server", "expect", "x-road-request-id", "x-road-request-hash",
}


def sha512(data):
    return hashlib.sha512(data).digest()


class SecurityServer(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers, body):
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
        self.close_connection = True

    def body(self):
        return self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self):
        self.rest()

    def do_POST(self):
        if self.path == "/":
            self.soap()
        else:
            self.rest()

    def parts(self):
        """The message, and what came beside it: its types, ids and bytes."""
        content_type = self.headers["Content-Type"]
        whole = email.message_from_bytes(b"Content-Type: " + content_type.encode() + b"\r\n\r\n" + self.body(), policy=email.policy.HTTP)
        first, *others = whole.iter_parts() if whole.is_multipart() else [whole]
        told = [first.get_content_type()]
        told += [f"{own.get_content_type()} {own['Content-ID']} {own.get_payload(decode=True).hex()}" for own in others]
        return first.get_payload(decode=True), told if others else []

    def soap(self):
        asked, beside = self.parts()
        header = tree.fromstring(asked).find(f"{SOAP}Header")
        body = tree.fromstring(asked).find(f"{SOAP}Body")[0]
        code = header.find(f"{XROAD}service/{IDENTIFIERS}serviceCode").text
        assert body.tag.rsplit("}", 1)[-1] == code, body.tag
        tree.register_namespace("xroad", XROAD[1:-1])
        tree.register_namespace("id", IDENTIFIERS[1:-1])
        tree.register_namespace("SOAP-ENV", SOAP[1:-1])
        envelope = tree.Element(f"{SOAP}Envelope")
        answered = tree.SubElement(envelope, f"{SOAP}Header")
        for element in sorted(header, key=lambda own: own.tag, reverse=True):
            answered.append(element)
        digest = tree.SubElement(answered, f"{XROAD}requestHash", algorithmId="http://www.w3.org/2001/04/xmlenc#sha512")
        # As long lines are written: broken.
        digest.text = base64.encodebytes(sha512(asked)).decode()
        response = tree.SubElement(tree.SubElement(envelope, f"{SOAP}Body"), "{urn:stranger}" + code + "Response")
        response.text = "".join(body.itertext())[::-1] + "; ".join(beside)
        self.answer(200, [("Content-Type", 'text/xml; charset="utf-8"')], tree.tostring(envelope, "utf-8", xml_declaration=True))

    def rest(self):
        body = self.body()
        if "X-Road-Client" not in self.headers:
            told = {"type": "Client.BadRequest", "message": "Error parsing header: X-Road-Client", "detail": str(uuid.uuid4())}
            return self.answer(400, [("X-Road-Error", told["type"])], json.dumps(told).encode())
        _, version, *service = self.path.split("?")[0].split("/")
        assert version == "r1" and len(service) >= 5, self.path
        request_id = str(uuid.uuid4())
        lines = [f"{self.command}\r\n{self.path}\r\n"]
        lines += [f"{name}:{value}\r\n" for name, value in self.headers.items() if name.lower() not in OF_CONNECTION]
        lines.append(f"x-road-request-id:{request_id}\r\n")
        proof = sha512("".join(lines).encode("latin-1"))
        if body:
            proof = sha512(proof + sha512(body))
        told = {"path": "/" + "/".join(service[5:]), "body": body.decode()}
        self.answer(200, [
            ("Content-Type", "application/json"),
            ("x-road-id", self.headers["X-Road-Id"]),
            ("x-road-client", self.headers["X-Road-Client"]),
            ("x-road-service", "/".join(service[:5])),
            ("x-road-request-id", request_id),
            ("x-road-request-hash", base64.b64encode(proof).decode()),
        ], json.dumps(told).encode())


def main():
    certificate, key, authority = sys.argv[1:]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), SecurityServer)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=authority)
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print(server.server_address[1], flush=True)
    server.serve_forever()


main()
