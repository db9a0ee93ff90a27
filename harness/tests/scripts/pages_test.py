"""The pages as readers use them, in a headless Chromium: clicked, typed into, walked through by keyboard, in light and dark,
wide and narrow. Whatever is done, no page complains and none asks for anything but itself."""

import json
import pathlib
import re
import shutil
import tempfile
import unittest

import browser
import program
import report_checks

MANY_CASES = 5000
MANY_CASES_MS = 4000  # until the first view stands, on a machine that does other things as well
CONTRAST = 4.5  # WCAG 2.1, 1.4.3
WIDE, NARROW = 1280, 420
SCENARIOS = """pop3spec: 1
defaults: {state: transaction}
scenarios:
  - name: refused
    title: NOOP is refused <b>here</b>, USER-@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@
    proves: [rfc1939-5-noop-ok]
    impact: nothing, it is a test
    dialog: |
      C: NOOP
      S: -ERR
  - name: many
    title: Many are refused
    proves: [rfc1939-5-noop-ok]
    each: {way: {one: NOOP, two: NOOP, three: STAT}}
    dialog: |
      C: {way}
      S: -ERR
"""


class Pages(unittest.TestCase):
    """One browser for all, and one set of pages, made by the program itself."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.make_page(cls.folder)
        cls.browser = cls.enterClassContext(browser.Browser())

    def setUp(self):
        self.browser.complaints.clear()
        self.browser.requests.clear()

    def tearDown(self):
        self.assertEqual(self.browser.complaints, [])
        self.assertEqual([address for address in self.browser.requests if not address.startswith("file:///")], [])
        self.assertLessEqual(len({address.split("#")[0] for address in self.browser.requests}), 1)

    def ask(self, expression):
        return self.browser.evaluate(expression)

    def texts(self, selector):
        return self.ask(f"[...document.querySelectorAll({json.dumps(selector)})].filter((it) => it.offsetParent).map((it) => it.innerText.trim())")

    def press_all(self, *keys):
        for key in keys:
            self.browser.press(key)

    def focused(self):
        return self.ask("document.activeElement.innerText || document.activeElement.tagName")

    def check_looks(self, page):
        """Nothing sticks out of the page, at both widths, and every text is told from its ground, in both schemes."""
        for width in (WIDE, NARROW):
            for dark in (False, True):
                with self.subTest(width=width, dark=dark):
                    self.browser.open(page, width=width, dark=dark)
                    self.ask("document.querySelector('.rows details').open = true")
                    self.browser.wait_for("document.querySelector('.rows .inside').firstChild")
                    self.assertEqual(self.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth"), 0)
                    self.assertEqual(self.ask(FAINT_TEXTS % CONTRAST), [])
                    self.assertEqual(self.ask("getComputedStyle(document.body).backgroundColor"), "rgb(20, 23, 26)" if dark else "rgb(250, 250, 248)")

    def check_names(self, page):
        """Everything that can be used says to a screen reader what it is."""
        self.browser.open(page)
        nodes = self.browser.send("Accessibility.getFullAXTree")["nodes"]
        nameless = [node["role"]["value"] for node in nodes if not node.get("ignored") and
                    node["role"]["value"] in ("button", "link", "searchbox", "combobox", "heading", "table", "DisclosureTriangle") and
                    not node.get("name", {}).get("value") and node["role"]["value"] != "table"]
        self.assertEqual(nameless, [])
        self.assertEqual(self.ask("document.querySelectorAll('main, h1').length"), 2)


# The texts whose colour is too near to that of what they stand on.
FAINT_TEXTS = """(() => {
  const parse = (colour) => { const n = colour.match(/[\\d.]+/g).map(Number); const scale = colour.startsWith('color(') ? 255 : 1;
    return [n[0] * scale, n[1] * scale, n[2] * scale, n[3] === undefined ? 1 : n[3]]; };
  const light = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = (it) => { const layers = [];
    for (; it; it = it.parentElement) { const c = parse(getComputedStyle(it).backgroundColor); if (c[3] > 0) layers.push(c); if (c[3] === 1) break; }
    return layers.reverse().reduce((under, [r, g, b, a]) => [r, g, b].map((v, i) => v * a + under[i] * (1 - a)), [255, 255, 255]); };
  const faint = [];
  for (const it of document.querySelectorAll('body *')) {
    if (!it.offsetParent || it.closest('.hidden, .zero, option') || ![...it.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    const [a, b] = [light(parse(getComputedStyle(it).color)), light(ground(it))].sort((x, y) => y - x);
    if ((a + .05) / (b + .05) < %s) faint.push(it.className + ': ' + it.innerText.slice(0, 40));
  }
  return faint;
})()"""


class ReportPage(Pages):
    @classmethod
    def make_page(cls, folder):
        (folder / "mine.yaml").write_text(SCENARIOS)
        cls.page = folder / "report.html"
        with program.Listener(program.mailbox({b"NOOP": b"+OK <script>alert(1)</script>\r\n", b"STAT": b"-ERR\r\n", b"RSET": b"+OK\n"})) as listener:
            done = program.run("run", listener.address, "-u", "a", "-p", "secret-word", "--timeout", "2s", folder / "mine.yaml", "rfc1939/noop-rset",
                               "rfc1939/stat", "--html", cls.page)
        assert done.returncode == 1, done.stdout + done.stderr

    def open(self, fragment="", **more):
        self.browser.open(self.page, fragment, **more)

    def rows(self):
        return self.ask("[...document.querySelectorAll('#list > details')].map((row) => [row.querySelector('.word').innerText.toLowerCase(), "
                        "row.dataset.case || row.dataset.scenario || row.dataset.clause])")

    def test_the_first_screen_says_what_came_of_it(self):
        self.open()
        top = self.ask("document.querySelector('.coverage tr:nth-child(3)').getBoundingClientRect().bottom")
        self.assertLess(top, 900)
        self.assertRegex(self.texts(".verdict")[0], r"^\d+ fail.*\(exit 1\)$")
        self.assertIn("RFC 1939 POP3", self.texts(".coverage th[scope=row]"))
        self.assertIn("kept", self.texts(".coverage thead th"))

    def test_every_document_says_what_it_is_about(self):
        self.open()
        documents = self.texts(".coverage th[scope=row]")
        self.assertGreater(len(documents), 15)
        for document in documents:
            self.assertRegex(document, r"^(RFC \d+|[a-z]+) \S")

    def test_filters(self):
        self.open()
        everything = self.rows()
        self.assertEqual(everything[0][0], "fail")
        self.browser.click("[data-value=fail]")
        failing = self.rows()
        self.assertLess(len(failing), len(everything))
        self.assertEqual({verdict for verdict, _ in failing}, {"fail"})
        self.assertEqual(self.ask("document.querySelector('[data-value=fail]').getAttribute('aria-pressed')"), "true")
        self.browser.click("input[type=search]")
        self.browser.type("mine/ALERT refused")
        self.assertEqual([name for _, name in self.rows()], [])
        self.press_all("Escape")
        self.browser.type("Mine refused")
        self.assertEqual({name for _, name in self.rows()}, {"mine/refused", "mine/many"})
        self.assertEqual(self.texts("[role=status]"), ["2 scenarios, 3 cases"])
        self.browser.click("#found .link")
        self.assertEqual(self.rows(), everything)

    def test_filters_by_level_and_document(self):
        self.open()
        self.browser.click("[data-value=clauses]")
        for label, value in (("Level", "should"), ("Document", "RFC 2449")):
            self.ask(f"(() => {{ const it = document.querySelector('select[aria-label={label}]'); it.value = '{value}'; it.dispatchEvent(new Event('change')); }})()")
        self.assertTrue(self.rows())
        self.assertTrue(all(name.startswith("rfc2449-") for _, name in self.rows()))
        self.assertEqual(set(self.texts("#list .aside")), {"should"})

    def test_a_section_opens_its_clauses(self):
        self.open()
        self.browser.click(".section[aria-label^='RFC 1939, section 5']")
        self.assertEqual(self.ask("new URLSearchParams(location.hash.slice(1)).get('section')"), "5")
        self.assertTrue(all(name.startswith("rfc1939-5-") for _, name in self.rows()))
        self.assertIn(["fail", "rfc1939-5-noop-ok"], self.rows())

    def test_a_case_says_all_of_it(self):
        self.open()
        self.browser.click("[data-case='mine/refused'] summary")
        self.browser.wait_for("document.querySelector('.wire')")
        inside = self.texts("[data-case='mine/refused'] .inside")[0]
        for words in ("NOOP gets +OK and changes nothing", "nothing, it is a test", "Expected", "-ERR", "Actual", "+OK <script>alert(1)</script>\\r\\n", "mine.yaml:10", "NOOP\\r\\n",
                      "PASS [redacted]\\r\\n", "pop3spec run", "--transport lines"):
            self.assertIn(words, inside)
        self.assertIn("NOOP is refused <b>here</b>", self.texts("[data-case='mine/refused'] .title")[0])
        self.assertEqual(self.texts("[data-case='mine/refused'] mark"), ["+"])
        self.assertIn("\\r", self.texts(".wire .escape"))
        self.assertRegex(self.texts(".wire .time")[-1], r"^\d+\.\d\d$")
        self.browser.click("[data-case='mine/refused'] .command button")
        self.browser.wait_for("['Copied', 'Selected'].includes(document.querySelector('.command button').innerText)")

    def test_what_a_server_says_is_never_markup(self):
        self.open("#view=scenarios&text=refused+alert")
        self.ask("for (const row of document.querySelectorAll('#list > details')) row.open = true")
        self.browser.wait_for("document.querySelector('.wire')")
        self.assertEqual(self.ask("document.scripts.length"), 2)
        self.assertTrue(any("<script>alert(1)</script>" in text for text in self.texts(".inside")))

    def test_a_scenario_opens_its_cases(self):
        self.open()
        self.browser.click("[data-scenario='mine/many'] > summary")
        self.browser.wait_for("document.querySelector('#list .rows')")
        self.assertEqual(self.texts("[data-scenario='mine/many'] .rows .id"), ["one", "two", "three"])
        self.assertIn("3 cases: 2 fail, 1 pass", self.texts("[data-scenario='mine/many'] > summary .aside"))

    def test_an_address_leads_to_a_case(self):
        self.open("#case=mine%2Fmany%2Ftwo")
        self.assertEqual(self.ask("document.querySelector('[data-case=\"mine/many/two\"]').open"), True)
        self.assertIn("mine/many", self.focused() + self.texts("[role=status]")[0])

    def test_the_way_back(self):
        self.open()
        before = self.rows()
        self.browser.click(".section[aria-label^='RFC 1939, section 5']")
        self.ask("history.back()")
        self.browser.wait_for("document.querySelector('#list > details').dataset.clause === undefined")
        self.assertEqual(self.rows(), before)

    def test_the_keyboard_alone(self):
        self.open()
        self.press_all("Tab")
        self.assertEqual(self.focused(), "Skip to the results")
        self.press_all("Enter")
        self.browser.wait_for("document.activeElement.id === 'results'")
        for _ in range(30):
            self.press_all("Tab")
            if self.ask("document.activeElement.tagName") == "SUMMARY":
                break
        first = self.focused()
        self.press_all("ArrowDown")
        second = self.focused()
        self.assertNotEqual(first, second)
        self.press_all("ArrowUp")
        self.assertEqual(self.focused(), first)
        self.press_all("Enter")
        self.browser.wait_for("document.querySelector('#list > details').open")
        self.press_all("Escape")
        self.assertEqual(self.ask("document.querySelector('#list > details').open"), False)
        self.press_all("End")
        self.assertEqual(self.ask("document.activeElement === [...document.querySelectorAll('#list > details > summary')].at(-1)"), True)

    def test_it_looks_right(self):
        self.check_looks(self.page)

    def test_everything_has_a_name(self):
        self.check_names(self.page)

    def test_the_head_needs_no_script(self):
        self.browser.send("Emulation.setScriptExecutionDisabled", value=True)
        try:
            self.browser.load(f"file://{self.page}")
            nodes = self.browser.send("Accessibility.getFullAXTree")["nodes"]
            text = " ".join(node.get("name", {}).get("value", "") for node in nodes)
        finally:
            self.browser.send("Emulation.setScriptExecutionDisabled", value=False)
        self.assertIn("(exit 1)", text)
        self.assertIn("need JavaScript", text)

    def test_many_cases_are_no_burden(self):
        page = self.folder / "many.html"
        page.write_text(self.with_many_cases(self.page.read_text()))
        self.browser.open(page)
        self.assertLess(int(self.ask("document.body.dataset.ready")), MANY_CASES_MS)
        self.assertEqual(self.ask("document.querySelectorAll('#list > details').length"), 60)
        self.assertIn(f"{MANY_CASES} cases", self.texts("[role=status]")[0])
        self.browser.click("[data-value=fail]")
        self.ask("scrollTo(0, document.body.scrollHeight)")
        self.browser.wait_for("document.querySelectorAll('#list > details').length > 60")

    def with_many_cases(self, text):
        """The page with so many cases, each under a name of its own."""
        data = json.loads(re.search(r'id="data">(.*?)</script>', text)[1])
        few = [case for case in data["cases"] if case.get("wire")]
        data["cases"] = [{**few[index % len(few)], "id": f"many/file-{index // 50}/case-{index}", "group": f"many/file-{index // 50}/case-{index}"}
                         for index in range(MANY_CASES)]
        return re.sub(r'(id="data">).*?(</script>)', lambda parts: parts[1] + json.dumps(data).replace("<", "\\u003C") + parts[2], text)


class MatrixPage(Pages):
    @classmethod
    def make_page(cls, folder):
        files = []
        for number, replies in enumerate(({}, {b"NOOP": b"-ERR no\r\n"})):
            files.append(folder / f"{number}.json")
            (folder / "target.yaml").write_text("placeholder")
            with program.Listener(program.mailbox(replies)) as listener:
                host, port = listener.address.rsplit(":", 1)
                (folder / "target.yaml").write_text(f"target: lab\nhost: {host}\nport: {port}\naccounts:\n  - {{user: a, pass: secret-word}}\n")
                program.run("run", "--target", folder / "target.yaml", "--timeout", "2s", "rfc1939/noop-rset", "rfc1939/stat", "--json", files[-1])
        cls.page = folder / "matrix.html"
        done = program.run("report", *files, "--html", cls.page)
        assert done.returncode == 0, done.stderr
        report_checks.check_html(cls.page.read_text())

    def test_new_failures_come_first(self):
        self.browser.open(self.page)
        self.assertEqual(self.texts(".changes .word")[0].lower(), "new failure")
        self.assertIn("lab, run 2 against run 1", self.texts("#comparisons h3"))

    def test_a_row_opens_to_its_cases(self):
        self.browser.open(self.page)
        self.assertEqual(self.ask("[...document.querySelectorAll('[data-clause=rfc1939-5-noop-ok] .cell')].map((it) => it.textContent)"), ["lab, run 1: pass", "lab, run 2: fail"])
        self.browser.click("[data-clause=rfc1939-5-noop-ok] summary")
        self.browser.wait_for("document.querySelector('.findings')")
        self.assertIn("-ERR no\\r\\n", self.texts("[data-clause=rfc1939-5-noop-ok] .inside")[0])

    def test_a_case_shows_its_conversation(self):
        self.browser.open(self.page)
        self.browser.click("[data-clause=rfc1939-5-noop-ok] summary")
        self.browser.wait_for("document.querySelector('.findings button')")
        self.browser.click(".findings button")
        self.assertEqual(self.ask("document.querySelector('.findings button').getAttribute('aria-expanded')"), "true")
        self.assertIn("NOOP\\r\\n", self.texts(".findings .wire")[0])
        self.assertIn("PASS [redacted]\\r\\n", self.texts(".findings .wire")[0])
        self.assertIn("pop3spec run --target", self.texts(".findings .command")[0])
        self.browser.click(".findings button")
        self.assertEqual(self.texts(".findings .wire"), [])

    def test_two_runs_of_one_server_are_told_apart(self):
        self.browser.open(self.page)
        self.assertEqual(self.texts(".servers tbody b"), ["lab, run 1", "lab, run 2"])
        self.assertRegex(self.texts(".servers .when")[0], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\sUTC$")
        self.assertLess(self.ask("document.querySelector('.servers .when').firstChild.length && (() => { const range = document.createRange(); "
                                 "range.selectNodeContents(document.querySelector('.servers .when')); return range.getClientRects().length; })()"), 3)

    def test_filters(self):
        self.browser.open(self.page)
        broken = len(self.texts("#matrix details"))
        self.browser.click("[data-value=all]")
        self.assertGreater(len(self.texts("#matrix details")), broken)
        self.browser.click("input[type=search]")
        self.browser.type("noop-ok")
        self.assertEqual(self.texts("[role=status]")[0].split()[:2], ["1", "clause"])

    def test_it_looks_right(self):
        self.check_looks(self.page)

    def test_everything_has_a_name(self):
        self.check_names(self.page)


class ProofPage(Pages):
    @classmethod
    def make_page(cls, folder):
        scenarios = folder / "scenarios"
        for name in ("clauses", "fixtures"):
            shutil.copytree(program.SOURCE / "scenarios" / name, scenarios / name)
        (scenarios / "rfc1939").mkdir()
        shutil.copy(program.SOURCE / "scenarios/rfc1939/noop-rset.yaml", scenarios / "rfc1939")
        cls.page = folder / "proof.html"
        program.run("prove", "noop-err", "retr-unstuffed", "no-capa", "--scenarios", scenarios, "--html", cls.page)
        report_checks.check_html(cls.page.read_text())

    def test_it_says_what_was_proved(self):
        self.browser.open(self.page)
        self.assertEqual(self.texts(".verdict"), ["Not proved"])
        self.assertIn("1 of 2faults caught by their own clause", [text.replace("\n", "") for text in self.texts(".counts li")])

    def test_a_fault_opens(self):
        self.browser.open(self.page)
        self.browser.click("[data-value=faults]")
        self.assertEqual(self.texts("#list > details > summary .word"), ["UNTOUCHED", "CAUGHT"])
        self.browser.click("[data-fault=noop-err] summary")
        self.browser.wait_for("document.querySelector('[data-fault=noop-err] dl')")
        self.assertIn("Caught by\naudit/noop-ok", self.texts("[data-fault=noop-err] .inside")[0])

    def test_variants_stand_apart(self):
        self.browser.open(self.page)
        self.browser.click("[data-value=variants]")
        self.assertEqual(self.texts("#list .id"), ["no-capa"])

    def test_it_looks_right(self):
        self.check_looks(self.page)

    def test_everything_has_a_name(self):
        self.check_names(self.page)


del Pages  # of itself it has no page

if __name__ == "__main__":
    unittest.main()
