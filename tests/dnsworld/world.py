#!/usr/bin/env python3
"""A signed DNS tree on loopback, for tests: nsd on a free port, a server that never answers, one that refuses.

As a module:   with DnsWorld(build_dir) as world: ... world.unbound_config, world.trust_anchor ...
As a script:   world.py --build-dir DIR -- COMMAND...   runs COMMAND with HELOGUARD_DNSWORLD_UNBOUND_CONFIG and
               HELOGUARD_DNSWORLD_TRUST_ANCHOR in its environment, stops everything, exits as COMMAND did.

Keys and signed zones are kept in build_dir and made again when they are older than a day or these scripts have changed;
several worlds may run beside each other from one build_dir. Nothing outside build_dir and a temporary directory is
written, no port below 1024 is used, and only processes started here are stopped. Needs nsd and ldnsutils.
The records are in zones.py, what each address is there for in README.md.
"""

import argparse
import ctypes
import fcntl
import hashlib
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import zones as zone_tables  # noqa: E402

_DAY = 86400
_HERE = pathlib.Path(__file__).resolve().parent
_HEAD = "$TTL 300\n@ 300 IN SOA ns1.nameservice.net. hostmaster.nameservice.net. 1 3600 600 86400 60\n" \
        "@ 300 IN NS ns1.nameservice.net.\n"
_QTYPE_SOA = 6


class DnsWorldError(RuntimeError):
    """The world could not be started; the message says what is missing."""


# --- signed zones, kept in the build folder ---

def _tool(name):
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if path is None:
        raise DnsWorldError(f"{name} not found: apt-get install nsd ldnsutils")
    return path


