"""Stands in for the National Bank while a hub is fuzzed: the same rate for every day that is asked for, in the bank's own form.

    nbu.py     prints its address when it listens, and answers until it is ended
"""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


class Bank(BaseHTTPRequestHandler):
    def do_GET(self):
        asked = parse_qs(urlsplit(self.path).query)
        day = asked["date"][0]
        row = {"r030": 978, "txt": "Євро", "rate": 48.1234, "cc": asked["valcode"][0]}
        body = json.dumps([row | {"exchangedate": f"{day[6:]}.{day[4:6]}.{day[:4]}"}]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bank)
    print(f"http://127.0.0.1:{server.server_port}/exchange", flush=True)
    server.serve_forever()
