"""OpenDMARC behind us in the same milter chain, with either mail server: it takes our field without complaint.

A case gives what header_scenarios.py says, and `opendmarc`.
"""

from .header_scenarios import FIELD, SPF, HeaderScenarios
from .postfix import HOST_NAME
from .scenarios import GOOD, POSTMASTER


# How OpenDMARC writes results; -1 is none read.
IN_HISTORY = {"pass": 0, "softfail": 2, "neutral": 3, "temperror": 4, "permerror": 5, "none": 6, "fail": 7}


class DmarcScenarios:
    delivered = HeaderScenarios.delivered

    def read_by_opendmarc(self, subject, fields=(), **session):
        """The results in what arrives, unfolded, and what OpenDMARC logged about it. It logs its verdict last."""
        before = len(self.opendmarc.log.text())
        delivered = self.delivered(subject, fields, **session)
        self.opendmarc.log.find(rf"{subject}\.client\.example (none|pass|fail)", self.opendmarc.alive)
        results = [" ".join(value.split()) for name, value in delivered if name == FIELD]
        return results, self.opendmarc.log.text()[before:]

    def test_our_field_is_read_and_trusted(self):
        """It tells of every field it passes over: of strangers' and broken ones, not of ours."""
        sessions = {"plain": {}, "hostile": {"helo": 'a_b#c'}, "literal": {"helo": "[203.0.113.5]"},
                    "postmaster": {"helo": "203.0.113.5", "recipient": POSTMASTER}}
        for subject, session in sessions.items():
            with self.subTest(subject):
                results, log = self.read_by_opendmarc(subject, [(FIELD, "mx.other.example; spf=pass")], **session)
                self.assertEqual([value.split(";")[0] for value in results], [HOST_NAME, HOST_NAME, "mx.other.example"])
                self.assertEqual(sum("; x-helo=" in value for value in results), 1, results)
                self.assertEqual(sum("; dmarc=none" in value for value in results), 1, results)
                self.assertEqual(log.count("ignoring Authentication-Results"), 1, log)
                self.assertRegex(log, r"ignoring Authentication-Results at \d from mx\.other\.example\n")
                self.assertNotIn("invalid", log)

    def test_every_result_of_iprev_is_read(self):
        for number in (GOOD, 11, 12, 13, 14, 16):
            with self.subTest(client=self.address(number)):
                client = self.connect(number)
                self.addCleanup(client.__exit__)
                self.assert_code(client.ehlo("any.client.example"), 250)
                results, log = self.read_by_opendmarc(f"iprev-{number}", client=client, recipient=POSTMASTER)
                self.assertEqual(len(results), 2)
                self.assertNotIn("ignoring", log)

    def test_its_history_has_our_spf_result(self):
        """What stands in the history comes from our field alone: there is no other SPF filter here."""
        for name, result in SPF.items():
            with self.subTest(helo=name):
                before = len(self.opendmarc.history.text())
                self.read_by_opendmarc(f"history-{result}", helo=name)
                record = self.opendmarc.history.text()[before:]
                self.assertIn(f"\nfrom history-{result}.client.example\n", record)
                self.assertIn(f"\nspf {IN_HISTORY[result]}\n", record)
