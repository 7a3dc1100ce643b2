"""Strings of strangers on the replay page: text, whatever they hold, and nothing run or fetched."""
import json
import pathlib

import page_case
import reports

PAYLOADS = [
    "<script>window.pwned = 1</script>",
    "</script><script>window.pwned = 1</script>",
    "<!--<script>",
    "--><script>window.pwned = 1</script>",
    "<![CDATA[",
    "]]>",
    '"><img src=x onerror="window.pwned = 1">',
    "' onfocus='window.pwned = 1' autofocus='",
    "&quot;&lt;b&gt;&#39;&#x3c;",
    "{{script}}",
    "{{data}}",
    "${window.pwned = 1}",
    "`",
    "\\u003cscript>\\\\\"\\n\\",
    "\\x3cscript\\x3e",
    "\u2028a\u2029b\ufeffc",
    "\u202egnp.exe\u202c",
    "\0\1\x1b[31m",
    "javascript:window.pwned=1//",
    "__proto__",
    "constructor",
    "\U0001f600 istanbul",
]
COUNT_TAGS = """[...document.querySelectorAll("*")].reduce((sums, element) => {
  sums[element.tagName] = (sums[element.tagName] || 0) + 1; return sums; }, {})"""


class Hostile(page_case.PageCase):
    def test_every_string_of_the_report(self):
        plain = self.open(reports.spoiled(reports.sample(), "plain")).run(COUNT_TAGS)
        for payload in PAYLOADS:
            with self.subTest(payload=payload):
                browser = self.open(reports.spoiled(reports.sample(), payload))
                self.assertEqual(browser.run(COUNT_TAGS), plain)
                # Made by the script, from the data block.
                helo = "#client-table tbody td:nth-child(3) .mono"
                self.assertIn(payload + "partner-exchange", browser.texts(helo))
                self.assertIn(payload + "score-reject", browser.texts("#rule-table tbody th"))
                self.assertEqual(browser.texts("#log-table tbody th")[1], payload + "/var/log/mail.log")
                self.assertEqual(browser.texts(".callout li")[0], payload + reports.sample()["cannot_tell"][0])
                # Made as HTML, where NUL is left out.
                self.assertIn(payload.replace("\0", "") + "default", browser.texts(".meta b"))
                self.search(payload.split()[0])
                self.assertIn(payload + "partner-exchange", browser.texts(helo))
                self.assertGreater(browser.count("mark"), 0)
                self.assertEqual(
                    browser.count("[onerror], [onfocus], [autofocus], img, iframe, [href^='javascript']"), 0
                )
                self.assertIsNone(browser.run("window.pwned"))
                self.assert_quiet()

    def search(self, words):
        self.browser.run(
            f"(() => {{ const e = document.getElementById('search'); e.value = {json.dumps(words)};"
            " e.dispatchEvent(new Event('input')); })()"
        )

    def test_odd_values(self):
        """Numbers, nulls, lists and objects where the page wants something else."""
        for value in (None, -1, 1e308, [], {}, [[]], "", True):
            with self.subTest(value=value):
                report = reports.sample()
                for client in report["clients"]:
                    client.update(
                        {
                            key: value
                            for key in ("client", "rdns", "helo", "sessions", "last", "rule", "unknown", "score")
                        }
                    )
                report["over_time"] = {
                    "bucket_seconds": value,
                    "buckets": [{"start": value, "reject": value, "by_rule": value}],
                }
                report["rules"] = [{"rule": value, "sessions": value, "decided": value}]
                self.open(report)
                self.assert_quiet()

    def test_the_second_line_of_defence(self):
        """Markup that got into the page all the same runs nothing, styles nothing and fetches nothing."""
        page = page_case.make_page(reports.sample())
        evil = (
            b"<script>window.pwned = 1</script><img src='x.png' onerror='window.pwned = 1'>"
            b"<style>body { display: none }</style><link rel='stylesheet' href='x.css'></body>"
        )
        path = pathlib.Path(self.folder.name, "evil.html")
        path.write_bytes(page.replace(b"</body>", evil))
        self.browser.open(path)
        self.browser.settle()
        self.assertIsNone(self.browser.run("window.pwned"))
        self.assertEqual(self.browser.run("getComputedStyle(document.body).display"), "block")
        self.assertEqual(self.browser.texts("#headline"), ["21"])
        self.assertEqual(self.browser.requests, [f"file://{path}"])
        self.assertEqual({url.rsplit("/")[-1] for url in self.browser.blocked}, {"x.png", "x.css"})
        self.assertTrue(any("Content Security Policy" in line for line in self.browser.console))


if __name__ == "__main__":
    page_case.main()
