"""The package's life: installing, upgrading with edited files, removing, purging, by dpkg in a Debian of its own; and the
daemon as it is after installing, started without systemd."""
import fcntl
import os
import signal
import socket
import struct
import subprocess
import unittest

from deb_package import DEB, VERSION, later_version
from debian_root import ENVIRONMENT, DebianTest, libc
from milter_client import CONTINUE, MilterClient

CONFIG, LOCAL, LOGROTATE = "/etc/heloguard/heloguard.toml", "/etc/heloguard/local.toml", "/etc/logrotate.d/heloguard"
DEFAULT = "/usr/share/heloguard/policies/default.toml"
CLONE_NEWNET = 0x40000000
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1


class Package(DebianTest):
    def append(self, name, text):
        with open(self.path(name), "a", encoding="utf-8") as file:
            file.write(text)
        return self.read(name)

    def read(self, name):
        return self.path(name).read_text()

    def owner(self, name):
        return self.run_in("stat", "-c", "%a %U:%G", name).strip()

    def later(self):
        """The next version brings another default configuration, another template and another policy."""
        def change(tree):
            for name in (CONFIG, LOGROTATE, "/usr/share/heloguard/local.toml", DEFAULT):
                with open(tree / name.lstrip("/"), "a", encoding="utf-8") as file:
                    file.write("# of the later version\n")
        return later_version(self.folder, change)

    def version(self):
        return self.run_in("dpkg-query", "-W", "-f", "${db:Status-Abbrev}${Version}", "heloguard").strip()

    def in_etc(self):
        folder = self.path("/etc/heloguard")
        return sorted(path.name for path in folder.iterdir()) if folder.exists() else None


class Life(Package):
    def test_installing(self):
        self.install(DEB)
        self.assertEqual(self.version(), f"ii {VERSION}")
        self.assertEqual(self.run_in("dpkg", "--verify", "heloguard"), "")
        self.assertRegex(self.run_in("getent", "passwd", "heloguard"), r"^heloguard:x:\d+:\d+:[^:]*:/nonexistent:/usr/sbin/nologin$")
        self.assertEqual(self.in_etc(), ["heloguard.toml", "local.toml"])
        for name, mode in ((CONFIG, "644 root:root"), (LOCAL, "644 root:root"), ("/etc/heloguard", "755 root:root"),
                           ("/var/log/heloguard", "2750 heloguard:adm")):
            self.assertEqual(self.owner(name), mode, name)
        self.assertTrue(self.path("/etc/systemd/system/multi-user.target.wants/heloguard.service").is_symlink())
        # Nobody but root may change what is judged.
        self.assertEqual(self.run_in("find", "/etc/heloguard", "/usr/share/heloguard", "-perm", "/022", "!", "-type", "l"), "")

    def test_what_was_installed_is_right(self):
        self.install(DEB)
        said = self.run_in("heloguard", "serve", "--check-config", user="heloguard:heloguard")
        self.assertIn("configuration ok: policy observe (observe, ", said)
        self.assertIn(": ok (", self.run_in("heloguard", "lint", "--strict", LOCAL))
        self.assertIn(": ok (", self.run_in("heloguard", "lint", "--strict", DEFAULT))
        self.assertIn(" passed", self.run_in("heloguard", "test", "/usr/share/heloguard/policies"))

    def test_upgrading_what_nobody_edited(self):
        self.install(DEB)
        local = self.read(LOCAL)
        self.install(self.later())
        self.assertEqual(self.version(), f"ii {VERSION}+later")
        for name in (CONFIG, LOGROTATE, DEFAULT):
            self.assertTrue(self.read(name).endswith("# of the later version\n"), name)
        self.assertEqual(self.read(LOCAL), local)
        self.assertEqual(self.in_etc(), ["heloguard.toml", "local.toml"])

    def test_upgrading_edited_files(self):
        self.install(DEB)
        edited = {name: self.append(name, "# mine\n") for name in (CONFIG, LOCAL)}
        self.install(self.later(), "--force-confold")
        self.assertEqual({name: self.read(name) for name in edited}, edited)
        # The new configuration lies beside the edited one; of the site's own file there is no other.
        self.assertEqual(self.in_etc(), ["heloguard.toml", "heloguard.toml.dpkg-dist", "local.toml"])
        self.assertTrue(self.read(DEFAULT).endswith("# of the later version\n"))

    def test_the_sites_own_file_raises_no_question(self):
        self.install(DEB)
        edited = self.append(LOCAL, "# mine\n")
        self.install(self.later())  # no answer is given: dpkg would fail if it asked
        self.assertEqual(self.read(LOCAL), edited)

    def test_a_file_taken_away_stays_away(self):
        self.install(DEB)
        self.path(LOCAL).unlink()
        self.append(CONFIG, "# mine\n")
        self.install(self.later(), "--force-confold")
        self.assertFalse(self.path(LOCAL).exists())

    def test_removing_and_coming_back(self):
        self.install(DEB)
        edited = {name: self.append(name, "# mine\n") for name in (CONFIG, LOCAL)}
        self.run_in("dpkg", "-r", "heloguard")
        self.assertFalse(self.path("/usr/bin/heloguard").exists())
        self.assertFalse(self.path("/usr/share/heloguard").exists())
        self.assertEqual({name: self.read(name) for name in edited}, edited)
        self.install(DEB)
        self.assertEqual({name: self.read(name) for name in edited}, edited)

    def test_purging(self):
        self.install(DEB)
        self.path("/var/lib/heloguard").mkdir()
        self.run_in("dpkg", "-r", "heloguard")
        self.run_in("dpkg", "-P", "heloguard")
        for name in ("/etc/heloguard", "/var/log/heloguard", "/var/lib/heloguard", LOGROTATE, "/usr/share/heloguard",
                     "/etc/systemd/system/multi-user.target.wants/heloguard.service"):
            self.assertFalse(os.path.lexists(self.path(name)), name)

    def test_purging_leaves_the_postmasters_own_files(self):
        self.install(DEB)
        self.path("/etc/heloguard/local.cases").write_text("client 192.0.2.45 helo x expect accept\n")
        self.run_in("dpkg", "-P", "heloguard")
        self.assertEqual(self.in_etc(), ["local.cases"])


