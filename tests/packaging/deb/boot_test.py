"""The package in a Debian that has booted: systemd starts, reloads, restarts and stops the daemon, shut in as its unit says,
and everything it has to reach it reaches. Runs in systemd-nspawn, with a network of its own; skipped where that does not
boot."""
import ctypes
import os
import pathlib
import re
import select
import shutil
import socket
import subprocess
import tempfile
import time
import unittest
import urllib.request

from deb_package import DEB, later_version
from debian_root import ENVIRONMENT, base, layer, libc, unmount
from milter_client import CONTINUE, MilterClient

CONFIG = "/etc/heloguard/heloguard.toml"
POLICIES = "/usr/share/heloguard/policies"
CLONE_NEWNET = 0x40000000
PATIENCE = 120  # seconds, for a machine that has much else to do


class Machine:
    """A Debian that runs. Its processes end with it."""

    def __init__(self, folder):
        self.root, self.console = layer(folder), folder / "console"
        self.leader = None  # the machine's first process
        self.news = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.news.bind(str(folder / "notify"))
        with open(self.console, "wb") as console:
            self.nspawn = subprocess.Popen(
                ["systemd-nspawn", "--quiet", "--directory", self.root, "--register=no", "--keep-unit", "--private-network",
                 "--console=pipe", "--link-journal=no", "--notify-ready=yes", "--boot"],
                stdin=subprocess.DEVNULL, stdout=console, stderr=console,
                env={**os.environ, "NOTIFY_SOCKET": str(folder / "notify")})

    def boot(self):
        """False where it does not."""
        news, end = "", os.pidfd_open(self.nspawn.pid)
        while not re.search(r"^READY=1$", news, re.M):
            ready = select.select([self.news, end], [], [], PATIENCE)[0]
            if not ready or end in ready:
                return False
            news += self.news.recv(65536).decode() + "\n"
        os.close(end)
        self.leader = re.search(r"^X_NSPAWN_LEADER_PID=(\d+)$", news, re.M)[1]
        return True

    def inside(self, *command):
        """The command, run in the machine. Where these tests run in a chroot, the machine does too, and its mounts alone
        would lead to the root outside."""
        return ["nsenter", "--all", "--root", "--wd", "--target", self.leader, *command]

    def run(self, *command, check=True):
        return subprocess.run(self.inside(*command), env=ENVIRONMENT,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=PATIENCE, check=check)

    def join_network(self):
        """This process's connections are the machine's from here on."""
        with open(f"/proc/{self.leader}/ns/net", "rb") as network:
            if libc.setns(network.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "cannot join the machine's network")

    def end(self):
        self.nspawn.kill()
        self.nspawn.wait()
        self.news.close()
        unmount(self.root)

    def path(self, name):
        return self.root / name.lstrip("/")


