"""The stock suite passes over every transport against the built-in server, over TCP, and over each it skips the same cases.
The help and the READMEs name every transport that there is.
"""

import json
import pathlib
import tempfile
import unittest

import program

TRANSPORTS = ("lines", "octets", "crlf", "pipelined", "stls", "implicit")
UNWANTED = ("fail", "warn", "blocked", "error")
LEAST_SHARE = 0.9  # the other scenarios are about TLS, and secure their connections themselves
CASES_AT_LEAST = 1000
LIMIT_SECONDS = 120


def cases_over(transport):
    """The exit code of the suite over TRANSPORT, what it said, and the cases of its report."""
    with tempfile.TemporaryDirectory(prefix="pop3spec-test-") as folder:
        report = pathlib.Path(folder, "results.json")
        done = program.run("run", "--transport", transport, "--skip-tag", "exhaustive", "--json", report,
                           timeout=LIMIT_SECONDS)
        return done.returncode, done.stdout + done.stderr, json.loads(report.read_text())["cases"]


def with_verdict(cases, *verdicts):
    return sorted(f"{case['id']}: {case['verdict']}" for case in cases if case["verdict"] in verdicts)


class Transports(unittest.TestCase):
    def test_the_suite_over_each(self):
        skipped = None
        for transport in TRANSPORTS:
            with self.subTest(transport=transport):
                code, said, cases = cases_over(transport)
                self.assertEqual(with_verdict(cases, *UNWANTED), [])
                self.assertEqual(code, 0, said)
                self.assertGreater(len(cases), CASES_AT_LEAST)
                over_it = [case for case in cases if case["transport"] == transport]
                self.assertGreater(len(over_it), LEAST_SHARE * len(cases))
                skipped = skipped if skipped is not None else with_verdict(cases, "skip")
                self.assertEqual(with_verdict(cases, "skip"), skipped)

    def test_they_are_all_known(self):
        listed = program.run("run", "--list", "--transport", "all", "rfc1939/noop-rset").stdout
        names = {line.split()[0].rpartition("@")[2] for line in listed.splitlines() if "@" in line}
        self.assertEqual(names, set(TRANSPORTS))

    def test_they_are_all_named(self):
        shown = program.run("run", "--help").stdout
        described = shown.partition("--transport=NAME")[2].partition("--update-expectations")[0]
        pages = [(program.SOURCE / name).read_text() for name in ("README.md", "scenarios/README.md")]
        for transport in TRANSPORTS:
            self.assertRegex(described, rf"\b{transport}\b")
            for page in pages:
                self.assertTrue(f"`{transport}`" in page, f"{transport} is not in a README")


if __name__ == "__main__":
    unittest.main()
