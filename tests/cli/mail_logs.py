"""Logs of Postfix and of heloguard itself, and `heloguard replay` run on them."""
from harness import OK, CliTest


class PostfixLog:
    """Lines of Postfix, session after session."""

    def __init__(self):
        self.lines = []
        self.pid = 0
        self.minute = 0

    def line(self, message, program="postfix/smtpd"):
        self.lines.append(f"Nov 21 10:{self.minute:02}:00 mx {program}[{self.pid}]: {message}\n")

    def session(self, client, *messages, counts="commands=1"):
        """`client` is NAME[ADDRESS]; each message is a line in between, {c} stands for the client."""
        self.pid += 1
        self.minute = (self.minute + 1) % 60
        self.line(f"connect from {client}")
        for message in messages:
            self.line(message.replace("{c}", client))
        self.line(f"disconnect from {client} {counts}")

    def accepted(self, client, helo=None):
        info = [f"NOQUEUE: info: RCPT from {{c}}: <{helo}>: Helo command info; from=<a@x.example> to=<b@y.example> "
                f"proto=ESMTP helo=<{helo}>"] if helo is not None else []
        self.session(client, *info, "4ABC: client={c}", counts="ehlo=1 mail=1 rcpt=1 data=1 quit=1 commands=5")

    def refused(self, client, helo, text="550 5.7.1 no", word="milter-reject"):
        self.session(client, f"NOQUEUE: {word}: RCPT from {{c}}: {text}; from=<a@x.example> to=<b@y.example> "
                     f"proto=ESMTP helo=<{helo}>", counts="ehlo=1 mail=1 rcpt=0/1 quit=1 commands=3/4")

    def __str__(self):
        return "".join(self.lines)


def own(session, client, helo, verdict, **more):
    values = {"session": session, "client": client, "port": "25", "helo": helo, "kind": "fqdn", "rdns": "-",
              "rdns_status": "-", "rdns_dnssec": "-", "verdict": verdict, "rule": "-", "mode": "enforce",
              "stage": "rcpt", "score": "0", "wait_ms": "0.0", "dns": "0/0.0ms", "from": "<a@x.example>", "to": "<b@y.example>", **more}
    return ("2026-11-21T10:00:00.000+00:00 info " + " ".join(f"{key}={value}" for key, value in values.items()) + "\n")


class Replay(CliTest):
    def replay(self, log, *args, policy="sample.toml", env=None):
        names = []
        for number, text in enumerate(log if isinstance(log, list) else [log]):
            names.append(f"log.{number}")
            self.write(names[-1], text if isinstance(text, bytes) else str(text))
        return self.run_binary("replay", *names, "--policy", policy, *args, env={"TZ": "UTC", **(env or {})})

    def page(self, log, *args):
        ran = self.replay(log, *args, "--format", "html", "--output", "report.html")
        self.assertEqual((ran.status, ran.out, ran.err), (OK, "", ""))
        return (self.dir / "report.html").read_text(encoding="utf-8")

    def report(self, log, *args, **more):
        ran = self.replay(log, "--format", "json", *args, **more)
        self.assertEqual((ran.status, ran.err), (OK, ""))
        return ran.json
