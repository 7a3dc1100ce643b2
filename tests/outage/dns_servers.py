"""DNS servers that can be paused, killed and started again at the port they had. Processes of their own, each group
signalled as one: nsd is several.
"""

import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

import hosts
from nameserver import wire_name
from nsd_server import die_with_parent
from daemon import free_address
from signing import tool

_SOA = 6
_LIMIT = 20  # seconds a server may take to start, stop or go on


def _own_group():
    # Not a session of its own: then the kernel sees to it that the group goes on, and so to its end, if the test dies
    # while it is paused.
    os.setpgid(0, 0)
    die_with_parent()


class DnsServer:
    """A server that knows hosts.ZONE, on an address drawn by lot.

    That is not 127.0.0.1, from which milter clients connect: the port has to stay free while nobody is there.
    """

    def __init__(self):
        self.host, self.port = free_address()
        self._process = None

    @property
    def address(self):
        return "%s@%d" % (self.host, self.port)

    def command(self):
        raise NotImplementedError

    def start(self):
        self._spawn()
        self._wait_until(self._answers_or_spawned, "answer")

    def _spawn(self):
        self._process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                         preexec_fn=_own_group)

    def _answers_or_spawned(self):
        """Once more if it has given up: somebody's question may have gone out from its port just then."""
        try:
            self._process.wait(0.02)
            self._spawn()
        except subprocess.TimeoutExpired:
            pass
        return self._answers()

    def pause(self):
        """Datagrams to it are lost in silence, or lie in its buffer until it goes on."""
        os.killpg(self._process.pid, signal.SIGSTOP)
        self._wait_until(lambda: self._states() <= set("TZX"), "stop")

    def resume(self):
        os.killpg(self._process.pid, signal.SIGCONT)
        self._wait_until(self._answers, "go on")

    def kill(self):
        """Datagrams to it are answered by the kernel: port unreachable."""
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._wait_until(lambda: self._states() <= set("ZX"), "end")
        self._process = None

    def close(self):
        if self._process is not None:
            self.kill()

    def _states(self):
        """The states of its processes (proc(5)): T stopped, Z and X ended."""
        states = set()
        for entry in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                state, _, group = entry.read_text(errors="replace").rpartition(")")[2].split()[:3]
            except OSError:  # it has just ended
                continue
            if int(group) == self._process.pid:
                states.add(state)
        return states

    def _answers(self):
        query = struct.pack("!HHHHHH", 4711, 0x0100, 1, 0, 0, 0) + wire_name(hosts.ZONE) + struct.pack("!HH", _SOA, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.05)
            client.connect((self.host, self.port))
            try:
                client.send(query)
                answer = client.recv(4096)
            except OSError:  # silence, or nobody there
                return False
        return answer[:2] == query[:2] and answer[3] & 0x0F == 0

    def _wait_until(self, holds, what):
        limit = time.monotonic() + _LIMIT
        while not holds():
            if time.monotonic() > limit:
                raise AssertionError("%s does not %s" % (type(self).__name__, what))


class Nsd(DnsServer):
    """Authoritative for the zones of hosts.py."""

    def __init__(self):
        super().__init__()
        self._folder = tempfile.mkdtemp(prefix="heloguard-outage-")

    def command(self):
        lines = ["server:", "ip-address: " + self.address, "server-count: 1", 'username: ""', 'chroot: ""',
                 'database: ""', "rrl-ratelimit: 0", "zonefiles-write: 0", 'zonesdir: "%s"' % self._folder]
        lines += ['%s: "%s/%s"' % (setting, self._folder, file) for setting, file in (
            ("pidfile", "nsd.pid"), ("logfile", "nsd.log"), ("xfrdfile", "xfrd.state"), ("zonelistfile", "zone.list"),
            ("xfrdir", ""), ("cookie-secret-file", "cookies"))]
        lines += ["remote-control:", "control-enable: no"]
        for zone, text in hosts.zone_files().items():
            self._write(zone, text)
            lines += ["zone:", 'name: "%s"' % zone, 'zonefile: "%s"' % zone]
        return [tool("nsd"), "-d", "-c", self._write("nsd.conf", "\n".join(lines) + "\n")]

    def stub_config(self):
        """A file for dns.unbound_config that asks this server. Private networks would be answered by libunbound."""
        lines = ["server:", "do-not-query-localhost: no", "unblock-lan-zones: yes"]
        for zone in hosts.zone_files():
            lines += ["stub-zone:", 'name: "%s"' % zone, "stub-addr: " + self.address]
        return self._write("unbound.conf", "\n".join(lines) + "\n")

    def close(self):
        super().close()
        shutil.rmtree(self._folder)

    def _write(self, name, text):
        path = os.path.join(self._folder, name)
        with open(path, "w", encoding="ascii") as file:
            file.write(text)
        return path


class Resolver(DnsServer):
    """Answers for whoever forwards to it."""

    def command(self):
        script = str(pathlib.Path(__file__).with_name("resolver.py"))
        return [sys.executable, "-B", script, self.host, str(self.port)]
