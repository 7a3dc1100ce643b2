"""`heloguard serve` as a child process, and its log lines as dictionaries."""

import os
import re
import signal
import socket
import subprocess

from .workplace import LogFile, PATIENCE, Broken, end, end_with_parent, free_port, wait_for

_WORD = re.compile(r"(?:^|\s)([a-z_]+)=(\S*)")


def parse_line(line):
    """The key=value pairs of a log line; values hold no blanks, and addresses lose their angle brackets."""
    return {key: value.strip("<>") for key, value in _WORD.findall(line)}


def binary():
    path = os.environ.get("HELOGUARD_BINARY", "")
    if not os.access(path, os.X_OK):
        raise Broken("set HELOGUARD_BINARY to the program built")
    return path


class Heloguard:
    """A running daemon. `socket` is libmilter's text for it, `postfix_socket` and `sendmail_socket` the MTAs'.

    `unbound_config` is the path of the DNS world's configuration, `local` that of a site's own policy file. `unix` is
    True for a unix socket in `directory`, or the socket's path; `access` says in TOML who may open it, `headers` what
    stands in that section.
    """

    def __init__(self, directory, policy, unbound_config, *, unix=False, own_names=(), local="",
                 deadline="4s", access='socket_mode = "0666"', headers="", help_url=""):
        self.directory = directory
        self.policy = os.path.abspath(policy)
        self.unbound_config = unbound_config
        self.unix = unix
        self.own_names = own_names
        self.local, self.access, self.deadline = local, access, deadline
        self.headers, self.help_url = headers, help_url
        self.process = None
        self.port = free_port()
        stem = os.path.join(directory, f"heloguard-{self.port}")
        self.path = unix if isinstance(unix, str) else f"{stem}.sock"
        self.config, self.log = f"{stem}.toml", LogFile(f"{stem}.log")

    @property
    def socket(self):
        return f"unix:{self.path}" if self.unix else f"inet:{self.port}@127.0.0.1"

    @property
    def postfix_socket(self):
        return f"unix:{self.path}" if self.unix else f"inet:127.0.0.1:{self.port}"

    sendmail_socket = socket

    def _write_config(self):
        names = ", ".join(f'"{name}"' for name in self.own_names)
        with open(self.config, "w", encoding="utf-8") as out:
            out.write(f'[milter]\nsocket = "{self.socket}"\n{self.access}\n'
                      f'[policy]\nfile = "{self.policy}"\nlocal = "{self.local}"\n'
                      f'[dns]\nunbound_config = "{self.unbound_config}"\ndeadline = "{self.deadline}"\n'
                      f'[metrics]\nlisten = ""\n'
                      f'[headers]\n{self.headers}\n'
                      f'[service]\nown_names = [{names}]\nhelp_url = "{self.help_url}"\n')

    def start(self):
        """Starts and returns once the socket is served: the daemon tells it to NOTIFY_SOCKET, as to systemd."""
        self._write_config()
        notify_path = os.path.join(self.directory, f"notify-{self.port}.sock")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.bind(notify_path)
            notify.settimeout(0.1)
            with open(self.log.path, "ab") as log:
                self.process = subprocess.Popen([binary(), "serve", "--config", self.config], stdin=subprocess.DEVNULL,
                                                stdout=log, stderr=log, preexec_fn=end_with_parent,
                                                env={**os.environ, "NOTIFY_SOCKET": notify_path})

            def ready():
                try:
                    return b"READY=1" in notify.recv(4096)
                except socket.timeout:
                    return False

            try:
                wait_for("heloguard to be ready", ready, self.alive)
            except Broken as reason:
                self.kill()
                raise Broken(f"{reason}\n{self.log.text()}") from None
            finally:
                os.unlink(notify_path)
        return self

    def alive(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """Drains and ends. Fails if the daemon ended otherwise, or had ended before."""
        if self.process:
            status = end(self.process, signal.SIGUSR2)
            self.process = None
            if status != 0:
                raise Broken(f"heloguard ended with {status}; the log:\n{self.log.text()}")

    def kill(self):
        """Gone without a word, as after a crash."""
        if self.process:
            end(self.process, signal.SIGKILL)
            self.process = None
        if os.path.exists(self.path):
            os.unlink(self.path)

    __enter__ = start

    def __exit__(self, *_):
        self.stop()

    def judgements(self):
        """Every judgement logged so far, oldest first."""
        lines = (line for line in self.log.text().splitlines() if "session=" in line and "verdict=" in line)
        return [parse_line(line) for line in lines]

    def judgement(self, patience=PATIENCE, **wanted):
        """Waits for the judgement with these keys and values, and returns it."""
        def found():
            return next((line for line in self.judgements()
                         if all(line.get(key) == value for key, value in wanted.items())), None)
        try:
            return wait_for(f"a judgement {wanted}", found, self.alive, patience)
        except Broken as reason:
            raise Broken(f"{reason}; the log:\n{self.log.text()}") from None
