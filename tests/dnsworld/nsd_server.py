"""nsd on a free port of 127.0.0.1, serving the zones of the DNS test world. Needs the package nsd."""

import ctypes
import signal
import socket
import struct
import subprocess
import time

import zones as zone_tables
from scripted_server import bound_pair
from signing import DnsWorldError, file_of, tool

_QTYPE_SOA = 6


def die_with_parent():
    # Linux: a killed test must not leave its nsd behind. The signal comes when the starting thread ends, so start
    # worlds from a thread that outlives them.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Nsd:
    """nsd on a free port, serving the zones of `folder`."""

    def __init__(self, folder, run_dir):
        self._process = None
        for _ in range(5):  # somebody else may take the port between choosing it and nsd's bind
            udp, tcp = bound_pair()
            self.port = udp.getsockname()[1]
            udp.close()
            tcp.close()
            config = run_dir / "nsd.conf"
            config.write_text(self._config(folder, run_dir))
            self._log = run_dir / "nsd.log"
            self._process = subprocess.Popen([tool("nsd"), "-d", "-c", str(config)], stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                             preexec_fn=die_with_parent)
            if self._ready():
                return
            self.close()
        raise DnsWorldError(f"nsd does not answer: {self._log.read_text() if self._log.exists() else 'no log'}")

    def _config(self, folder, run_dir):
        lines = ["server:", f"  ip-address: 127.0.0.1@{self.port}", "  server-count: 1", '  username: ""',
                 '  chroot: ""', '  database: ""', "  rrl-ratelimit: 0", "  hide-version: yes", "  zonefiles-write: 0",
                 f'  zonesdir: "{folder}"', f'  pidfile: "{run_dir}/nsd.pid"', f'  logfile: "{run_dir}/nsd.log"',
                 f'  xfrdfile: "{run_dir}/xfrd.state"', f'  zonelistfile: "{run_dir}/zone.list"',
                 f'  xfrdir: "{run_dir}"', f'  cookie-secret-file: "{run_dir}/cookies"', "remote-control:",
                 "  control-enable: no"]
        for name in zone_tables.kinds():
            # For a zone without its file nsd answers SERVFAIL.
            lines += ["zone:", f'  name: "{name}"', f'  zonefile: "{file_of(name)}"']
        return "\n".join(lines) + "\n"

    def _ready(self):
        query = struct.pack(">HHHHHH", 4711, 0, 1, 0, 0, 0) + b"\x00" + struct.pack(">HH", _QTYPE_SOA, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(0.05)
            client.connect(("127.0.0.1", self.port))
            deadline = time.monotonic() + 20
            while time.monotonic() < deadline and self._process.poll() is None:
                try:
                    client.send(query)
                    answer = client.recv(4096)
                    if answer[:2] == query[:2] and answer[3] & 0x0F == 0:
                        return True
                except socket.timeout:
                    continue
                except ConnectionRefusedError:  # nothing is bound yet, or nsd has given up
                    try:
                        self._process.wait(0.02)
                    except subprocess.TimeoutExpired:
                        continue
        return False

    def close(self):
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None
