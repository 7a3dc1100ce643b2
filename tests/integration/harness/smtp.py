"""A small SMTP client that hides nothing: raw bytes, pipelining, XCLIENT, STARTTLS, AUTH.

It sends exactly what it is told and reads replies line by line; nothing is retried, added or put into another order.
"""

import base64
import re
import select
import socket
import ssl
from typing import NamedTuple

from .workplace import PATIENCE


class Closed(Exception):
    """The server closed the connection."""


class Reply(NamedTuple):
    code: int
    lines: tuple

    @property
    def text(self):
        return "\n".join(self.lines)

    def __str__(self):
        return f"{self.code} {self.text}"


def _xtext(value):
    return re.sub(r"[^!-*,-<>-~]", lambda match: f"+{ord(match.group(0)):02X}", value)


class SmtpClient:
    """One connection, greeted on construction: `greeting` is the server's first reply."""

    def __init__(self, port, host="127.0.0.1", source=None):
        self._socket = socket.create_connection((host, port), timeout=PATIENCE,
                                                source_address=(source, 0) if source else None)
        self._buffer = b""
        self.greeting = self.read_reply()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._socket.close()

    def send(self, octets):
        self._socket.sendall(octets)

    def _read_line(self):
        while b"\n" not in self._buffer:
            try:
                octets = self._socket.recv(4096)
            except ConnectionResetError:
                octets = b""
            if not octets:
                raise Closed(self._buffer.decode(errors="replace"))
            self._buffer += octets
        line, self._buffer = self._buffer.split(b"\n", 1)
        return line.rstrip(b"\r").decode("utf-8", "backslashreplace")

    def readable(self):
        """Whether something has come that was not read."""
        return bool(self._buffer or select.select([self._socket], [], [], 0)[0])

    def read_reply(self):
        lines = []
        while True:
            line = self._read_line()
            lines.append(line[4:])
            if line[3:4] != "-":
                return Reply(int(line[:3]), tuple(lines))

    def command(self, text):
        """Sends one line (str, or bytes for what is not text) and reads its reply."""
        octets = text if isinstance(text, bytes) else text.encode("utf-8")
        self.send(octets + b"\r\n")
        return self.read_reply()

    def raw_reply(self, text):
        """Sends one line; the lines of its reply as they came, without their ends."""
        self.send(text.encode("utf-8") + b"\r\n")
        lines = [self._read_line()]
        while lines[-1][3:4] == "-":
            lines.append(self._read_line())
        return lines

    def pipeline(self, *texts):
        """Sends all lines in one write, then reads as many replies."""
        self.send(b"".join(text.encode("utf-8") + b"\r\n" for text in texts))
        return [self.read_reply() for _ in texts]

    def ehlo(self, name):
        return self.command(f"EHLO {name}")

    def helo(self, name):
        return self.command(f"HELO {name}")

    def mail(self, sender="sender@client.example"):
        return self.command(f"MAIL FROM:<{sender}>")

    def rcpt(self, recipient):
        return self.command(f"RCPT TO:<{recipient}>")

    def message(self, body="Subject: a test\r\n\r\nhello\r\n"):
        """DATA and a message; the reply is the last one given."""
        reply = self.command("DATA")
        if reply.code != 354:
            return reply
        self.send(body.encode() + b".\r\n")
        return self.read_reply()

    def quit(self):
        return self.command("QUIT")

    def xclient(self, **attributes):
        """Postfix's XCLIENT; the reply is the new greeting."""
        words = " ".join(f"{name}={_xtext(value)}" for name, value in attributes.items())
        return self.command(f"XCLIENT {words}")

    def starttls(self):
        """STARTTLS and the handshake; the certificate is self-signed and taken as it is."""
        reply = self.command("STARTTLS")
        if reply.code == 220:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            self._socket = context.wrap_socket(self._socket)
            self._buffer = b""
        return reply

    def auth_plain(self, user, password):
        token = base64.b64encode(f"\0{user}\0{password}".encode()).decode()
        return self.command(f"AUTH PLAIN {token}")

    def closed_by_server(self):
        """Reads to the end; True once the server has closed."""
        try:
            while True:
                self._read_line()
        except Closed:
            return True
