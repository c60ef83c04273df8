"""The front of an authority for certificates: passes on to Pebble what it is asked, or answers by itself as a test says.

Arguments: the folder of the test, where `authority.crt` and `authority.key` are. The manner stands in the file `manner` there and is
looked at for each request:

pass              pass everything on; a connection is closed without an answer while Pebble is away
throttle SECONDS  refuse orders with 429 and Retry-After, as RFC 8555 section 6.6 has it
busy SECONDS      refuse everything with 429 and Retry-After, without a problem in JSON
fail              refuse everything with 503 and a page for people

Each request is a line in the file `asked`: method and path. The line `ready` on standard output says that connections are taken.
"""

import http.client
import http.server
import json
import pathlib
import ssl
import sys

FOLDER = pathlib.Path(sys.argv[1])
PORT = 14001
PEBBLE = ("127.0.0.1", 14000)
ORDERS = "/order-plz"
# What belongs to one connection, or is said here anyway.
HOP_BY_HOP = {"connection", "content-length", "date", "keep-alive", "transfer-encoding"}


class Front(http.server.BaseHTTPRequestHandler):
    """Answers one request on each connection."""

    protocol_version = "HTTP/1.1"

    def answer(self):
        """Does as it is told."""
        length = int(self.headers.get("content-length", 0))
        body = self.rfile.read(length)
        with open(FOLDER / "asked", "a", encoding="ascii") as asked:
            asked.write(f"{self.command} {self.path}\n")
        manner, *seconds = (FOLDER / "manner").read_text(encoding="ascii").split()
        wait = {"Retry-After": seconds[0]} if seconds else {}
        if manner == "fail":
            page = b"<h1>We are down</h1>"
            self.reply(503, {"Content-Type": "text/html"}, page)
        elif manner == "busy":
            self.reply(429, {"Content-Type": "text/html", **wait}, b"<h1>Later</h1>")
        elif manner == "throttle" and self.path == ORDERS:
            problem = {
                "type": "urn:ietf:params:acme:error:rateLimited",
                "detail": "too many orders lately",
                "status": 429,
            }
            kind = {"Content-Type": "application/problem+json"}
            self.reply(429, {**kind, **wait}, json.dumps(problem).encode())
        else:
            self.pass_on(body)

    do_GET = do_HEAD = do_POST = answer

    def pass_on(self, body):
        """Asks Pebble the same, under the name by which it was asked here."""
        unverified = ssl.create_default_context()
        unverified.check_hostname = False
        unverified.verify_mode = ssl.CERT_NONE
        pebble = http.client.HTTPSConnection(*PEBBLE, context=unverified, timeout=30)
        try:
            pebble.request(self.command, self.path, body or None, dict(self.headers.items()))
            answer = pebble.getresponse()
            read = answer.read()
        except OSError:
            self.close_connection = True
            return
        finally:
            pebble.close()
        headers = {
            name: value
            for name, value in answer.getheaders()
            if name.lower() not in HOP_BY_HOP
        }
        self.reply(answer.status, headers, read)

    def reply(self, status, headers, body):
        """Answers, and ends the connection."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        """The file has them."""


def main():
    """Serves until it is ended."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(FOLDER / "authority.crt", FOLDER / "authority.key")
    server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Front)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    print("ready", flush=True)
    server.serve_forever()


main()
