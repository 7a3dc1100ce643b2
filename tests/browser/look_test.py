"""The replay page as it looks: totals, charts, light and dark, phone, paper, without JavaScript, by keyboard."""
import json

import page_case
import reports
from page_case import SCREENSHOTS

# Texts whose colour is too close to what is behind them (WCAG 2.1, 1.4.3), as "ratio text".
LOW_CONTRAST = """(() => {
  const parse = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((part) => part / 255)
      .map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
      .reduce((sum, part, at) => sum + part * [0.2126, 0.7152, 0.0722][at], 0);
  const behind = (element) => {
    for (; element; element = element.parentElement) {
      const colour = parse(getComputedStyle(element).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.body.querySelectorAll("*")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
    if (!own || element.closest("svg, script, option") || !element.checkVisibility()) continue;
    const [one, two] = [light(parse(getComputedStyle(element).color)), light(behind(element))];
    const ratio = (Math.max(one, two) + 0.05) / (Math.min(one, two) + 0.05);
    if (ratio < 4.5) low.push(ratio.toFixed(2) + " " + element.textContent.slice(0, 40));
  }
  return low;
})()"""


def count(number):
    return f"{number:,}"


class Totals(page_case.PageCase):
    def test_the_answer_comes_first(self):
        report = reports.sample()
        browser = self.open(report)
        self.assert_quiet()
        self.assertEqual(
            browser.texts(".answer"),
            ["21 of 6,004 sessions that the mail server accepted would have been refused (0.3 %)."],
        )
        self.assertEqual(
            browser.texts("#behind"),
            [
                "By rule: score-reject (15), bare-ip (6). Clients: mail.partner.example (9), 198.51.100.77 (6), "
                "mx1.insurance.example (4), pool-201.isp.example (2)."
            ],
        )
        self.assertEqual(
            browser.texts(".hero .also")[0],
            "3 accepted sessions would have been deferred. "
            "45 sessions that the mail server refused would pass the policy; its other checks stand.",
        )
        self.assertTrue(browser.run("document.querySelector('.hero').classList.contains('look')"))

    def test_nothing_to_lose(self):
        browser = self.open(reports.fine())
        self.assert_quiet()
        self.assertEqual(browser.texts("#headline"), ["0"])
        self.assertTrue(browser.run("document.querySelector('.hero').classList.contains('fine')"))
        self.assertEqual(browser.texts("#behind"), [""])
        self.assertEqual(browser.texts("#change-table caption"), ["0 sessions would be answered differently."])
        self.assertEqual(browser.texts("#client-table td.empty"), ["No client would be answered differently."])

    def test_nothing_to_lose_among_the_few_that_were_judged(self):
        report = reports.hardly_judged()
        browser = self.open(report)
        self.assert_quiet()
        accepted = report["totals"]["mta"]["accepted"]
        self.assertEqual(
            browser.texts(".answer"),
            [
                f"0 of {count(accepted - 600)} judged sessions that the mail server accepted would have been refused; "
                "600 more accepted sessions could not be judged."
            ],
        )
        self.assertTrue(browser.run("document.querySelector('.hero').classList.contains('mind')"))
        self.assertEqual(browser.run(LOW_CONTRAST), [])
        self.assertEqual(browser.texts(".cross tbody tr:first-child td")[3:], ["600", count(accepted)])

    def test_what_is_not_certain(self):
        report = reports.fine()
        report["changes"]["uncertain"] = 4
        browser = self.open(report)
        self.assertIn("4 sessions may be answered differently, and may not: what the log does not tell decides.",
                      browser.texts(".hero .also"))
        self.assertTrue(browser.run("document.querySelector('.hero').classList.contains('mind')"))
        self.assertEqual(browser.texts("#change-table caption"),
                         ["0 sessions would be answered differently. Not counted: 4 that may."])

    def test_observing_policies(self):
        report = reports.two_policies()
        report["policy"]["mode"] = report["against"]["mode"] = "observe"
        also = self.open(report).texts(".hero .also")
        self.assertIn("The policy compared with observes and refuses nothing.", also[0])
        self.assertEqual(
            also[1], "The policy observes: a daemon running it would have logged this and refused nothing."
        )

    def test_two_policies(self):
        browser = self.open(reports.two_policies())
        self.assert_quiet()
        self.assertEqual(
            browser.texts(".answer"),
            [
                "103 of 7,880 judged sessions would be answered differently than by the policy old; "
                "640 more sessions could not be judged."
            ],
        )
        self.assertIn("21 sessions from accept to reject.", browser.texts(".hero .also")[0])
        self.assertEqual(browser.texts("#log-table caption"), ["Read from heloguard's own log: exact."])
        self.assertEqual(browser.count(".callout"), 0)
        self.assertEqual(browser.texts("#client-table tbody tr:first-child .under")[1], "heloguard: accepted")

    def test_heloguards_own_log(self):
        browser = self.open(reports.own_log())
        self.assert_quiet()
        self.assertEqual(
            browser.texts(".answer"),
            [
                "50 of 7,880 judged sessions would be refused for which the log has another answer (0.6 %); "
                "640 more sessions could not be judged."
            ],
        )
        self.assertEqual(
            browser.texts(".hero .also")[:2],
            [
                "3 sessions from accept to tempfail. 45 sessions from reject to accept. "
                "5 sessions from tempfail to accept.",
                "17 sessions would fare worse, should what the log does not tell be against them.",
            ],
        )
        self.assertEqual(
            browser.texts("#behind"),
            [
                "By rule: score-reject (44), bare-ip (6). Clients: 198.51.100.130 (22), mail.partner.example (9), "
                "198.51.100.131 (7), 198.51.100.77 (6) and 2 more."
            ],
        )
        self.assertEqual(browser.texts("#answers h2"), ["What heloguard did, and what the policy says"])

    def test_a_log_without_the_mail_servers_answer(self):
        report = reports.sample()
        every = report["totals"]["sessions"]
        report["totals"]["mta"] = {"accepted": 0, "refused": 0, "deferred": 0, "no_mail": 0, "unknown": every}
        report["totals"]["cross"] = {"unknown": report["totals"]["verdicts"]}
        browser = self.open(report)
        self.assert_quiet()
        self.assertEqual(
            browser.texts(".answer"),
            [
                "1,430 of 7,880 judged sessions would have been refused (18.1 %); "
                "640 more sessions could not be judged."
            ],
        )
        self.assertEqual(browser.texts(".cross tbody th")[-1], "not logged")

    def test_cells_of_the_cross_table(self):
        report = reports.sample()
        browser = self.open(report)
        for mta, row in report["totals"]["cross"].items():
            for verdict, sessions in row.items():
                self.assertEqual(browser.texts(f'td[data-mta="{mta}"][data-verdict="{verdict}"]'), [count(sessions)])
        unjudged = [0, 0, 0, 640]
        self.assertEqual(browser.texts(".cross .unjudged"), [count(sessions) for sessions in unjudged])
        self.assertEqual(
            browser.texts(".cross .sum"),
            [count(sum(row.values()) + more) for row, more in zip(report["totals"]["cross"].values(), unjudged)],
        )
        self.assertEqual(browser.texts(".callout li"), report["cannot_tell"])
        self.assertEqual(browser.texts("#log-table tbody th"), [log["file"] for log in report["logs"]])

    def test_an_empty_report(self):
        browser = self.open({})
        self.assert_quiet()
        self.assertEqual(browser.texts("#headline"), ["0"])
        self.assertFalse(browser.run("document.getElementById('time').checkVisibility()"))


