"""A private Postfix on loopback: own configuration, queue, data folder, log and port; nothing of the system's is used.

master(8) is our child and runs as root, its services as the user postfix without chroot. No DNS: names come with
XCLIENT, mail for rcpt.example is discarded, everything else is refused.
"""

import grp
import os
import pwd
import re
import shutil
import signal
import subprocess

from .smtp import SmtpClient
from .workplace import (Broken, LogFile, end, end_group, end_with_parent, free_port, listens, make_certificate,
                        make_sasl_user, run, wait_for)

HOST_NAME = "mx.rcpt.example"
USER, PASSWORD = "alice", "correct horse"

_MAIN = """
compatibility_level = 3.6
queue_directory = {queue}
data_directory = {data}
maillog_file = {log}
maillog_file_prefixes = {directory}
myhostname = {host}
mydestination = rcpt.example
inet_interfaces = 127.0.0.1
inet_protocols = all
mynetworks =
alias_maps =
alias_database =
local_recipient_maps =
local_transport = discard:
default_transport = discard:
in_flow_delay = 0
smtp_dns_support_level = disabled
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_error_sleep_time = 0
smtpd_authorized_xclient_hosts = 127.0.0.0/8
smtpd_relay_restrictions = permit_sasl_authenticated, reject_unauth_destination
smtpd_tls_security_level = may
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = cyrus
smtpd_sasl_path = smtpd
smtpd_sasl_local_domain = {host}
cyrus_sasl_config_path = {sasl}
"""

_MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
discard unix - - n - - discard
error unix - - n - - error
anvil unix - - n - 1 anvil
proxymap unix - - n - - proxymap
postlog unix-dgram n - n - 1 postlogd
"""

# Folder of the queue: its mode, and whether the group postdrop has it.
_QUEUE = {"active": (0o700, False), "bounce": (0o700, False), "corrupt": (0o700, False), "defer": (0o700, False),
          "deferred": (0o700, False), "flush": (0o700, False), "hold": (0o700, False), "incoming": (0o700, False),
          "private": (0o700, False), "saved": (0o700, False), "trace": (0o700, False), "maildrop": (0o730, True),
          "public": (0o710, True)}


class Postfix:
    """`main` is text put at the end of main.cf, `master` at the end of master.cf; later lines win."""

    def __init__(self, directory, main, master=""):
        if not shutil.which("postconf"):
            raise Broken("Postfix is not installed")
        self.directory = os.path.join(directory, f"postfix-{free_port()}")
        self.port = free_port()
        self.main, self.master = main, master
        self.queue = os.path.join(self.directory, "queue")
        self.log = LogFile(os.path.join(self.directory, "maillog"))
        self.process = None

    def _lay_out(self):
        user, drop = pwd.getpwnam("postfix"), grp.getgrnam("postdrop").gr_gid
        data = os.path.join(self.directory, "data")
        for folder in (self.directory, self.queue, os.path.join(self.queue, "pid"), data):
            os.makedirs(folder, mode=0o755, exist_ok=True)
        os.chown(data, user.pw_uid, user.pw_gid)
        for name, (mode, with_drop) in _QUEUE.items():
            folder = os.path.join(self.queue, name)
            os.mkdir(folder)
            os.chown(folder, user.pw_uid, drop if with_drop else 0)
            os.chmod(folder, mode)
        certificate, key = make_certificate(self.directory, HOST_NAME)
        sasl, database = make_sasl_user(self.directory, "smtpd", HOST_NAME, (USER, PASSWORD))
        os.chown(database, user.pw_uid, -1)
        values = {"queue": self.queue, "data": data, "log": self.log.path, "directory": self.directory,
                  "host": HOST_NAME, "certificate": certificate, "key": key, "sasl": sasl, "port": self.port}
        for name, text in (("main.cf", _MAIN.format(**values) + self.main),
                           ("master.cf", _MASTER.format(**values) + self.master)):
            path = os.path.join(self.directory, name)
            with open(path, "w", encoding="utf-8") as out:
                out.write(text)
            # Postfix waits until its configuration is two seconds old, so as never to read a half-written file.
            os.utime(path, (0, 0))

    def start(self):
        self._lay_out()
        # postconf reads what master will; a mistyped parameter of a fragment under test shows up here.
        complaints = run(["postconf", "-c", self.directory, "-n"])
        if "warning:" in complaints:
            raise Broken(complaints)
        daemons = run(["postconf", "-d", "-h", "daemon_directory"]).strip()
        self.process = subprocess.Popen([os.path.join(daemons, "master"), "-c", self.directory], cwd="/",
                                        stdin=subprocess.DEVNULL, start_new_session=True, preexec_fn=end_with_parent)
        try:
            ports = [self.port, *map(int, re.findall(r"^127\.0\.0\.1:(\d+) inet", self.master, re.M))]
            wait_for("Postfix to listen", lambda: all(map(listens, ports)), self.alive)
        except Broken as reason:
            self.stop()
            raise Broken(f"{reason}\n{self.log.text()}") from None
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM makes master end its services with it."""
        if self.process:
            end(self.process, signal.SIGTERM)
            end_group(self.process)

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def connect(self, address=None, name="[UNAVAILABLE]", port=None):
        """An SMTP connection; with `address`, XCLIENT makes it come from there."""
        client = SmtpClient(port or self.port)
        if address:
            family = "IPV6:" if ":" in address else ""
            # XCLIENT is offered to whoever may use it only after EHLO.
            client.ehlo("proxy.example")
            client.greeting = client.xclient(ADDR=family + address, NAME=name)
        return client

    def log_line(self, pattern):
        return self.log.find(pattern, self.alive)
