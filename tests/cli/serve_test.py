"""The daemon as a postmaster and systemd see it: start line, readiness, log, metrics, reload, stop, exit statuses."""

import json
import os
import pwd
import socket
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from daemon import BROKEN, HELOGUARD, LENIENT, POLICY, SHIPPED, Daemon, free_address, wait_for_line


class ServeTest(unittest.TestCase):
    maxDiff = None

    def start(self, *args, **kwargs):
        daemon = Daemon(*args, **kwargs)
        self.addCleanup(daemon.finish)
        daemon.ready = daemon.notifications.next()
        return daemon

    def end_well(self, daemon):
        """With a sanitizer in the build, 0 says that it found nothing."""
        self.assertEqual(daemon.stop(), 0, daemon.lines)

    def assert_counted(self, daemon, line):
        self.assertIn("\n" + line + "\n", daemon.get("/metrics"))


class Service(ServeTest):
    def test_start_line_and_readiness(self):
        daemon = self.start()
        self.assertTrue(daemon.ready.startswith("READY=1\nSTATUS=policy small (enforce, hash "), daemon.ready)
        line = daemon.line("started: version ")
        self.assertRegex(line, r" info started: version \d+\.\d+\.\d+, socket inet:%d@%s, policy small \(enforce, "
                         r"hash [0-9a-f]{16}, 1 rules, file \S+/policy\.toml\), stages connect, helo, mail, rcpt; "
                         r"refuses from rcpt on, resolver forward 127\.0\.0\.1@9.*, metrics %s:%d$"
                         % (daemon.port, daemon.host, *daemon.metrics))
        self.end_well(daemon)
        self.assertEqual(daemon.notifications.next(), "STOPPING=1\nEXTEND_TIMEOUT_USEC=40000000")
        self.assertIn(" info stopping: ", daemon.lines[-2])
        self.assertTrue(daemon.lines[-1].endswith(" info stopped"), daemon.lines)

    def test_sessions_are_answered_logged_and_counted(self):
        daemon = self.start()
        self.assertEqual(daemon.judge("mail.example.com"), "continue")
        self.assertEqual(daemon.judge("192.0.2.1"), "550 5.7.1 HELO 192.0.2.1 is an IP address")
        self.assertEqual(daemon.judge("192.0.2.1", to="<postmaster@example.net>"), "continue")
        self.assertEqual(daemon.judge(b"evil\nsession=1 \xff\"\\"), "continue")
        self.assertRegex(daemon.line("verdict=reject"),
                         r" info session=[0-9a-z]{16} client=192\.0\.2\.1 port=- helo=192\.0\.2\.1 kind=bare-ipv4 rdns=- "
                         r"rdns_status=\S+ rdns_dnssec=\S+ verdict=reject rule=bare-ip mode=enforce stage=rcpt score=0 "
                         r"wait_ms=[0-9.]+ dns=0/0\.0ms from=<alice@example\.com> to=<bob@example\.net>$")
        daemon.line("verdict=accept rule=bare-ip ", "to=<postmaster@example.net> exempt=recipient")
        daemon.line(r"helo=evil\x0asession=1\x20\xff\x22\x5c kind=malformed")
        self.assert_counted(daemon, "heloguard_sessions_total 4")
        self.assert_counted(daemon, 'heloguard_verdicts_total{mode="enforce",rule="bare-ip",verdict="reject"} 1')
        self.assert_counted(daemon, 'heloguard_verdicts_total{mode="enforce",rule="exempt",verdict="accept"} 1')
        self.assert_counted(daemon, 'heloguard_verdicts_total{mode="enforce",rule="",verdict="accept"} 2')
        self.assertEqual(daemon.get("/healthz"), "ok\n")
        self.assertEqual(daemon.get("/healthz", "HEAD"), "")
        for path, method, status in ("/", "GET", 404), ("/metrics", "POST", 405):
            with self.assertRaises(urllib.error.HTTPError) as caught:
                daemon.get(path, method)
            self.assertEqual(caught.exception.code, status)
            caught.exception.close()
        self.end_well(daemon)

    def test_ids_differ_between_sessions(self):
        daemon = self.start()
        for _ in range(5):
            daemon.judge("mail.example.com")
        self.end_well(daemon)
        ids = [l.split("session=")[1].split()[0] for l in daemon.lines if "session=" in l]
        self.assertEqual(len(set(ids)), 5)

    def test_a_json_log_file_that_is_moved_away(self):
        with tempfile.TemporaryDirectory(prefix="heloguard-log-") as folder:
            path = os.path.join(folder, "heloguard.log")
            daemon = self.start(log='target = "file"\nfile = "%s"\nformat = "json"' % path)
            daemon.judge("192.0.2.1")
            wait_for_line(path, "bare-ip")  # the log is written behind the session's back
            os.rename(path, path + ".1")
            daemon.judge("mail.example.com")
            self.end_well(daemon)
            with open(path + ".1", encoding="ascii") as file:
                before = [json.loads(line) for line in file if "runs as root" not in line]
            with open(path, encoding="ascii") as file:
                after = [json.loads(line) for line in file]
        self.assertEqual(daemon.lines, [])
        self.assertTrue(before[0]["message"].startswith("started: "))
        self.assertEqual((before[1]["verdict"], before[1]["rule"], before[1]["level"]), ("reject", "bare-ip", "info"))
        self.assertEqual(after[0]["helo"], "mail.example.com")
        self.assertEqual(after[-1]["message"], "stopped")

    def test_the_limit_of_open_files_is_raised(self):
        daemon = self.start()
        with open("/proc/%d/limits" % daemon.process.pid, encoding="ascii") as file:
            soft, hard = next(l for l in file if l.startswith("Max open files")).split()[3:5]
        self.assertEqual(soft, hard)
        self.end_well(daemon)

    @unittest.skipIf(os.geteuid() != 0, "only root can become somebody else")
    def test_root_is_given_up(self):
        nobody = pwd.getpwnam("nobody")
        daemon = self.start(sections='[service]\nuser = "nobody"')
        with open("/proc/%d/status" % daemon.process.pid, encoding="ascii") as file:
            status = dict(l.rstrip("\n").split(":\t", 1) for l in file if ":\t" in l)
        self.assertEqual(status["Uid"].split(), [str(nobody.pw_uid)] * 4)
        self.assertEqual(status["Gid"].split(), [str(nobody.pw_gid)] * 4)
        self.assertNotIn("0", status["Groups"].split())
        self.assertEqual(daemon.judge("mail.example.com"), "continue")
        self.end_well(daemon)