def own_network():
    """Ports of this process's own; nothing is reached, and nobody else's daemon is in the way."""
    if libc.unshare(CLONE_NEWNET) != 0:
        raise unittest.SkipTest("no network namespace")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        request = struct.pack("16sh", b"lo", 0)
        flags = struct.unpack("16sh", fcntl.ioctl(any_socket, SIOCGIFFLAGS, request))[1]
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh", b"lo", flags | IFF_UP))


class Service(Package):
    """The installed daemon, without systemd, in a network of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        own_network()

    def setUp(self):
        super().setUp()
        self.install(DEB)
        self.syslog = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(self.syslog.close)
        self.path("/dev/log").unlink(missing_ok=True)
        self.syslog.bind(str(self.path("/dev/log")))
        self.path("/dev/log").chmod(0o666)
        self.syslog.settimeout(30)

    def line(self, part):
        """The next log line with `part` in it, as it reaches syslog."""
        while True:
            line = self.syslog.recv(65536).decode()
            if part in line:
                return line

    def start(self):
        daemon = subprocess.Popen(["chroot", "--userspec=heloguard:heloguard", self.root, "heloguard", "serve", "--config", CONFIG],
                                  env=ENVIRONMENT, stdin=subprocess.DEVNULL)
        self.addCleanup(daemon.wait)
        self.addCleanup(daemon.kill)
        self.line("started: ")
        return daemon

    def judge(self, helo):
        """The answer to RCPT."""
        with MilterClient(("127.0.0.1", 8891)) as client:
            client.negotiate()
            client.connect("198.51.100.9")
            client.helo(helo)
            client.mail()
            answer = client.rcpt()
            client.abort()
        return answer

    def test_observes_then_enforces(self):
        daemon = self.start()
        self.assertEqual(self.judge("198.51.100.9"), CONTINUE)
        line = self.line("session=")
        self.assertIn(" verdict=reject rule=bare-ip mode=observe ", line)
        self.assertTrue(line.startswith("<22>"), line)  # facility mail, level info
        config = self.read(CONFIG)
        self.path(CONFIG).write_text(config.replace("observe.toml", "default.toml"))
        daemon.send_signal(signal.SIGUSR1)
        self.line("reloaded: policy default (enforce")
        self.assertRegex(self.judge("198.51.100.9"), r"^550 5\.7\.1 ")
        daemon.send_signal(signal.SIGUSR2)
        self.assertEqual(daemon.wait(30), 0)

    def test_without_its_configuration_it_does_not_start(self):
        self.path(CONFIG).unlink()
        unit = self.read("/lib/systemd/system/heloguard.service")
        command = unit.split("\nExecStart=")[1].splitlines()[0].split()
        self.run_in(*command, user="heloguard:heloguard", status=66)


if __name__ == "__main__":
    unittest.main()
