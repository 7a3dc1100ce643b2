"""A private Sendmail on loopback, from a package unpacked and not installed (script/fetch-sendmail).

sendmail.cf is made by m4 from a small .mc; queue, log and port are its own. Clients come from 127.0.0.x by binding.
Mail for rcpt.example is queued and never sent. Its own look-ups go through the C library and the system's resolver;
they are cut short, and nothing tested depends on what they find.
"""

import os
import signal
import subprocess

from .smtp import SmtpClient
from .workplace import (Broken, LogFile, end, end_group, end_with_parent, free_port, listens, make_certificate,
                        make_sasl_user, run, wait_for)

HOST_NAME = "mx.rcpt.example"
USER, PASSWORD = "alice", "correct horse"

_MC = """\
include(`{share}/cf/m4/cf.m4')dnl
VERSIONID(`a private instance for tests')
OSTYPE(`linux')dnl
define(`confDOMAIN_NAME', `{host}')dnl
define(`confPID_FILE', `{directory}/sendmail.pid')dnl
define(`QUEUE_DIR', `{directory}/queue')dnl
define(`STATUS_FILE', `')dnl
define(`HELP_FILE', `')dnl
define(`ALIAS_FILE', `')dnl
define(`confCW_FILE', `')dnl
define(`confSERVICE_SWITCH_FILE', `{directory}/service.switch')dnl
define(`confDONT_PROBE_INTERFACES', `true')dnl
define(`confDELIVERY_MODE', `queue')dnl
define(`confTO_IDENT', `0')dnl
define(`confLOG_LEVEL', `14')dnl
define(`confAUTH_MECHANISMS', `PLAIN LOGIN')dnl
TRUST_AUTH_MECH(`PLAIN LOGIN')dnl
define(`confAUTH_REALM', `{host}')dnl
define(`confSERVER_CERT', `{certificate}')dnl
define(`confSERVER_KEY', `{key}')dnl
define(`confCACERT', `{certificate}')dnl
define(`confCACERT_PATH', `{directory}')dnl
FEATURE(`no_default_msa')dnl
FEATURE(`nocanonify')dnl
FEATURE(`accept_unresolvable_domains')dnl
DAEMON_OPTIONS(`Name=MTA, Family=inet, Addr=127.0.0.1, Port={port}')dnl
RELAY_DOMAIN(`rcpt.example')dnl
{filters}
MAILER(`smtp')dnl
LOCAL_CONFIG
ESASL_CONF_PATH={sasl}
ERES_OPTIONS={resolver}
"""

_RESOLVER_OPTIONS = "timeout:1 attempts:1"


class Sendmail:
    """`filters` is m4 text: the INPUT_MAIL_FILTER line and what belongs to it."""

    def __init__(self, directory, filters):
        root = os.environ.get("HELOGUARD_SENDMAIL", "")
        self.program = os.path.join(root, "usr/libexec/sendmail/sendmail")
        if not os.access(self.program, os.X_OK):
            raise Broken("set HELOGUARD_SENDMAIL to the folder script/fetch-sendmail filled")
        self.root, self.filters = root, filters
        self.directory = os.path.join(directory, f"sendmail-{free_port()}")
        self.port = free_port()
        self.log = LogFile(os.path.join(self.directory, "log"))
        self.output = LogFile(os.path.join(self.directory, "output"))
        self.process = None

    def _lay_out(self):
        os.makedirs(os.path.join(self.directory, "queue"), mode=0o700)
        os.chmod(self.directory, 0o755)
        certificate, key = make_certificate(self.directory, HOST_NAME)
        sasl, database = make_sasl_user(self.directory, "Sendmail", HOST_NAME, (USER, PASSWORD))
        os.chmod(database, 0o600)
        source = _MC.format(share=os.path.join(self.root, "usr/share/sendmail"), host=HOST_NAME, port=self.port,
                            directory=self.directory, certificate=certificate, key=key, sasl=sasl, filters=self.filters,
                            resolver=_RESOLVER_OPTIONS)
        for name, text in (("service.switch", "hosts\tfiles\naliases\tfiles\n"), ("sendmail.mc", source)):
            with open(os.path.join(self.directory, name), "w", encoding="utf-8") as out:
                out.write(text)
        with open(os.path.join(self.directory, "sendmail.cf"), "w", encoding="utf-8") as out:
            out.write(run(["m4", os.path.join(self.directory, "sendmail.mc")]))

    def start(self):
        self._lay_out()
        library = os.path.join(self.root, "usr/lib", os.uname().machine + "-linux-gnu")
        # Debug category 89 writes what would go to syslog into the file of -D instead: no /dev/log is needed.
        with open(self.output.path, "wb") as out:
            self.process = subprocess.Popen(
                [self.program, "-D", self.log.path, "-d89.8", "-C", os.path.join(self.directory, "sendmail.cf"), "-bD"],
                stdin=subprocess.DEVNULL, stdout=out, stderr=out, cwd="/", start_new_session=True,
                preexec_fn=end_with_parent,
                env={"PATH": os.environ["PATH"], "LD_LIBRARY_PATH": library, "RES_OPTIONS": _RESOLVER_OPTIONS})
        try:
            wait_for("Sendmail to listen", self._listening, self.alive)
        except Broken as reason:
            self.stop()
            raise Broken(f"{reason}\n{self.output.text()}\n{self.log.text()}") from None
        return self

    def _listening(self):
        self.wake_sleepers()
        return listens(self.port)

    def wake_sleepers(self):
        """On a host whose name has no dot Sendmail sleeps a minute at start, before it has read its configuration, and
        again at a MAIL without HELO. A signal that asks for a dump of its state wakes it."""
        log = self.log.text()
        if log.count("sleeping for retry") > log.count("unable to qualify my own domain name"):
            os.killpg(self.process.pid, signal.SIGUSR1)

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        if self.process:
            end(self.process, signal.SIGTERM)
            end_group(self.process)

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def connect(self, address="127.0.0.1"):
        """An SMTP connection from that loopback address."""
        return SmtpClient(self.port, source=address)

    def log_line(self, pattern):
        return self.log.find(pattern, self.alive)
