"""An interrupted run ends soon, with the reports of what had ended; a second signal ends it at once."""

import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

import program
import report_checks

SECONDS = 60


def slow_mailbox():
    """Answers all but NOOP, so that a run gets somewhere and then waits."""
    ordinary = program.mailbox()

    def handle(line):
        send = line.send
        line.send = lambda octets: None if line.stalls else send(octets)
        line.stalls = False
        read_line = line.read_line

        def read_and_look():
            text = read_line()
            line.stalls = text.upper().startswith(b"NOOP")
            return text

        line.read_line = read_and_look
        ordinary(line)

    return handle


class Interrupted(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def start(self, listener):
        command = [program.PROGRAM, "run", listener.address, "-u", "reader", "-p", "secret", "--timeout", "50s",
                   "--json", self.folder / "r.json", "--junit", self.folder / "r.xml"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.environment())
        deadline = time.monotonic() + SECONDS
        while b"NOOP" not in listener.seen.upper() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        return process

    def test_reports_are_written(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            with self.subTest(number=number), program.Listener(slow_mailbox()) as listener:
                process = self.start(listener)
                began = time.monotonic()
                process.send_signal(number)
                output, _ = process.communicate(timeout=SECONDS)
                self.assertLess(time.monotonic() - began, 20)
                self.assertEqual(process.returncode, code, output)
                results = report_checks.check_json((self.folder / "r.json").read_text())
                self.assertTrue(results["run"]["interrupted"])
                self.assertEqual(results["run"]["exit_code"], code)
                report_checks.check_junit((self.folder / "r.xml").read_text())
                self.assertIn(f"Exit {code}".encode(), output)

    def test_a_failed_check_of_our_own_is_exit_code_70_and_leaves_nothing(self):
        for number, code in ((signal.SIGABRT, 70), (signal.SIGKILL, -signal.SIGKILL)):
            with self.subTest(number=number), program.Listener(slow_mailbox()) as listener:
                process = self.start(listener)
                process.send_signal(number)
                process.communicate(timeout=SECONDS)
                self.assertEqual(process.returncode, code)
                self.assertEqual(list(self.folder.iterdir()), [])

    def test_the_folder_holds_nothing_else(self):
        with program.Listener(slow_mailbox()) as listener:
            process = self.start(listener)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=SECONDS)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), ["r.json", "r.xml"])


if __name__ == "__main__":
    unittest.main()
