"""DNS servers with one fault each, on free ports of 127.0.0.1. They ask a sound server and spoil its answer.

One thread serves them all, over UDP and TCP.
"""

import functools
import heapq
import itertools
import selectors
import socket
import struct
import threading
import time
from typing import Callable, NamedTuple

_RESPONSE, _AUTHORITATIVE, _TRUNCATED, _RECURSIVE = 0x8000, 0x0400, 0x0200, 0x0080
_REFUSED, _SERVFAIL, _NXDOMAIN = 5, 2, 3
_NS, _AAAA, _IN = 2, 28, 1
_MAX_DATAGRAM = 1232


def bound_pair():
    """A UDP and a listening TCP socket on one free port of 127.0.0.1."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            tcp.bind(udp.getsockname())
            tcp.listen(128)
            return udp, tcp
        except OSError:
            udp.close()
            tcp.close()


# --- messages ---

def _question(query):
    """The question section of a query."""
    end = 12
    while end < len(query) and query[end] != 0:
        end += query[end] + 1
    return query[12:end + 5]


def _message(query, flags, counts=(0, 0, 0), records=b""):
    return query[:2] + struct.pack(">HHHHH", _RESPONSE | flags, 1, *counts) + _question(query) + records


def _framed(message):
    return struct.pack(">H", len(message)) + message


# --- faults: what is sent for a query; `ask` gets the sound answer. None: nothing, ever ---

def _sound(query, ask):
    return ask(query)


def _nothing(_query, _ask):
    return None


def _with_flags(flags):
    return lambda query, ask: _message(query, flags)


def _wrong_id(query, ask):
    answer = ask(query)
    return bytes([answer[0] ^ 0xA5, answer[1] ^ 0x5A]) + answer[2:]


def _other_question(query, ask):
    """The sound answer, with one letter of the name asked for changed, and so of all names that point to it."""
    answer = bytearray(ask(query))
    answer[13] ^= 1
    return bytes(answer)


def _garbage(query, _ask):
    return query[:2] + bytes((37 * i + 0x84) % 256 for i in range(200))


def _pointer_loop(query, _ask):
    """One record, whose owner and data are a compression pointer to itself."""
    here = 12 + len(_question(query))
    qtype = _question(query)[-4:-2]
    owner = struct.pack(">H", 0xC000 | here)
    data = struct.pack(">H", 0xC000 | (here + 12))
    return _message(query, _AUTHORITATIVE, (1, 0, 0), owner + qtype + struct.pack(">HIH", _IN, 300, 2) + data)


def _cut(query, ask):
    """The sound answer up to the first octets of its first record's data, without the bit that says so."""
    return ask(query)[:12 + len(_question(query)) + 15]


def _upward(query, _ask):
    """A referral to the root, as servers gave for zones that they did not know."""
    target = b"\x03ns1\x0bnameservice\x03net\x00"
    return _message(query, 0, (0, 1, 0), b"\x00" + struct.pack(">HHIH", _NS, _IN, 300, len(target)) + target)


def _for_aaaa(rcode):
    """The sound answer, but to questions for AAAA this code."""
    def answer(query, ask):
        if _question(query)[-4:-2] == struct.pack(">H", _AAAA):
            return _message(query, _AUTHORITATIVE | rcode)
        return ask(query)
    return answer


class Fault(NamedTuple):
    datagram: Callable = _sound   # what is answered over UDP
    stream: Callable = _sound     # over TCP
    delay: float = 0.0            # seconds, before either
    announced: int = 0            # octets that a TCP answer's length has too many; the connection is closed behind it


def _over_both(answer):
    return Fault(answer, answer)