def _run(arguments, cwd):
    done = subprocess.run(arguments, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise DnsWorldError(f"{' '.join(arguments)}: {done.stderr.strip()}")
    return done.stdout.strip()


def _file_stem(zone):
    return "root" if zone == "." else zone.rstrip(".").replace("/", "-")


def _date(offset):
    return time.strftime("%Y%m%d%H%M%S", time.gmtime(time.time() + offset))


def _delegations(zone, names):
    """The zones delegated from `zone` itself: those whose closest enclosing zone it is."""
    for child in names:
        if child not in (".", zone) and zone_tables.zone_of(child.split(".", 1)[1] or ".", names) == zone:
            yield child


def _wrong_digest(ds):
    """The same DS with another digest: it names a key that does not exist."""
    head, digest = ds.rsplit(None, 1)
    return f"{head} {digest[::-1]}" if digest != digest[::-1] else f"{head} {'0' * len(digest)}"


def _damaged(line, damage):
    """One line of a signed zone, broken if it is listed in `damage`. ldns writes: owner TTL class type rdata."""
    fields = line.split("\t", 4)
    if len(fields) != 5:
        return line
    owner, _, _, rrtype, rdata = fields
    if rrtype == "RRSIG" and damage.get((owner, rdata.split()[0])) == "signature":
        head, signature = rdata.rsplit(None, 1)
        broken = signature[:8][::-1].swapcase() + signature[8:]
        return "\t".join(fields[:4] + [f"{head} {broken}"])
    if damage.get((owner, rrtype)) == "forge":
        return "\t".join(fields[:4] + [{"A": "192.0.2.66", "AAAA": "2001:db8::66"}[rrtype]])
    return line


def _make_key(folder, name):
    """A key for the zone `name`; returns the files' base name, which ldns takes from the owner, slashes and all."""
    stand_in = name.replace("/", "-")
    key = _run([_tool("ldns-keygen"), "-a", "ECDSAP256SHA256", "-k", stand_in], folder)
    public = folder / f"{key}.key"
    public.write_text(public.read_text().replace(stand_in, name, 1))
    return key


def _make_zone(folder, name, zones, ds_of):
    """Writes the zone file `name` into `folder`, signed as its kind says. Returns its DS record, if any."""
    zone = zones[name]
    stem = _file_stem(name)
    lines = [f"$ORIGIN {name}\n", _HEAD]
    lines += [f"{owner} 300 IN {rrtype} {rdata}\n" for owner, rrtype, rdata in zone.records]
    for child in _delegations(name, zones):
        lines.append(f"{child} 300 IN NS ns1.nameservice.net.\n")
        if child in ds_of:
            lines.append(ds_of[child] + "\n")
    plain = folder / f"{stem}.zone"
    plain.write_text("".join(lines))
    if zone.kind not in zone_tables.WITH_DS:
        return None
    key = _make_key(folder, name)
    ds = _run([_tool("ldns-key2ds"), "-n", "-2", f"{key}.key"], folder)
    inception, expiration = (-30, -2) if zone.kind == zone_tables.EXPIRED else (-2, 14)
    options = ["-n", "-p"] if zone.kind == zone_tables.OPTOUT else []
    signed = folder / f"{stem}.signed"
    _run([_tool("ldns-signzone"), *options, "-i", _date(inception * _DAY), "-e", _date(expiration * _DAY), "-o", name,
          "-f", str(signed), str(plain), key], folder)
    text = "\n".join(_damaged(line, zone.damage) for line in signed.read_text().splitlines())
    plain.write_text(text + "\n")
    return _wrong_digest(ds) if zone.kind == zone_tables.WRONG_DS else ds


def _make_zones(folder):
    zones = zone_tables.build()
    ds_of = {}
    for name in sorted(zones, key=lambda n: n.count(".") if n != "." else 0, reverse=True):  # children first
        if zones[name].kind in (zone_tables.SILENT, zone_tables.REFUSED, zone_tables.SERVFAIL):
            continue
        ds = _make_zone(folder, name, zones, ds_of)
        if ds:
            ds_of[name] = ds
    (folder / "root.anchor").write_text(ds_of["."] + "\n")


def _version():
    digest = hashlib.sha256()
    for name in ("world.py", "zones.py"):
        digest.update((_HERE / name).read_bytes())
    return digest.hexdigest()[:16]


def prepare_zones(build_dir):
    """The folder with the signed zones and the anchor, made if it is missing, old or of another version."""
    build_dir = pathlib.Path(build_dir).resolve()
    build_dir.mkdir(parents=True, exist_ok=True)
    with open(build_dir / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        current = sorted(build_dir.glob(f"zones-{_version()}-*"))
        if current and time.time() - current[-1].stat().st_mtime < _DAY:
            return current[-1]
        fresh = pathlib.Path(tempfile.mkdtemp(prefix="making-", dir=build_dir))
        _make_zones(fresh)
        # A running world may still read an older folder: those go when they are two days old.
        for old in list(build_dir.glob("zones-*")) + list(build_dir.glob("making-*")):
            if time.time() - old.stat().st_mtime > 2 * _DAY:
                shutil.rmtree(old, ignore_errors=True)
        fresh.chmod(0o755)
        final = build_dir / f"zones-{_version()}-{int(time.time())}"
        fresh.rename(final)
        return final


# --- servers ---

def _bound_pair():
    """A UDP and a listening TCP socket on one free port of 127.0.0.1."""
    while True:
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.bind(("127.0.0.1", 0))
        tcp = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            tcp.bind(udp.getsockname())
            tcp.listen(64)
            return udp, tcp
        except OSError:
            udp.close()
            tcp.close()


class _RefusingServer:
    """Answers REFUSED to everything over UDP, from a thread, until closed."""

    def __init__(self):
        self._udp, self._tcp = _bound_pair()
        self.port = self._udp.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self):
        while True:
            query, peer = self._udp.recvfrom(4096)
            if not query:  # the closing word: only we send empty datagrams
                return
            if len(query) >= 12:
                self._udp.sendto(query[:2] + b"\x80\x05" + query[4:6] + bytes(6) + self._question(query), peer)

    @staticmethod
    def _question(query):
        end = 12
        while end < len(query) and query[end] != 0:
            end += query[end] + 1
        return query[12:end + 5]

    def close(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
            own.sendto(b"", self._udp.getsockname())
        self._thread.join()
        self._udp.close()
        self._tcp.close()


def _die_with_parent():
    # Linux: a killed test must not leave its nsd behind. The signal comes when the starting thread ends, so start
    # worlds from a thread that outlives them.
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class _Nsd:
    """nsd on a free port, serving the zones of `folder`."""

    def __init__(self, folder, run_dir):
        self._process = None
        for _ in range(5):  # somebody else may take the port between choosing it and nsd's bind
            udp, tcp = _bound_pair()
            self.port = udp.getsockname()[1]
            udp.close()
            tcp.close()
            config = run_dir / "nsd.conf"
            config.write_text(self._config(folder, run_dir))
            self._log = run_dir / "nsd.log"
            self._process = subprocess.Popen([_tool("nsd"), "-d", "-c", str(config)], stdin=subprocess.DEVNULL,
                                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                             preexec_fn=_die_with_parent)
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
        for name, zone in zone_tables.build().items():
            # A zone of kind servfail has no file: nsd then answers SERVFAIL for it.
            if zone.kind not in (zone_tables.SILENT, zone_tables.REFUSED):
                lines += ["zone:", f'  name: "{name}"', f'  zonefile: "{_file_stem(name)}.zone"']
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


# --- the world ---

class DnsWorld:
    """Context manager: the tree is served while it is open.

    unbound_config   file for libunbound's ub_ctx_config (the setting dns.unbound_config): a stub a zone, the anchor
    trust_anchor     the root's DS record as a file
    nsd_port, silent_port, refusing_port   on 127.0.0.1
    """

    def __init__(self, build_dir=None):
        self._stack = []
        self._own_build_dir = None
        if build_dir is None:
            self._own_build_dir = tempfile.mkdtemp(prefix="heloguard-dnsworld-zones-")
        self._build_dir = build_dir or self._own_build_dir

    def __enter__(self):
        try:
            self._open()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_):
        self.close()

    def _open(self):
        folder = prepare_zones(self._build_dir)
        run_dir = pathlib.Path(tempfile.mkdtemp(prefix="heloguard-dnsworld-"))
        self._stack.append(lambda: shutil.rmtree(run_dir, ignore_errors=True))
        nsd = _Nsd(folder, run_dir)
        self._stack.append(nsd.close)
        refusing = _RefusingServer()
        self._stack.append(refusing.close)
        silent = _bound_pair()  # bound, never read
        self._stack += [silent[0].close, silent[1].close]
        self.nsd_port, self.refusing_port, self.silent_port = nsd.port, refusing.port, silent[0].getsockname()[1]
        self.trust_anchor = str(folder / "root.anchor")
        config = run_dir / "unbound.conf"
        config.write_text(self._unbound_config())
        self.unbound_config = str(config)

    def _unbound_config(self):
        ports = {zone_tables.SILENT: self.silent_port, zone_tables.REFUSED: self.refusing_port}
        # Reverse zones of loopback, documentation and private networks are answered by libunbound itself otherwise.
        lines = ["server:", "  do-not-query-localhost: no", "  unblock-lan-zones: yes",
                 '  local-zone: "127.in-addr.arpa." transparent', f'  trust-anchor-file: "{self.trust_anchor}"']
        for name, zone in zone_tables.build().items():
            port = ports.get(zone.kind, self.nsd_port)
            lines += ["stub-zone:", f'  name: "{name}"', f"  stub-addr: 127.0.0.1@{port}"]
        return "\n".join(lines) + "\n"

    def close(self):
        while self._stack:
            self._stack.pop()()
        if self._own_build_dir:
            shutil.rmtree(self._own_build_dir, ignore_errors=True)
            self._own_build_dir = None


def _main():
    parser = argparse.ArgumentParser(description="Runs a command with a signed DNS tree beside it.")
    parser.add_argument("--build-dir", required=True, help="where keys and signed zones are kept")
    parser.add_argument("command", nargs=argparse.REMAINDER, help="after --")
    arguments = parser.parse_args()
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        parser.error("no command")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the world is closed
    try:
        with DnsWorld(arguments.build_dir) as world:
            environment = dict(os.environ, HELOGUARD_DNSWORLD_UNBOUND_CONFIG=world.unbound_config,
                               HELOGUARD_DNSWORLD_TRUST_ANCHOR=world.trust_anchor)
            status = subprocess.run(command, env=environment, check=False, preexec_fn=_die_with_parent).returncode
    except DnsWorldError as error:
        print(f"dnsworld: {error}", file=sys.stderr)
        return 1
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(_main())
