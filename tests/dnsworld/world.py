#!/usr/bin/env python3
"""A signed DNS tree on loopback, for tests: nsd on a free port, and beside it servers that are at fault.

As a module:   with DnsWorld(build_dir) as world: ... world.unbound_config, world.trust_anchor ...
As a script:   world.py --build-dir DIR -- COMMAND...   runs COMMAND with HELOGUARD_DNSWORLD_UNBOUND_CONFIG and
               HELOGUARD_DNSWORLD_TRUST_ANCHOR in its environment, stops everything, exits as COMMAND did.

Keys and signed zones are kept in build_dir and made again when they are older than a day or these scripts have changed;
several worlds may run beside each other from one build_dir. Nothing outside build_dir and a temporary directory is
written, no port below 1024 is used, and only processes started here are stopped. Needs nsd and ldnsutils.
The records are put together in zones.py, what each address is there for is in README.md.
"""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import zones as zone_tables  # noqa: E402
from nsd_server import Nsd, die_with_parent  # noqa: E402
from scripted_server import ScriptedServers  # noqa: E402
from signing import DnsWorldError, prepare_zones  # noqa: E402


class DnsWorld:
    """Context manager: the tree is served while it is open.

    unbound_config   file for libunbound's ub_ctx_config (the setting dns.unbound_config): a stub a zone, the anchor
    trust_anchor     the root's DS record as a file
    nsd_port         on 127.0.0.1; all zones, also those that the tree has behind a fault
    fault_ports      likewise, of the servers at fault: {fault: port}
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
        nsd = Nsd(folder, run_dir)
        self._stack.append(nsd.close)
        scripted = ScriptedServers(nsd.port)
        self._stack.append(scripted.close)
        self.nsd_port, self.fault_ports = nsd.port, scripted.ports
        self.trust_anchor = str(folder / "root.anchor")
        config = run_dir / "unbound.conf"
        config.write_text(self._unbound_config())
        self.unbound_config = str(config)

    def _unbound_config(self):
        # Reverse zones of loopback, documentation and private networks are answered by libunbound itself otherwise.
        lines = ["server:", "  do-not-query-localhost: no", "  unblock-lan-zones: yes",
                 '  local-zone: "127.in-addr.arpa." transparent', f'  trust-anchor-file: "{self.trust_anchor}"']
        for name, kind in zone_tables.kinds().items():
            port = self.fault_ports[kind.fault] if kind.fault else self.nsd_port
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
            status = subprocess.run(command, env=environment, check=False, preexec_fn=die_with_parent).returncode
    except DnsWorldError as error:
        print(f"dnsworld: {error}", file=sys.stderr)
        return 1
    return status if status >= 0 else 128 - status


if __name__ == "__main__":
    sys.exit(_main())
