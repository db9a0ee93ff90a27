"""Servers whose ways are odd, but break no sentence: none of them is accused of what it has not done."""

import itertools
import json
import pathlib
import tempfile
import unittest

import program

EVERY = 3
NOOP = ("rfc1939/noop-rset", "rfc1939/case/transaction", "exhaustive/transaction/surplus/login/noop", "--timeout", "300ms", "--jobs", "1")


def leaves_behind_greeting():
    """Greets and leaves on every third connection; on the others it is a mailbox."""
    ordinary = program.mailbox()
    numbers = itertools.count()

    def handle(line):
        if next(numbers) % EVERY == EVERY - 1:
            line.send(b"+OK ready\r\n")
        else:
            ordinary(line)

    return handle


def silent_about(keyword, times):
    """A mailbox that gives no reply to the first TIMES commands named KEYWORD."""
    left = itertools.count()

    def handle(line):
        ordinary = program.mailbox()
        send = line.send
        line.send = lambda octets: send(octets) if not is_left_out(line) else None
        line.last = b""
        read_line = line.read_line

        def remember():
            line.last = read_line()
            return line.last

        line.read_line = remember
        ordinary(line)

    def is_left_out(line):
        return line.last.upper().startswith(keyword) and next(left) < times

    return handle


class OddServers(unittest.TestCase):
    def results_of(self, handle, *selection):
        with tempfile.TemporaryDirectory(prefix="pop3spec-test-") as folder, program.Listener(handle) as listener:
            report = pathlib.Path(folder, "results.json")
            done = program.run("run", listener.address, "-u", "reader", "-p", "secret", "--json", report, *selection)
            self.assertIn(done.returncode, (0, 1), done.stderr)
            return json.loads(report.read_text())

    def broken_by(self, results):
        return {case["id"] for case in results["cases"] if case["verdict"] in ("fail", "warn")}

    def test_a_close_right_behind_the_greeting(self):
        """The mailbox of the tests knows no states, and stays accused of that; but not of replies that it owes nobody."""
        selection = ("rfc1939/states", "rfc1939/general")
        staying = self.broken_by(self.results_of(program.mailbox(), *selection))
        results = self.results_of(leaves_behind_greeting(), *selection)
        self.assertLessEqual(self.broken_by(results), staying)
        verdicts = {case["verdict"] for case in results["cases"]}
        self.assertTrue(verdicts & {"skip", "blocked"}, verdicts)

    def test_silence_that_does_not_come_again_is_flaky(self):
        results = self.results_of(silent_about(b"NOOP", 1), *NOOP)
        self.assertNotIn("audit/reply-owed", self.broken_by(results))
        flaky = {case["id"]: case for case in results["cases"] if case["flaky"]}
        self.assertIn("audit/reply-owed", flaky)
        [case] = [case for name, case in flaky.items() if not name.startswith("audit/")]
        self.assertEqual(case["attempts"], 2)
        self.assertIn("no reply within", json.dumps(case))

    def test_silence_that_stays_is_accused(self):
        """It is not waited for twice in each case: three are enough to know."""
        results = self.results_of(silent_about(b"NOOP", 1000000), *NOOP)
        self.assertIn("audit/reply-owed", self.broken_by(results))
        attempts = [case["attempts"] for case in results["cases"] if "no reply within" in json.dumps(case)]
        self.assertEqual(attempts.count(2), 3, attempts)
        self.assertGreater(attempts.count(1), 0, attempts)


if __name__ == "__main__":
    unittest.main()
