"""What every mail server test case has: the DNS world and a folder, made once a file, and words for replies."""

import os
import re
import sys
import unittest

from .heloguard import Heloguard, parse_line
from .workplace import make_directory, remove_directory

SOURCE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__)))))
POLICIES = os.path.join(SOURCE, "tests", "integration", "policies")
SHIPPED = os.path.join(SOURCE, "policies")
CONTRIB = os.path.join(SOURCE, "contrib")

sys.path.insert(0, os.path.join(SOURCE, "tests", "dnsworld"))
from world import DnsWorld  # noqa: E402  (the path above leads to it)

OWN_NAME = "ours.example"


class Surroundings:
    """One DNS world and one folder for all cases of a file."""

    directory = None
    _world = None

    @classmethod
    def open(cls):
        if os.geteuid() != 0:
            raise unittest.SkipTest("needs root: the mail servers change users and folders' owners")
        cls.directory = make_directory()
        cls._world = DnsWorld(os.environ.get("HELOGUARD_DNSWORLD_DIRECTORY"))
        try:
            cls.unbound_config = cls._world.__enter__().unbound_config
        except BaseException:
            remove_directory(cls.directory)
            raise

    @classmethod
    def close(cls):
        cls._world.close()
        remove_directory(cls.directory)


class MtaCase(unittest.TestCase):
    """Subclasses start a daemon and a mail server in setUpClass; both are stopped in reverse, also after a failure."""

    @classmethod
    def start_heloguard(cls, policy, **options):
        return cls.started(Heloguard(Surroundings.directory, policy, Surroundings.unbound_config,
                                     own_names=[OWN_NAME], **options))

    @classmethod
    def started(cls, server):
        """Starts a server for the whole case."""
        server.start()
        cls.addClassCleanup(server.stop)
        return server

    def assert_code(self, reply, code):
        self.assertEqual(reply.code, code, str(reply))

    def assert_shown(self, line, readme, *texts):
        """The readme's sample of a judgement has the keys of this one, in order, and the same rule and verdict. It
        shows these texts as well, with the sample's session in them."""
        sample = next(parse_line(text) for text in readme.splitlines() if text.startswith("session="))
        for text in texts:
            self.assertIn(line["session"], text)
            self.assertIn(text.replace(line["session"], sample["session"]), readme)
        self.assertEqual(list(line)[:len(sample)], list(sample))
        self.assertEqual([line[key] for key in ("verdict", "rule", "kind", "helo")],
                         [sample[key] for key in ("verdict", "rule", "kind", "helo")])

    def assert_reply(self, reply, wanted):
        """The whole reply, "550 5.7.1 text"; Sendmail's insertion of the recipient before the text is taken off."""
        self.assertEqual(re.sub(r"^(\d{3} [\d.]+ )<[^>]*>\.\.\. ", r"\1", str(reply)), wanted)


def policy(name):
    """A policy of these tests."""
    return os.path.join(POLICIES, name)


def readme_of(mta):
    with open(os.path.join(CONTRIB, mta, "README.md"), encoding="utf-8") as lines:
        return lines.read()


def substitute(path, replacements):
    """A file of contrib/ with placeholders replaced. Each has to be there: the test follows the file."""
    with open(path, encoding="utf-8") as lines:
        text = lines.read()
    for placeholder, value in replacements.items():
        if placeholder not in text:
            raise AssertionError(f"{path} does not contain {placeholder}")
        text = text.replace(placeholder, value)
    return text
