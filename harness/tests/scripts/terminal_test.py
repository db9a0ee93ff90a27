"""On a terminal: colours, a line of progress, a password asked for without echo. In a pipe: none of that."""

import os
import pty
import select
import signal
import subprocess
import tempfile
import time
import unittest

import program

QUICK = "rfc1939/noop-rset/noop"
SECONDS = 60


class Terminal:
    """The program on a terminal of its own. read_until() and finish() gather what it prints there."""

    def __init__(self, *arguments, **environment):
        self.master, slave = pty.openpty()
        env = program.environment(**{"TERM": "xterm", **environment})
        self.process = subprocess.Popen([program.PROGRAM, *arguments], stdin=slave, stdout=slave, stderr=slave, env=env,
                                        start_new_session=True)
        os.close(slave)
        self.text = ""

    def read_some(self, seconds):
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            octets = os.read(self.master, 65536)
        except OSError:
            return False
        self.text += octets.decode()
        return octets != b""

    def read_until(self, words):
        deadline = time.monotonic() + SECONDS
        while words not in self.text:
            if time.monotonic() > deadline or not self.read_some(1) and self.process.poll() is not None:
                raise AssertionError(f"no {words!r} in {self.text!r}")

    def finish(self):
        deadline = time.monotonic() + SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read_some(0.2)
        while self.read_some(0):
            pass
        self.process.kill()
        code = self.process.wait()
        os.close(self.master)
        return code


class Looks(unittest.TestCase):
    def test_colour_and_progress_on_a_terminal(self):
        terminal = Terminal("run", QUICK, "-v")
        self.assertEqual(terminal.finish(), 0, terminal.text)
        self.assertIn("\x1b[32mPASS\x1b[0m", terminal.text)
        terminal = Terminal("run", QUICK)
        self.assertEqual(terminal.finish(), 0, terminal.text)
        self.assertRegex(terminal.text, r"\[\d+/\d+\]")
        self.assertTrue(terminal.text.rstrip().endswith("Exit 0   nothing unexpected"))

    def test_no_colour(self):
        for environment in ({"NO_COLOR": "1"}, {"TERM": "dumb"}):
            terminal = Terminal("run", QUICK, "-v", **environment)
            self.assertEqual(terminal.finish(), 0, terminal.text)
            self.assertNotIn("\x1b[32m", terminal.text)

    def test_an_empty_no_color_means_nothing(self):
        terminal = Terminal("run", QUICK, "-v", NO_COLOR="")
        self.assertEqual(terminal.finish(), 0)
        self.assertIn("\x1b[32mPASS", terminal.text)

    def test_a_pipe_gets_neither(self):
        done = program.run("run", QUICK, env=program.environment(TERM="xterm"))
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertNotIn("\x1b", done.stdout)
        self.assertNotIn("\r", done.stdout)


class Watching(unittest.TestCase):
    def test_the_wire_is_shown_as_it_happens(self):
        """NOOP gets no answer: what was sent is seen while the case still waits for it."""
        with program.Listener(program.mailbox({b"NOOP": b""})) as listener:
            terminal = Terminal("run", listener.address, "-u", "u", "-p", "open-sesame", QUICK, "-v", "--timeout", "60s")
            terminal.read_until(f"{QUICK}  0.")
            terminal.read_until("C: NOOP\\r\\n")
            self.assertIsNone(terminal.process.poll())
            terminal.process.send_signal(signal.SIGINT)
            self.assertEqual(terminal.finish(), 130, terminal.text)
        self.assertNotIn("sesame", terminal.text)

    def test_octet_by_octet_it_is_as_secret(self):
        with program.Listener(program.mailbox()) as listener:
            done = program.run("run", listener.address, "-u", "u", "-p", "open-sesame", QUICK, "-v", "--transport", "octets")
        self.assertIn(f"{QUICK}@octets  ", done.stdout)
        self.assertIn("C: PASS [redacted]\\r\\n", done.stdout)
        self.assertIn("== pass", done.stdout)
        self.assertNotIn("sesam", done.stdout)

    def test_the_time_left_is_told_on_long_runs(self):
        terminal = Terminal("run", "--transport", "all", "--jobs", "1")
        terminal.read_until(" left  ")
        self.assertRegex(terminal.text, r"\[\d+/\d+\] (\d+/s, )?\d+ (s|min) left  ")
        terminal.process.send_signal(signal.SIGINT)
        terminal.finish()


class Passwords(unittest.TestCase):
    def assert_sent(self, listener, password):
        self.assertIn(b"PASS " + password + b"\r\n", listener.seen)

    def test_asked_for_without_echo(self):
        with program.Listener(program.mailbox()) as listener:
            terminal = Terminal("run", listener.address, "-u", "reader", "-p", "-", QUICK)
            terminal.read_until("Password: ")
            os.write(terminal.master, b"hush-hush\n")
            self.assertIn(terminal.finish(), (0, 1), terminal.text)
            self.assert_sent(listener, b"hush-hush")
        self.assertNotIn("hush", terminal.text)

    def test_ctrl_c_at_the_prompt(self):
        terminal = Terminal("run", "127.0.0.1:1", "-u", "reader", "-p", "-", QUICK)
        terminal.read_until("Password: ")
        terminal.process.send_signal(signal.SIGINT)
        self.assertEqual(terminal.finish(), 130, terminal.text)

    def test_one_line_of_standard_input(self):
        with program.Listener(program.mailbox()) as listener:
            program.run("run", listener.address, "-u", "reader", "-p", "-", QUICK, text_input="pass word\r\nmore\n")
            self.assert_sent(listener, b"pass word")

    def test_from_a_file_the_environment_or_the_command_line(self):
        with tempfile.NamedTemporaryFile("w") as file, program.Listener(program.mailbox()) as listener:
            file.write("from-file\nsecond line\n")
            file.flush()
            program.run("run", listener.address, "-u", "reader", "--pass-file", file.name, QUICK)
            self.assert_sent(listener, b"from-file")
            program.run("run", listener.address, "-u", "reader", QUICK, env=program.environment(POP3SPEC_PASS="from-env"))
            self.assert_sent(listener, b"from-env")
            program.run("run", listener.address, "-u", "reader", "-pfrom-line", QUICK)
            self.assert_sent(listener, b"from-line")

    def test_no_password_at_all(self):
        for text in ("", "\n", "x" * 2000 + "\n", "a\0b\n"):
            done = program.run("run", "127.0.0.1:1", "-u", "reader", "-p", "-", text_input=text)
            self.assertEqual(done.returncode, 2, text[:10])
            self.assertIn("password", done.stderr)

    def test_the_process_list_does_not_show_it(self):
        with program.Listener(lambda line: line.drain()) as listener:
            process = subprocess.Popen([program.PROGRAM, "run", listener.address, "-u", "reader", "-p", "visible?", QUICK],
                                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            deadline = time.monotonic() + SECONDS
            while not listener.connections and time.monotonic() < deadline:
                time.sleep(0.01)
            with open(f"/proc/{process.pid}/cmdline", "rb") as file:
                self.assertNotIn(b"visible", file.read())
            process.terminate()
            self.assertEqual(process.wait(SECONDS), 143)


if __name__ == "__main__":
    unittest.main()