class Boot(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        if shutil.which("systemd-nspawn") is None:
            raise unittest.SkipTest("no systemd-nspawn")
        base()
        folder = tempfile.TemporaryDirectory(prefix="heloguard-boot.")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.machine = Machine(cls.folder)
        cls.addClassCleanup(cls.machine.end)
        if not cls.machine.boot():
            raise unittest.SkipTest("does not boot here: " + cls.machine.console.read_text(errors="replace")[-300:])
        cls.machine.join_network()
        shutil.copyfile(DEB, cls.machine.path("/root/package.deb"))
        cls.machine.run("dpkg", "-i", "/root/package.deb")
        cls.after_installing = cls.machine.run("systemctl", "show", "--value", "-p", "ActiveState", "heloguard").stdout.strip()
        cls.config = cls.machine.path(CONFIG).read_text()

    def setUp(self):
        self.addCleanup(self.machine.path(CONFIG).write_text, self.config)

    def systemctl(self, *words, check=True):
        return self.machine.run("systemctl", *words, check=check)

    def show(self, name):
        return self.systemctl("show", "--value", "-p", name, "heloguard").stdout.strip()

    def restart(self, config=None):
        if config is not None:
            self.machine.path(CONFIG).write_text(config)
        self.systemctl("reset-failed", "heloguard", check=False)
        ran = self.systemctl("restart", "heloguard", check=False)
        self.assertEqual(ran.returncode, 0, self.journal())

    def journal(self):
        return self.machine.run("journalctl", "--no-pager", "-o", "cat", "-u", "heloguard").stdout

    def stat(self, name):
        return self.machine.run("stat", "-c", "%a %U:%G", name).stdout.strip()

    def judge(self, address=("127.0.0.1", 8891)):
        with MilterClient(address) as client:
            client.negotiate()
            client.connect("198.51.100.9")
            client.helo("198.51.100.9")
            client.mail()
            answer = client.rcpt()
            client.abort()
        return answer

    def test_installing_starts_it_and_nothing_is_refused(self):
        self.assertEqual(self.after_installing, "active")
        self.restart(self.config)
        self.assertTrue(self.show("StatusText").startswith("policy observe (observe, "))
        self.assertEqual(self.systemctl("is-enabled", "heloguard").stdout.strip(), "enabled")
        self.assertEqual(self.judge(), CONTINUE)
        self.machine.run("journalctl", "--sync")
        self.assertIn(" verdict=reject rule=bare-ip mode=observe ", self.journal())
        with urllib.request.urlopen("http://127.0.0.1:9911/metrics", timeout=PATIENCE) as answer:
            self.assertIn(b'heloguard_verdicts_total{mode="observe",rule="bare-ip",verdict="reject"}', answer.read())

    def test_reload(self):
        self.restart(self.config)
        before = self.show("MainPID")
        self.machine.path(CONFIG).write_text(self.config.replace("observe.toml", "default.toml"))
        self.systemctl("reload", "heloguard")
        self.wait_for_status("policy default (enforce, ")
        self.assertRegex(self.judge(), r"^550 5\.7\.1 ")
        self.machine.path(CONFIG).write_text(self.config.replace("observe.toml", "nowhere.toml"))
        self.assertNotEqual(self.systemctl("reload", "heloguard", check=False).returncode, 0)
        self.assertRegex(self.judge(), r"^550 5\.7\.1 ")
        self.assertEqual(self.show("MainPID"), before)

    def wait_for_status(self, start):
        """kill -USR1 comes back before the daemon has read its files."""
        end = time.monotonic() + PATIENCE
        while not self.show("StatusText").startswith(start):
            self.assertLess(time.monotonic(), end, self.show("StatusText"))

    def test_everything_it_may_need_is_in_reach(self):
        table = self.machine.path("/etc/postfix/helo_access.pcre")
        table.parent.mkdir(exist_ok=True)
        table.write_text("/^pest\\.example$/ REJECT\n")
        mine = self.machine.path("/etc/heloguard/mine.toml")
        mine.write_text(f'schema = 1\ninclude = ["{POLICIES}/default.toml"]\n[list.table]\n'
                        'postfix = "pcre:/etc/postfix/helo_access.pcre"\n[[rule]]\nname = "table"\n'
                        'when.helo.name = "@table"\naction = "reject"\n')
        self.addCleanup(mine.unlink)
        self.restart('[milter]\nsocket = "unix:/run/heloguard/heloguard.sock"\n'
                     '[policy]\nfile = "mine.toml"\nlocal = "local.toml"\n'
                     '[dns]\nauto_trust_anchor = "/var/lib/heloguard/root.key"\n'
                     '[log]\ntarget = "file"\nfile = "/var/log/heloguard/heloguard.log"\n')
        self.assertEqual(self.stat("/run/heloguard/heloguard.sock"), "660 heloguard:heloguard")
        self.assertEqual(self.stat("/run/heloguard"), "755 heloguard:heloguard")
        self.assertEqual(self.stat("/var/lib/heloguard"), "750 heloguard:heloguard")
        self.assertEqual(self.stat("/var/lib/heloguard/root.key").split()[1], "heloguard:heloguard")
        self.assertEqual(self.stat("/var/log/heloguard/heloguard.log"), "640 heloguard:adm")
        self.assertRegex(self.judge(self.socket("/run/heloguard/heloguard.sock")), r"^550 5\.7\.1 ")

    def socket(self, name):
        """A unix socket of the machine, as this process reaches it: folders that start anew with the machine are not below
        its root."""
        return f"/proc/{self.machine.leader}/root{name}"

    def test_logs_rotate(self):
        self.restart('[policy]\nfile = "/usr/share/heloguard/policies/observe.toml"\n'
                     '[log]\ntarget = "file"\nfile = "/var/log/heloguard/rotated.log"\n')
        self.machine.run("logrotate", "--force", "/etc/logrotate.d/heloguard")
        self.judge()
        log, old = (self.machine.path(f"/var/log/heloguard/rotated.log{end}") for end in ("", ".1"))
        end = time.monotonic() + PATIENCE
        while not log.exists() and time.monotonic() < end:
            self.judge()
        self.assertIn("session=", log.read_text())
        self.assertIn("started: ", old.read_text())
        self.assertEqual(self.stat("/var/log/heloguard/rotated.log"), "640 heloguard:adm")

    def test_a_socket_in_postfixs_chroot(self):
        self.machine.run("groupadd", "--system", "--force", "postfix")
        self.machine.run("install", "-d", "-o", "heloguard", "-g", "postfix", "-m", "2750", "/var/spool/postfix/heloguard")
        self.restart(self.config.replace("inet:8891@127.0.0.1", "unix:/var/spool/postfix/heloguard/heloguard.sock"))
        self.assertEqual(self.stat("/var/spool/postfix/heloguard/heloguard.sock"), "660 heloguard:postfix")
        self.assertEqual(self.judge(self.socket("/var/spool/postfix/heloguard/heloguard.sock")), CONTINUE)

    def test_a_socket_for_a_group(self):
        self.machine.run("groupadd", "--system", "--force", "mta")
        drop_in = self.machine.path("/etc/systemd/system/heloguard.service.d/group.conf")
        drop_in.parent.mkdir(exist_ok=True)
        drop_in.write_text("[Service]\nSupplementaryGroups=mta\n")
        self.addCleanup(self.systemctl, "daemon-reload")
        self.addCleanup(drop_in.unlink)
        self.systemctl("daemon-reload")
        self.restart(self.config.replace("inet:8891@127.0.0.1", "unix:/run/heloguard/heloguard.sock").replace(
            "\n[policy]\n", 'socket_group = "mta"\n[policy]\n'))
        self.assertEqual(self.stat("/run/heloguard/heloguard.sock"), "660 heloguard:mta")

    def test_stopping_drains(self):
        self.restart(self.config.replace("\n[policy]\n", 'drain = "2m"\n[policy]\n'))  # longer than the unit's TimeoutStopSec
        with MilterClient(("127.0.0.1", 8891)) as client:
            client.negotiate()
            client.connect("198.51.100.9")
            stopping = subprocess.Popen(self.machine.inside("systemctl", "stop", "heloguard"),
                                        env=ENVIRONMENT, stdin=subprocess.DEVNULL)
            self.wait_for_state("deactivating")
            self.assertEqual(client.helo("mail.example.com"), CONTINUE)
            client.quit()
        self.assertEqual(stopping.wait(PATIENCE), 0)
        self.assertEqual((self.show("ActiveState"), self.show("Result")), ("inactive", "success"))

    def wait_for_state(self, state):
        end = time.monotonic() + PATIENCE
        while self.show("ActiveState") != state:
            self.assertLess(time.monotonic(), end)

    def test_a_wrong_configuration_is_not_tried_for_ever(self):
        self.machine.path(CONFIG).write_text("[milter]\nsokcet = 1\n")
        self.assertNotEqual(self.systemctl("restart", "heloguard", check=False).returncode, 0)
        self.wait_for_state("failed")
        self.assertEqual((self.show("ExecMainStatus"), self.show("NRestarts")), ("78", "0"))
        self.assertIn('sokcet', self.journal())

    def test_upgrading_restarts_it(self):
        self.restart(self.config)
        before = self.show("MainPID")
        later = later_version(self.folder, lambda tree: None)
        shutil.copyfile(later, self.machine.path("/root/later.deb"))
        self.machine.run("dpkg", "-i", "/root/later.deb")
        self.assertEqual(self.show("ActiveState"), "active")
        self.assertNotEqual(self.show("MainPID"), before)
        self.machine.run("dpkg", "-i", "/root/package.deb")

    def test_it_is_shut_in(self):
        self.restart(self.config)
        pid = self.show("MainPID")
        status = self.machine.run("cat", f"/proc/{pid}/status").stdout
        for line in ("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"):
            self.assertIn(line, status)
        self.assertEqual(self.show("LimitNOFILE"), "65536")


if __name__ == "__main__":
    unittest.main()
