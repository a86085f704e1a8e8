"""An SMTP server that keeps what it takes: its port, then one line of JSON for each letter, on standard output.

It wants a name and a password, knows nobody whose address begins with "nobody", and is busy the first time for one that begins
with "later". It ends with its standard input."""

import asyncio
import email
import email.policy
import json
import sys
import threading

from aiosmtpd.smtp import SMTP, AuthResult, LoginPassword


def tell(value):
    print(json.dumps(value), flush=True)


class Keeper:
    def __init__(self):
        self.put_off = set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("nobody"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later") and address not in self.put_off:
            self.put_off.add(address)
            return "451 4.3.0 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        letter = email.message_from_bytes(envelope.content, policy=email.policy.default)
        parts = {}
        for part in letter.walk():
            if not part.is_multipart():
                parts[part.get_content_type()] = part.get_content()
        tell(
            {
                "recipients": envelope.rcpt_tos,
                "sender": envelope.mail_from,
                "headers": {name.lower(): str(value) for name, value in letter.items()},
                "text": parts.get("text/plain"),
                "html": parts.get("text/html"),
            }
        )
        return "250 taken"


def known(server, session, envelope, mechanism, data):
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"barq", b"open sesame")
    return AuthResult(success=good)


def protocol(keeper):
    return SMTP(keeper, authenticator=known, auth_required=True, auth_require_tls=False, enable_SMTPUTF8=True)


async def main():
    keeper = Keeper()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: protocol(keeper), "127.0.0.1", 0)
    over = asyncio.Event()

    def wait():
        sys.stdin.read()
        loop.call_soon_threadsafe(over.set)

    threading.Thread(target=wait, daemon=True).start()
    tell({"port": server.sockets[0].getsockname()[1]})
    await over.wait()


asyncio.run(main())
