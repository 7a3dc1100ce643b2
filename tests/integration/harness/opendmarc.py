"""A private OpenDMARC, the reader of our header field behind us in the milter chain.

It logs to syslog only: it runs with a /dev of its own whose `log` is a socket of ours, and with a resolver that refuses
every question at once.
"""

import os
import shutil
import signal
import socket
import subprocess
import threading
import unittest

from .workplace import Broken, LogFile, end, end_with_parent, free_port, listens, wait_for

_CONFIG = """\
Socket inet:{port}@127.0.0.1
AuthservID {host}
TrustedAuthservIDs {host}
HistoryFile {history}
RecordAllMessages true
Syslog true
"""

# Seen by the child alone: the mounts end with it.
_START = """\
set -e
mount -t tmpfs tmpfs "$1/dev"
for name in null urandom random; do touch "$1/dev/$name"; mount --bind "/dev/$name" "$1/dev/$name"; done
ln -s "$1/log.sock" "$1/dev/log"
mount --rbind "$1/dev" /dev
mount --bind "$1/resolv.conf" /etc/resolv.conf
exec opendmarc -f -c "$1/opendmarc.conf"
"""


class OpenDmarc:
    def __init__(self, directory, host):
        if not shutil.which("opendmarc"):
            raise Broken("OpenDMARC is not installed")
        if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
            raise unittest.SkipTest("no mount namespace of its own is to be had here, as in a chroot")
        self.host, self.port = host, free_port()
        self.directory = os.path.join(directory, f"opendmarc-{self.port}")
        self.log = LogFile(os.path.join(self.directory, "log"))
        self.history = LogFile(os.path.join(self.directory, "history"))
        self.process = None
        self._syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._writer = threading.Thread(target=self._write_log, daemon=True)

    @property
    def postfix_socket(self):
        return f"inet:127.0.0.1:{self.port}"

    @property
    def sendmail_socket(self):
        return f"inet:{self.port}@127.0.0.1"

    def _write_log(self):
        with open(self.log.path, "ab", buffering=0) as out:
            while True:
                line = self._syslog.recv(8192)
                if not line:
                    return
                out.write(line.rstrip(b"\n") + b"\n")

    def start(self):
        os.makedirs(os.path.join(self.directory, "dev"))
        for name, text in (("opendmarc.conf", _CONFIG.format(port=self.port, host=self.host,
                                                             history=self.history.path)),
                           ("resolv.conf", "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")):
            with open(os.path.join(self.directory, name), "w", encoding="ascii") as out:
                out.write(text)
        self._syslog.bind(os.path.join(self.directory, "log.sock"))
        self._writer.start()
        self.process = subprocess.Popen(["unshare", "--mount", "sh", "-c", _START, "sh", self.directory],
                                        stdin=subprocess.DEVNULL, preexec_fn=end_with_parent)
        wait_for("OpenDMARC to listen", lambda: listens(self.port), self.alive)
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        if self.process:
            end(self.process, signal.SIGTERM)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as last:
            last.sendto(b"", os.path.join(self.directory, "log.sock"))
        self._writer.join()
        self._syslog.close()
