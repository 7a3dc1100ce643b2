"""A name server on loopback for tests: answers from a table and keeps quiet where told to."""
import socket
import struct
import threading

TYPES = {"A": 1, "SOA": 6, "PTR": 12, "MX": 15, "TXT": 16, "AAAA": 28}
ANY_SOA = "ns.test root.test 1 60 60 60 60"
SILENT = object()


def wire_name(text):
    return b"".join(bytes([len(label)]) + label.encode() for label in text.rstrip(".").split(".") if label) + b"\0"


def wire_data(kind, value):
    if kind == "A":
        return socket.inet_pton(socket.AF_INET, value)
    if kind == "AAAA":
        return socket.inet_pton(socket.AF_INET6, value)
    if kind == "MX":
        preference, name = value.split()
        return struct.pack("!H", int(preference)) + wire_name(name)
    if kind == "TXT":
        return bytes([len(value)]) + value.encode()
    if kind == "SOA":
        words = value.split()
        return wire_name(words[0]) + wire_name(words[1]) + struct.pack("!IIIII", *map(int, words[2:]))
    return wire_name(value)


class NameServer:
    """`zone`: {(name, type): [values]} or SILENT in place of the values; what is not there is NXDOMAIN. Every name has a SOA
    record, so that a resolver finds this server well."""

    def __init__(self, zone):
        self.zone = {(name.lower(), kind): values for (name, kind), values in zone.items()}
        self.asked = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        # An empty datagram from ourselves ends the loop.
        self.socket.sendto(b"", ("127.0.0.1", self.port))
        self.thread.join()
        self.socket.close()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            if not query:
                return
            answer = self.answer(query)
            if answer:
                self.socket.sendto(answer, client)

    def answer(self, query):
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1").lower())
            at += 1 + query[at]
        question = query[12:at + 5]
        (number,) = struct.unpack("!H", query[at + 1:at + 3])
        kind = {value: key for key, value in TYPES.items()}.get(number, str(number))
        name = ".".join(labels)
        self.asked.append((name, kind))
        values = self.zone.get((name, kind), [ANY_SOA] if kind == "SOA" else [])
        if values is SILENT:
            return b""
        exists = values or any(key[0] == name for key in self.zone)
        header = query[:2] + struct.pack("!HHHHH", 0x8180 | (0 if exists else 3), 1, len(values), 0 if values else 1, 0)
        records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", number, 1, 300, len(wire_data(kind, v))) + wire_data(kind, v)
                           for v in values)
        soa = wire_data("SOA", ANY_SOA)
        authority = b"" if values else b"\0" + struct.pack("!HHIH", 6, 1, 60, len(soa)) + soa
        return header + question + records + authority
