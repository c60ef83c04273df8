"""A mail server that behaves as it is told: aiosmtpd on a free port of loopback.

The first line of standard input is the setting: {"certificate", "key", "user", "password"}, all of which may be missing. The answer
is {"port"}. Each line after it is a manner, {"manner": …}, answered by {}; a manner holds until the next:

take      take every mail
later     refuse every recipient for now (451)
refuse    refuse every recipient for good (550)
hang      never answer a recipient
drop      close the connection after the text of a mail, which is kept
closed    accept no connection

Every mail that was taken, or dropped after its text, is a line: {"from", "to", "subject", "headers", "text", "encrypted", "user"}.
"""

import asyncio
import json
import ssl
import sys
from email import message_from_bytes, policy

from aiosmtpd.smtp import SMTP, AuthResult


class Handler:
    """Does as it is told."""

    def __init__(self):
        self.manner = "take"

    async def handle_RCPT(self, server, session, envelope, address, options):
        """Takes a recipient or not."""
        if self.manner == "hang":
            await asyncio.Event().wait()
        if self.manner == "later":
            return "451 come again later"
        if self.manner == "refuse":
            return f"550 there is no mailbox {address}"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """Tells of a mail, and takes it unless the connection is to break off."""
        message = message_from_bytes(envelope.content, policy=policy.default)
        say({
            "from": envelope.mail_from,
            "to": envelope.rcpt_tos,
            "subject": message["subject"],
            "headers": {name.lower(): str(value) for name, value in message.items()},
            "text": message.get_content().replace("\r\n", "\n"),
            "encrypted": session.ssl is not None,
            "user": getattr(session.auth_data, "login", b"").decode() if session.auth_data else None,
        })
        if self.manner == "drop":
            server.transport.abort()
            await asyncio.Event().wait()
        return "250 taken"


def say(document):
    """One line."""
    print(json.dumps(document), flush=True)


def authenticator(setting):
    """Knows one user."""
    wanted = (setting.get("user", "").encode(), setting.get("password", "").encode())

    def known(server, session, envelope, mechanism, data):
        is_known = (data.login, data.password) == wanted
        return AuthResult(success=is_known, handled=is_known, auth_data=data if is_known else None)

    return known


async def main():
    """Serves until standard input ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    setting = json.loads(await reader.readline())
    handler, options = Handler(), {}
    if "certificate" in setting:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(setting["certificate"], setting["key"])
        options |= {"tls_context": context, "require_starttls": True}
    if "user" in setting:
        options |= {"authenticator": authenticator(setting), "auth_required": True}

    def connected():
        return SMTP(handler, hostname="mail.test", loop=loop, **options)

    server = await loop.create_server(connected, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    say({"port": port})
    while line := await reader.readline():
        handler.manner = json.loads(line)["manner"]
        if handler.manner == "closed":
            server.close()
        elif not server.is_serving():
            server = await loop.create_server(connected, "127.0.0.1", port)
        say({})


asyncio.run(main())