class Charts(page_case.PageCase):
    def test_a_column_a_bucket(self):
        report = reports.sample()
        browser = self.open(report)
        buckets = report["over_time"]["buckets"]
        self.assertEqual(browser.count("#time .column"), len(buckets))
        for view, parts in (
            ("Refusals", lambda bucket: [bucket["reject"], bucket["tempfail"]]),
            ("Judged sessions", lambda bucket: [bucket["reject"], bucket["tempfail"], bucket["accept"]]),
        ):
            self.choose(view)
            self.assertEqual(
                browser.count("#time .column rect:not(.hit)"),
                sum(part > 0 for bucket in buckets for part in parts(bucket)),
                view,
            )
        heights = browser.run(
            """[...document.querySelectorAll('#time .column')].map((column) =>
            [...column.querySelectorAll('rect:not(.hit)')].reduce((sum, rect) => sum + rect.height.baseVal.value, 0))"""
        )
        sums = [bucket["reject"] + bucket["tempfail"] + bucket["accept"] for bucket in buckets]
        for height, total in zip(heights, sums):
            self.assertAlmostEqual(height / max(heights), total / max(sums), places=3)
        self.assert_quiet()

    def choose(self, view):
        self.browser.run(
            f"[...document.querySelectorAll('.choice label')].find((e) => e.textContent === {json.dumps(view)}).click()"
        )

    def test_rules_beyond_the_colours_are_one_series(self):
        browser = self.open(reports.sample())
        self.choose("By rule")
        legend = browser.texts("#time .legend li")
        self.assertEqual(len(legend), 8)
        self.assertEqual(legend[-1], "2 other rules")
        self.assertEqual(browser.texts("#time p.quiet"), ["Most in one hour: 72, 21 Nov 09:00 UTC."])

    def test_what_a_column_says(self):
        report = reports.sample()
        browser = self.open(report)
        browser.run("document.querySelectorAll('#time .hit')[33].dispatchEvent(new PointerEvent('pointerenter'))")
        bucket = report["over_time"]["buckets"][33]
        self.assertEqual(browser.texts(".tip b"), ["21 Nov 09:00 UTC"])
        self.assertEqual(
            browser.texts(".tip div"),
            [f"reject{bucket['reject']}"] + ([f"tempfail{bucket['tempfail']}"] if bucket["tempfail"] else []),
        )

    def test_narrow_columns_are_added_up(self):
        report = reports.many(10)
        browser = self.open(report, width=390)
        columns = browser.count("#time .column")
        self.assertGreater(columns, 100)
        self.assertLess(columns, 200)
        per = -(-400 // columns)
        buckets = report["over_time"]["buckets"]
        sums = [
            sum(bucket["reject"] + bucket["tempfail"] for bucket in buckets[at : at + per]) for at in range(0, 400, per)
        ]
        self.assertEqual(columns, len(sums))
        self.assertIn(f": {max(sums)}, ", browser.texts("#time p.quiet")[0])
        browser.screen(1280, 900)
        browser.settle()
        self.assertEqual(browser.count("#time .column"), 400)

    def test_bars_in_tables(self):
        report = reports.sample()
        browser = self.open(report)
        self.assertEqual(browser.count("#rule-table .inline-bar"), len(reports.RULES))
        self.assertEqual(browser.count("#network-table .inline-bar"), len(report["networks"]))
        bars = browser.run("[...document.querySelectorAll('#network-table .inline-bar')].map((bar) =>"
                           " [...bar.querySelectorAll('rect')].map((part) => part.width.baseVal.value))")
        by_refused = sorted(report["networks"], key=lambda network: -network["refused"])
        for (judged, refused), network in zip(bars, by_refused):
            self.assertAlmostEqual(judged, 1000 * network["judged"] / 300, places=2)
            self.assertAlmostEqual(refused, 1000 * network["refused"] / 300, places=2)
        widths = browser.run(
            "[...document.querySelectorAll('#rule-table .matched')].map((bar) => bar.width.baseVal.value)"
        )
        self.assertEqual(browser.texts("#unmatched"), ["2 rules matched nothingexempt, trusted"])
        most = max(rule["sessions"] for rule in report["rules"])
        for width, rule in zip(widths, report["rules"]):
            self.assertAlmostEqual(width, 1000 * rule["sessions"] / most, places=2)

    def test_times_name_their_zone(self):
        report = reports.sample()
        browser = self.open(report)
        browser.click("#time summary")
        browser.click("#client-table .open")
        browser.settle()
        self.assertEqual(browser.texts("#time .zone"), ["UTC"])
        self.assertEqual(browser.texts(".numbers th:first-child")[0], "From (UTC)")
        self.assertEqual(browser.texts("#log-table thead th")[1:3], ["From (UTC)", "To (UTC)"])
        self.assertEqual(browser.texts("#client-table thead th")[-1], "Last (UTC)")
        self.assertIn("Seen (UTC)", browser.texts("tr.detail dt"))
        for log in report["logs"]:
            log["last"] = "2026-11-21T10:00:00"
        self.open(report)
        self.assertEqual(browser.texts("#log-table thead th")[1:3], ["From", "To"], "not said, not claimed")

    def test_as_numbers(self):
        report = reports.sample()
        browser = self.open(report)
        browser.click("#time summary")
        browser.settle()
        rows = browser.run(
            "[...document.querySelectorAll('.numbers tbody tr')]"
            ".map((row) => [...row.cells].map((cell) => cell.textContent))"
        )
        bucket = report["over_time"]["buckets"][5]
        self.assertEqual(len(rows), 48)
        self.assertEqual(
            rows[5],
            ["2026-11-20 05:00:00", count(bucket["reject"]), count(bucket["tempfail"]), count(bucket["accept"])],
        )


class Look(page_case.PageCase):
    def test_light_and_dark(self):
        backgrounds = {}
        for scheme in ("light", "dark"):
            browser = self.open(reports.sample(), scheme=scheme)
            browser.click("#client-table .open")
            self.assertEqual(browser.run(LOW_CONTRAST), [], scheme)
            backgrounds[scheme] = browser.run("getComputedStyle(document.body).backgroundColor")
            browser.screenshot(SCREENSHOTS / f"{scheme}.png")
            self.assert_quiet()
        self.assertEqual(backgrounds, {"light": "rgb(244, 245, 247)", "dark": "rgb(15, 19, 25)"})

    def test_every_width(self):
        for width in (320, 390, 700, 768, 1024, 1920):
            browser = self.open(reports.sample(), width=width, phone=width < 700)
            self.assertEqual(browser.run("document.documentElement.scrollWidth"), width)
            overflowing = browser.run(
                "[...document.querySelectorAll('.scroll')].filter((e) => e.scrollWidth > e.clientWidth + 1)"
                ".map((e) => e.querySelector('table').id + e.scrollWidth + '>' + e.clientWidth)"
            )
            if width in (390, 1920):
                self.assertEqual(overflowing, [], width)
            if width == 390:
                self.assertFalse(browser.run("document.querySelector('#client-table thead').checkVisibility()"))
                self.assertTrue(browser.run("document.querySelector('.sort-choice').checkVisibility()"))
                browser.screenshot(SCREENSHOTS / "phone.png")
            self.assert_quiet()

    def matched(self, report):
        return [rule["rule"] for rule in report["rules"] if rule["sessions"] > 0]

    def test_paper_is_light(self):
        browser = self.open(reports.sample(), scheme="dark")
        browser.call(
            "Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}]
        )
        browser.settle()
        self.assertEqual(browser.run("getComputedStyle(document.querySelector('h1')).color"), "rgb(24, 32, 44)")
        for hidden in (".sections", ".tools", ".choice"):
            self.assertFalse(browser.run(f"document.querySelector('{hidden}').checkVisibility()"), hidden)
        browser.call("Emulation.setEmulatedMedia", media="", features=[])
        self.assertTrue(browser.pdf(SCREENSHOTS / "page.pdf").startswith(b"%PDF"))
        self.assert_quiet()

    def test_without_javascript(self):
        report = reports.sample()
        self.browser.allow_scripts(False)
        self.addCleanup(self.browser.allow_scripts, True)
        browser = self.open(report)
        browser.screenshot(SCREENSHOTS / "without-javascript.png")
        body = browser.run("document.body.innerText")
        for text in ("21", "of 6,004 sessions that the mail server accepted", "The totals do not.", "8,520", "1,430"):
            self.assertIn(text, body)
        self.assertNotIn("Logs read", body)
        self.assertEqual(browser.texts("#rules noscript tbody th"), self.matched(report))
        self.assertFalse(browser.run("document.getElementById('clients').checkVisibility()"))
        self.assert_quiet()


class Keyboard(page_case.PageCase):
    def focus_by_tab(self, selector):
        for _ in range(120):
            self.browser.key("Tab")
            if self.browser.run(f"document.activeElement.matches({json.dumps(selector)})"):
                return
        self.fail(f"Tab never gets to {selector}")

    def test_everything_by_keyboard(self):
        browser = self.open(reports.sample())
        browser.key("Tab")
        self.assertEqual(browser.run("document.activeElement.textContent"), "To the clients")
        self.focus_by_tab(".chart")
        browser.key("ArrowRight")
        browser.key("ArrowRight")
        self.assertEqual(browser.texts(".tip b"), ["20 Nov 01:00 UTC"])
        browser.key("End")
        self.assertEqual(browser.texts(".tip b"), ["21 Nov 23:00 UTC"])
        self.focus_by_tab("#search")
        for letter in "bakery":
            browser.call("Input.insertText", text=letter)
        self.assertEqual(browser.count("#client-table tbody tr"), 1)
        self.focus_by_tab("#client-table thead th:nth-child(2) button")
        browser.key("Enter")
        self.assertEqual(
            browser.run("document.querySelector('#client-table th[aria-sort]').getAttribute('aria-sort')"), "ascending"
        )
        self.focus_by_tab("#client-table .open")
        browser.key(" ")
        self.assertEqual(browser.count("#client-table tr.detail"), 1)
        self.assert_quiet()

    def test_names_for_those_who_do_not_see(self):
        browser = self.open(reports.sample())
        unnamed = browser.run(
            """[...document.querySelectorAll("button, input, select, a, [tabindex='0']")].filter((element) =>
            !(element.getAttribute("aria-label") || element.textContent.trim() ||
              element.labels?.[0]?.textContent.trim()))
            .map((element) => element.outerHTML)"""
        )
        self.assertEqual(unnamed, [])
        ids = browser.run("[...document.querySelectorAll('[id]')].map((element) => element.id)")
        self.assertEqual(len(ids), len(set(ids)))
        self.assertEqual(browser.count("table:not(:has(caption)):not(.numbers table):not(noscript table)"), 0)
        self.assertEqual(browser.count("svg:not([aria-hidden])"), 0)
        self.assertEqual(browser.texts("h1"), ["What the policy would have done"])


if __name__ == "__main__":
    page_case.main()
