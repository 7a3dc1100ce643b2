"""The MTA's side of the milter protocol, as plain as possible: one method an event, nothing checked on the way out."""

import socket
import struct

# Actions and steps of protocol version 6 (libmilter/mfdef.h).
ALL_ACTIONS = 0x1FF
ALL_STEPS = 0x1FFFFF
SET_SYMLIST = 0x100
NO_REPLY = {"L": 0x80, "C": 0x1000, "H": 0x2000, "M": 0x4000, "R": 0x8000}

CONTINUE, REJECT, TEMPFAIL, NO_ANSWER = "continue", "reject", "tempfail", "no answer"
_WORDS = {b"c": CONTINUE, b"r": REJECT, b"t": TEMPFAIL, b"a": "accept", b"d": "discard"}


def packet(command, data=b""):
    return struct.pack("!I", len(data) + 1) + command + data


def cstrings(*texts):
    return b"".join((t if isinstance(t, bytes) else t.encode()) + b"\0" for t in texts)


class Terms:
    """What the milter asked for."""

    def __init__(self, data):
        self.version, self.actions, self.steps = struct.unpack("!III", data[:12])
        self.macros = {}
        rest = data[12:]
        while rest:
            stage = struct.unpack("!I", rest[:4])[0]
            text, rest = rest[4:].split(b"\0", 1)
            self.macros[stage] = text.decode()


class MilterClient:
    def __init__(self, address, timeout=20):
        """`address`: a path, or a tuple for socket.create_connection."""
        if isinstance(address, str):
            self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            self.socket.settimeout(timeout)
            self.socket.connect(address)
        else:
            self.socket = socket.create_connection(address, timeout)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.steps = 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    # --- bytes ---

    def send(self, data):
        self.socket.sendall(data)

    def _read(self, count):
        data = b""
        while len(data) < count:
            got = self.socket.recv(count - len(data))
            if not got:
                raise EOFError("the milter closed the connection")
            data += got
        return data

    def receive(self):
        """One packet: command and data. EOFError if the milter closed the connection."""
        length = struct.unpack("!I", self._read(4))[0]
        data = self._read(length)
        return data[:1], data[1:]

    def answer(self):
        """One answer: a word, or the text of a reply ("550 5.7.1 no")."""
        command, data = self.receive()
        if command == b"y":
            return data.rstrip(b"\0").decode("latin-1")
        return _WORDS[command]

    # --- events ---

    def negotiate(self, version=6, actions=ALL_ACTIONS, steps=ALL_STEPS):
        self.send(packet(b"O", struct.pack("!III", version, actions, steps)))
        command, data = self.receive()
        assert command == b"O", command
        terms = Terms(data)
        self.steps = terms.steps
        return terms

    def macros(self, command, **values):
        """Names of more than one letter get their braces here."""
        pairs = []
        for name, value in values.items():
            pairs += [name if len(name) == 1 else "{%s}" % name, value]
        self.send(packet(b"D", command.encode() + cstrings(*pairs)))

    def event(self, command, data=b""):
        self.send(packet(command.encode(), data))
        if self.steps & NO_REPLY.get(command, 0):
            return NO_ANSWER
        return self.answer()

    def connect(self, address="192.0.2.1", family=None, port=12345, name="client.example"):
        family = family or ("6" if ":" in address else "4")
        data = cstrings(name) + family.encode()
        if family != "U":
            data += struct.pack("!H", port) + cstrings(address)
        return self.event("C", data)

    def helo(self, text):
        return self.event("H", cstrings(text))

    def mail(self, address="<sender@example.com>", *parameters):
        return self.event("M", cstrings(address, *parameters))

    def rcpt(self, address="<user@example.net>", *parameters):
        return self.event("R", cstrings(address, *parameters))

    def header(self, name, value):
        return self.event("L", cstrings(name, value))

    def end_of_message(self):
        return self.event("E")

    def end_with_changes(self):
        """The end of the message: the milter's answer, and what it changes before it, in order: ("delete" or "change",
        name, number) or ("insert", name, place, value)."""
        self.send(packet(b"E"))
        changes = []
        while True:
            command, data = self.receive()
            if command == b"y":
                return data.rstrip(b"\0").decode("latin-1"), changes
            if command not in b"im":
                return _WORDS[command], changes
            number = struct.unpack("!I", data[:4])[0]
            name, value = data[4:].decode("latin-1").split("\0")[:2]
            if command == b"i":
                changes.append(("insert", name, number, value))
            else:
                changes.append(("change" if value else "delete", name, number))

    def abort(self):
        self.send(packet(b"A"))

    def quit(self):
        """Waits for the milter to close: libmilter does not read on from a unix socket whose peer has closed."""
        self.send(packet(b"Q"))
        assert self.socket.recv(1) == b""
        self.close()

    def quit_new_connection(self):
        self.send(packet(b"K"))

    def close(self):
        self.socket.close()

    def start(self, helo="mail.example.com", address="192.0.2.1"):
        """Negotiation, connect and HELO; returns the answer to HELO."""
        self.negotiate()
        self.connect(address)
        return self.helo(helo)