class Health(ServeTest):
    REFUSES_BY_DNS = POLICY + r'''
[[rule]]
name = "no-answer"
when.rdns.status = "temperror"
action = "tempfail"
'''

    def test_a_resolver_that_does_not_answer_refuses_nobody(self):
        daemon = self.start(self.REFUSES_BY_DNS, health="1s")
        self.assertRegex(daemon.line(" warning ", "DNS is"), r"DNS is not to be trusted, rules that rest on it refuse nothing until it "
                         r"recovers: .*127\.0\.0\.1@9 \(dns\.resolvers\)")
        self.assert_counted(daemon, "heloguard_resolver_healthy 0")
        self.assertEqual(daemon.judge("mail.example.com"), "continue")
        daemon.line("helo=mail.example.com ", " verdict=accept ", " resolver=ill")
        self.assertEqual(daemon.judge("192.0.2.1"), "550 5.7.1 HELO 192.0.2.1 is an IP address")
        self.end_well(daemon)
        self.assertEqual(len([l for l in daemon.lines if "DNS is not to be trusted" in l]), 1)

    def test_unwatched_the_rule_says_what_it_wants(self):
        daemon = self.start(self.REFUSES_BY_DNS)
        self.assertTrue(daemon.judge("mail.example.com").startswith("4"))
        self.assert_counted(daemon, "heloguard_resolver_healthy 1")
        self.end_well(daemon)


