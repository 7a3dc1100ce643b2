"""A folder of its own for each test, free ports, waiting with a deadline, children stopped by pid.

The servers drop privileges, so the folder has to be reachable by other users, and Sendmail refuses sockets below a
folder others may write to: `make_directory` looks for a place that is both.
"""

import ctypes
import os
import random
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time

# Far above what any step takes on a busy machine; reached only when something is broken.
PATIENCE = 30.0


class Broken(Exception):
    """The surroundings failed, not what is tested."""


def _reachable(path):
    """Whether every folder down to `path` may be entered by anybody and none is open for others to write."""
    while True:
        mode = os.stat(path).st_mode
        if not mode & stat.S_IXOTH or mode & (stat.S_IWOTH | stat.S_IWGRP):
            return False
        if path == "/":
            return True
        path = os.path.dirname(path)


def make_directory():
    """A new folder: below the build folder when the servers' users can get there, else below a system folder."""
    candidates = [os.environ.get("HELOGUARD_TEST_DIRECTORY", ""), "/run", "/var/lib"]
    for place in candidates:
        if not place:
            continue
        os.makedirs(place, exist_ok=True)
        # A unix socket's path ends at 107 octets.
        if _reachable(os.path.realpath(place)) and len(place) < 70:
            path = tempfile.mkdtemp(prefix="hg.", dir=os.path.realpath(place))
            os.chmod(path, 0o755)
            return path
    raise Broken(f"no folder to work in that other users may enter: tried {candidates}")


def remove_directory(path):
    shutil.rmtree(path, ignore_errors=True)


_reserved = []  # kept until this process ends


def free_port(address="127.0.0.1"):
    """A port that nobody listens on, and that no other test gets while this one runs: a server binds it only later. Not of
    the range from which the kernel gives ports to clients, and reserved by a name in the network's own name space."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    for _ in range(1000):
        port = random.randrange(10240, 32768)
        name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            name.bind(f"\0heloguard-test-port-{port}")
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.bind((address, port))
        except OSError:
            name.close()
            continue
        _reserved.append(name)
        return port
    raise Broken(f"no free port on {address}")


def wait_for(what, condition, alive=None, patience=PATIENCE):
    """Calls `condition` until it returns something true and returns that. Fails at once when `alive` says no."""
    deadline = time.monotonic() + patience
    while True:
        result = condition()
        if result:
            return result
        if alive is not None and not alive():
            raise Broken(f"gone while waiting for {what}")
        if time.monotonic() > deadline:
            raise Broken(f"waited {patience:.0f} s in vain for {what}")
        time.sleep(0.01)


def listens(port, address="127.0.0.1"):
    """Whether somebody accepts connections there, read from the kernel's table so that nobody is connected to."""
    table = "/proc/net/tcp6" if ":" in address else "/proc/net/tcp"
    with open(table, encoding="ascii") as lines:
        return any(fields[3] == "0A" and fields[1].endswith(f":{port:04X}")
                   for fields in (line.split() for line in lines))


def run(arguments, **options):
    """Runs a helper program to its end; its output is shown only if it fails."""
    done = subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    if done.returncode != 0:
        raise Broken(f"{' '.join(arguments)}: exit {done.returncode}\n{done.stdout.decode(errors='replace')}")
    return done.stdout.decode(errors="replace")


def make_certificate(directory, name):
    """A self-signed certificate; returns the paths of the certificate and its key."""
    certificate, key = os.path.join(directory, "cert.pem"), os.path.join(directory, "key.pem")
    run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", f"/CN={name}", "-keyout", key, "-out", certificate])
    os.chmod(key, 0o600)
    return certificate, key


def make_sasl_user(directory, application, realm, credentials):
    """A Cyrus SASL configuration folder for `application` with one user in a database beside it."""
    user, password = credentials
    database = os.path.join(directory, "sasldb2")
    run(["saslpasswd2", "-p", "-c", "-f", database, "-u", realm, user], input=password.encode())
    folder = os.path.join(directory, "sasl")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, f"{application}.conf"), "w", encoding="ascii") as out:
        out.write("pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: PLAIN LOGIN\n"
                  f"sasldb_path: {database}\n")
    return folder, database


class LogFile:
    """A growing log. `find` waits for a line."""

    def __init__(self, path):
        self.path = path

    def text(self):
        try:
            with open(self.path, encoding="utf-8", errors="replace") as lines:
                return lines.read()
        except FileNotFoundError:
            return ""

    def find(self, pattern, alive=None, patience=PATIENCE):
        """The first line the regular expression matches."""
        expression = re.compile(rf"^.*(?:{pattern}).*$", re.MULTILINE)
        try:
            return wait_for(f"a line like {pattern} in {self.path}", lambda: expression.search(self.text()), alive,
                            patience).group(0)
        except Broken as reason:
            raise Broken(f"{reason}; the log:\n{self.text()}") from None


_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1


def end_with_parent():
    """For a child, before it runs its program: SIGTERM when this test dies without stopping it, as at a time limit."""
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def end(process, first_signal, patience=PATIENCE):
    """Signals a child, waits, and kills it if it stays. Returns its exit status, None when it had to be killed."""
    if process.poll() is None:
        process.send_signal(first_signal)
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return None
    return process.returncode


def end_group(leader):
    """Kills what is left of the process group a child led: sessions still open."""
    try:
        os.killpg(leader.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