FAULTS = {
    "silent": _over_both(_nothing),
    "refused": _over_both(_with_flags(_REFUSED)),
    "slow": Fault(delay=0.3),
    "late": Fault(delay=6.0),  # a resolver that waits for one packet this long is past any deadline of ours
    "tcp-only": Fault(_with_flags(_TRUNCATED)),
    "tcp-broken": Fault(_with_flags(_TRUNCATED), announced=100),
    "tcp-silent": Fault(_with_flags(_TRUNCATED), _nothing),
    "wrong-id": _over_both(_wrong_id),
    "other-question": _over_both(_other_question),
    "garbage": _over_both(_garbage),
    "pointer-loop": _over_both(_pointer_loop),
    "cut": _over_both(_cut),
    "lame": _over_both(_with_flags(_RECURSIVE)),       # a resolver that nobody told of the zone: no error, no data
    "empty": _over_both(_with_flags(_AUTHORITATIVE)),  # no error, no data, no SOA
    "upward": _over_both(_upward),
    "aaaa-servfail": _over_both(_for_aaaa(_SERVFAIL)),
    "aaaa-nxdomain": _over_both(_for_aaaa(_NXDOMAIN)),
}


# --- the servers ---

class ScriptedServers:
    """One server for each of FAULTS, from the start until close(). `ports` has their ports by fault."""

    def __init__(self, upstream_port):
        self._upstream = ("127.0.0.1", upstream_port)
        self._selector = selectors.DefaultSelector()
        self._sockets = set()
        self._later = []  # heap of (when, number, action)
        self._number = itertools.count()
        self.ports = {}
        for name, fault in FAULTS.items():
            udp, tcp = bound_pair()
            self.ports[name] = udp.getsockname()[1]
            self._watch(udp, functools.partial(self._datagram, fault))
            self._watch(tcp, functools.partial(self._accept, fault))
        self._stop, stop = socket.socketpair()
        self._watch(stop, None)
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self):
        self._stop.close()
        self._thread.join()
        self._selector.close()
        for each in self._sockets:
            each.close()

    def _watch(self, sock, handler):
        self._sockets.add(sock)
        self._selector.register(sock, selectors.EVENT_READ, handler)

    def _forget(self, sock):
        if sock in self._sockets:
            self._sockets.remove(sock)
            self._selector.unregister(sock)
            sock.close()

    def _serve(self):
        while True:
            wait = max(0.0, self._later[0][0] - time.monotonic()) if self._later else None
            for key, _ in self._selector.select(wait):
                if key.data is None:  # the other end is closed: the word to stop
                    return
                key.data(key.fileobj)
            while self._later and self._later[0][0] <= time.monotonic():
                heapq.heappop(self._later)[2]()

    def _after(self, delay, action):
        if delay:
            heapq.heappush(self._later, (time.monotonic() + delay, next(self._number), action))
        else:
            action()

    def _answer(self, spoil, query):
        try:
            return spoil(query, self._ask)
        except (OSError, struct.error):
            return None  # the sound server is silent, and so are we

    def _ask(self, query):
        with socket.create_connection(self._upstream, timeout=2) as upstream:
            upstream.sendall(_framed(query))
            answer = upstream.makefile("rb")
            return answer.read(struct.unpack(">H", answer.read(2))[0])

    def _datagram(self, fault, sock):
        query, peer = sock.recvfrom(4096)
        if len(query) < 12:
            return

        def reply():
            answer = self._answer(fault.datagram, query)
            if answer is not None and len(answer) > _MAX_DATAGRAM:
                answer = _message(query, _AUTHORITATIVE | _TRUNCATED)
            if answer is not None:
                sock.sendto(answer, peer)
        self._after(fault.delay, reply)

    def _accept(self, fault, listener):
        connection, _ = listener.accept()
        connection.settimeout(2)
        self._watch(connection, functools.partial(self._stream, fault, bytearray()))

    def _stream(self, fault, received, connection):
        try:
            data = connection.recv(4096)
        except OSError:
            data = b""
        if not data:
            self._forget(connection)
            return
        received += data
        while len(received) >= 2 and len(received) >= 2 + struct.unpack(">H", received[:2])[0]:
            end = 2 + struct.unpack(">H", received[:2])[0]
            query = bytes(received[2:end])
            del received[:end]
            self._after(fault.delay, functools.partial(self._reply_over, connection, fault, query))

    def _reply_over(self, connection, fault, query):
        answer = self._answer(fault.stream, query)
        if answer is None or connection not in self._sockets:
            return
        try:
            connection.sendall(struct.pack(">H", len(answer) + fault.announced) + answer)
        except OSError:
            self._forget(connection)  # the resolver has given up
            return
        if fault.announced:
            self._forget(connection)
