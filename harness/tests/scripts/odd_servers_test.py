"""Servers whose ways are odd, but break no sentence: none of them is accused of what it has not done."""

import itertools
import json
import pathlib
import tempfile
import unittest

import program

EVERY = 3


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


if __name__ == "__main__":
    unittest.main()