class Reload(ServeTest):
    def test_a_session_keeps_its_snapshot_and_new_ones_get_the_new(self):
        daemon = self.start()
        old = daemon.session()
        daemon.write("policy.toml", LENIENT)
        told = daemon.reload()
        self.assertEqual(told[0], "RELOADING=1")
        self.assertTrue(told[1].startswith("READY=1\nSTATUS=policy small"), told)
        daemon.line(" info reloaded: policy small (enforce, hash ")
        self.assertEqual(daemon.judge("192.0.2.1", client=old), "550 5.7.1 HELO 192.0.2.1 is an IP address")
        self.assertEqual(daemon.judge("192.0.2.1"), "continue")
        daemon.line("verdict=accept rule=- ", "matched=bare-ip")
        self.assert_counted(daemon, 'heloguard_reloads_total{result="ok"} 1')
        self.end_well(daemon)

    def test_of_many_mistakes_fifty_are_logged(self):
        daemon = self.start()
        rule = '[[rule]]\nname = "r%d"\nwhen.helo.kidn = "fqdn"\naction = "note"\n'
        daemon.write("policy.toml", POLICY + "".join(rule % i for i in range(90)))
        self.assertTrue(daemon.reload()[1].startswith("READY=1\nSTATUS=reload failed, still policy small"))
        daemon.line(" error and 40 more (40 errors, 0 warnings)")
        self.end_well(daemon)
        self.assertEqual(sum("helo.kidn" in line for line in daemon.lines), 50)

    def test_files_that_nest_too_deep_change_nothing(self):
        daemon = self.start()
        with open(daemon.path("heloguard.toml"), encoding="ascii") as file:
            settings = file.read()
        for name, text in (("policy.toml", "a." * 50_000 + "b = 1\n"), ("policy.toml", "a = " + "[" * 100_000),
                           ("heloguard.toml", "[" + "a." * 50_000 + "b]\n")):
            daemon.write(name, text)
            known = len(daemon.lines)
            self.assertTrue(daemon.reload()[1].startswith("READY=1\nSTATUS=reload failed, still policy small"))
            self.assertRegex(daemon.line("nests", after=known), r" error \S+/%s:1:\d+: nests deeper than 128$" % name)
            self.assertEqual(daemon.judge("192.0.2.1"), "550 5.7.1 HELO 192.0.2.1 is an IP address")
        daemon.write("heloguard.toml", settings)
        daemon.write("policy.toml", LENIENT)
        self.assertTrue(daemon.reload()[1].startswith("READY=1\nSTATUS=policy small"))
        self.assertEqual(daemon.judge("192.0.2.1"), "continue")
        self.end_well(daemon)

    def test_a_broken_policy_changes_nothing(self):
        daemon = self.start()
        daemon.write("policy.toml", BROKEN)
        told = daemon.reload()
        self.assertTrue(told[1].startswith("READY=1\nSTATUS=reload failed, still policy small"), told)
        self.assertRegex(daemon.line("bare-ipv5"), r" error \S+/policy\.toml:\d+:\d+: .*bare-ipv5.*did you mean")
        daemon.line(" error reload failed, still policy small")
        self.assertEqual(daemon.judge("192.0.2.1"), "550 5.7.1 HELO 192.0.2.1 is an IP address")
        os.unlink(daemon.path("policy.toml"))
        daemon.reload()
        self.assertEqual(daemon.judge("192.0.2.1"), "550 5.7.1 HELO 192.0.2.1 is an IP address")
        self.assert_counted(daemon, 'heloguard_reloads_total{result="error"} 2')
        daemon.write("policy.toml", LENIENT)
        daemon.reload()
        self.assertEqual(daemon.judge("192.0.2.1"), "continue")
        self.end_well(daemon)

    def test_the_configuration_is_read_again(self):
        daemon = self.start()
        daemon.write("other.toml", LENIENT.replace('"small"', '"other"'))
        daemon.write_config('[service]\nhelp_url = "https://example.com/"')
        with open(daemon.path("heloguard.toml"), encoding="utf-8") as file:
            config = file.read()
        daemon.write("heloguard.toml", config.replace("policy.toml", "other.toml"))
        daemon.reload()
        daemon.line(" info reloaded: policy other (")
        daemon.line(" warning service.help_url has changed: in force from the next start on")
        self.assertEqual(sum("has changed" in l for l in daemon.lines), 1)
        daemon.write("heloguard.toml", "[mitler]\n")
        daemon.reload()
        daemon.line(' error ', 'heloguard.toml:1:2: unknown section "mitler" (did you mean "milter"?)')
        self.end_well(daemon)


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="heloguard-exit-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(self.path("policy.toml"), "w", encoding="utf-8") as file:
            file.write(POLICY)

    def path(self, name):
        return os.path.join(self.folder, name)

    def run_serve(self, config, *options):
        with open(self.path("heloguard.toml"), "w", encoding="utf-8") as file:
            file.write(config)
        return subprocess.run([HELOGUARD, "serve", "--config", self.path("heloguard.toml"), *options],
                              stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", timeout=60, check=False)


class ExitStatus(Folder):
    def test_what_keeps_it_from_starting(self):
        host, port = free_address()
        with socket.socket() as taken:
            taken.bind((host, port))
            taken.listen()
            policy = '[policy]\nfile = "policy.toml"\n[dns]\ndnssec = "off"\n'
            no_metrics = policy + '[metrics]\nlisten = ""\n'
            rows = [
                (78, "[milter]\nbacklog = 1000000\n", "heloguard.toml:2:11: milter.backlog"),
                (78, "[milter\n", "heloguard.toml:1:"),
                (78, '[policy]\nfile = "none.toml"\n', "none.toml"),
                (78, '[metrics]\nlisten = "9911"\n' + policy, "metrics.listen"),
                (78, no_metrics + '[service]\nuser = "no-such-user"\n', "service.user: there is no user no-such-user"),
                (78, no_metrics + '[service]\ngroup = "no-such-group"\n', "service.group: there is no group"),
                (78, no_metrics + '[log]\ntarget = "file"\n', "log.target"),
                (78, no_metrics + '[milter]\nsocket = "nonsense"\n', "milter socket"),
                (69, policy + '[metrics]\nlisten = "%s:%d"\n' % (host, port), "metrics.listen: cannot listen"),
                (69, no_metrics + '[milter]\nsocket = "inet:%d@%s"\n' % (port, host), "milter socket"),
                (69, no_metrics + '[log]\ntarget = "file"\nfile = "/no/such/folder/x.log"\n', "log.file: cannot open"),
            ]
            for status, config, words in rows:
                with self.subTest(config=config):
                    result = self.run_serve(config)
                    self.assertEqual(result.returncode, status, result.stderr)
                    self.assertIn(words, result.stderr)
                    self.assertEqual(result.stdout, "")

    def test_files_named_on_the_command_line(self):
        for option in "--config", "--policy":
            result = subprocess.run([HELOGUARD, "serve", option, self.path("none.toml")], stdin=subprocess.DEVNULL,
                                    capture_output=True, encoding="utf-8", timeout=60, check=False)
            self.assertEqual(result.returncode, 66, result.stderr)
            self.assertIn("none.toml", result.stderr)

    def test_an_error_behind_the_log_is_told_on_stderr_too(self):
        result = self.run_serve('[policy]\nfile = "policy.toml"\n[metrics]\nlisten = ""\n[log]\ntarget = "file"\n'
                                'file = "%s"\n[milter]\nsocket = "nonsense"\n' % self.path("x.log"))
        self.assertEqual(result.returncode, 78)
        self.assertTrue(result.stderr.startswith("heloguard: milter socket"), result.stderr)
        with open(self.path("x.log"), encoding="ascii") as file:
            self.assertIn(" error milter socket", file.read())


class CheckConfig(Folder):
    def test_a_good_one_is_described(self):
        result = self.run_serve('[policy]\nfile = "policy.toml"\n', "--check-config")
        self.assertEqual((result.returncode, result.stderr), (0, ""))
        self.assertRegex(result.stdout, r"^configuration ok: policy small \(enforce, hash [0-9a-f]{16}, 1 rules, ")

    def test_a_broken_one_is_not(self):
        for config in '[milter]\nbacklog = "x"\n', '[policy]\nfile = "x"\n', \
                '[policy]\nfile = "policy.toml"\n[dns]\ntrust_anchor = "/none"\n':
            result = self.run_serve(config, "--check-config")
            self.assertEqual((result.returncode, result.stdout), (78, ""), result.stderr)

    def test_every_shipped_policy_serves(self):
        for name in "default", "strict", "observe", "submission":
            result = self.run_serve("", "--check-config", "--policy", os.path.join(SHIPPED, name + ".toml"))
            self.assertEqual(result.returncode, 0, result.stderr)
            self.assertIn(" %s on" % ("observes from rcpt" if name == "observe" else "refuses from rcpt"), result.stdout)


if __name__ == "__main__":
    unittest.main()
