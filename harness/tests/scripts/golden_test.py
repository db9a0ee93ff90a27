"""The golden reports are well formed, and keep apart what must be: report/formats_test compares them to the sinks."""

import os
import pathlib
import re
import unittest

import report_checks

GOLDEN = pathlib.Path(os.environ["SOURCE_DIR"]) / "reports/golden"


def golden(extension):
    return (GOLDEN / f"sample.{extension}").read_text(encoding="utf-8")


class Golden(unittest.TestCase):
    def test_tap(self):
        points = report_checks.check_tap(golden("tap"))
        self.assertEqual(len(points), 11)
        self.assertEqual(points.count((False, None)), 5)
        self.assertEqual(points.count((True, "SKIP")), 2)
        self.assertEqual(points.count((False, "TODO")), 1)

    def test_junit(self):
        root = report_checks.check_junit(golden("xml"))
        self.assertEqual([suite.get("name") for suite in root], ["audit", "rfc1939", "rfc2449", "robustness"])
        self.assertEqual(root.get("errors"), "2")
        failed = next(case for case in root.iter("testcase") if case.get("name").startswith("rfc1939/dele"))
        self.assertIn("expected  -ERR", failed.find("failure").text)
        self.assertIn("C: PASS [redacted]", failed.find("system-out").text)

    def test_json(self):
        results = report_checks.check_json(golden("json"))
        self.assertEqual(results["schema"], 1)
        self.assertEqual(results["cases"][1]["transcript"][1]["text"], "PASS [redacted]\\r\\n")

    def test_matrix(self):
        text, data = report_checks.check_html((GOLDEN / "matrix.html").read_text(encoding="utf-8"))
        self.assertIn("other <i>server</i>", text)
        self.assertEqual([change["kind"] for change in data["comparisons"][0]["changes"]], ["new failure", "mended"])

    def test_html(self):
        text, data = report_checks.check_html(golden("html"))
        self.assertIn("<script>alert(\"x\")</script>", text)
        self.assertIn("<script>alert(\"x\")</script>", data["cases"][1]["actual"])
        self.assertEqual(data["cases"][1]["wire"][1][3], "PASS [redacted]\\r\\n")
        self.assertNotIn("<", re.search(r'id="data">(.*?)</script>', golden("html"))[1])


class Checks(unittest.TestCase):
    """The checks notice what they are there for."""

    def test_each_check_can_fail(self):
        broken = [
            (report_checks.check_tap, golden("tap").replace("ok 5 - ", "ok 6 - ")),
            (report_checks.check_tap, golden("tap").replace("  ...\n", "", 1)),
            (report_checks.check_tap, golden("tap").replace("- \"-ERR\"", "- \"-\"ERR\"")),
            (report_checks.check_junit, golden("xml").replace('failures="3"', 'failures="2"')),
            (report_checks.check_junit, golden("xml").replace("<skipped ", "<omitted ", 1)),
            (report_checks.check_junit, golden("xml").replace(' time="', ' took="', 1)),
            (report_checks.check_json, golden("json").replace('"fail": 2', '"fail": 3')),
            (report_checks.check_json, golden("json").replace('"verdict": "info"', '"verdict": "perhaps"')),
            (report_checks.check_json, golden("json").replace('"seed": ', '"seeds": ')),
            (report_checks.check_html, golden("html").replace("&lt;script&gt;", "<script>", 1)),
            (report_checks.check_html, golden("html").replace("</dl>", "", 1)),
        ]
        for check, text in broken:
            with self.subTest(check=check.__name__), self.assertRaises(AssertionError):
                check(text)


if __name__ == "__main__":
    unittest.main()
