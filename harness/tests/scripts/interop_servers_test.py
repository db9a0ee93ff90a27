"""scripts/interop starts servers that work, and stops them without a trace.

Python's poplib is the judge here: if it cannot log in, list, retrieve and delete over every way that the target file
promises, then what our suite says about that server means nothing.
"""

import json
import os
import pathlib
import poplib
import re
import ssl
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
MESSAGE = b"Message-ID: <one@example.org>\r\nSubject: one\r\n\r\n.dotted\r\nlast\r\n"
TIMEOUT_SECONDS = 30


def is_alive(pid):
    """A process that has ended and that nobody has waited for yet has an empty command line."""
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


class Server:
    """A server of scripts/interop between start and stop, and what its target file says."""

    def __init__(self, name):
        self.name = name
        self.folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        self.environment = {**os.environ, "POP3SPEC_INTEROP_STATE": self.folder.name}

    def interop(self, action):
        command = [SOURCE / "scripts/interop", self.name, action]
        return subprocess.run(command, env=self.environment, capture_output=True, text=True, check=False, timeout=120)

    def __enter__(self):
        done = self.interop("start")
        if done.returncode != 0:
            self.folder.cleanup()
            raise AssertionError(f"{self.name} did not start: {done.stderr}")
        self.target = pathlib.Path(done.stdout.strip()).read_text()
        state = json.loads((pathlib.Path(self.folder.name) / self.name / "state.json").read_text())
        self.work = pathlib.Path(state["work"])
        self.pids = [entry["pid"] for entry in state["processes"]]
        return self

    def __exit__(self, *_):
        self.stopped = self.interop("stop")
        self.folder.cleanup()

    def fact(self, pattern):
        return re.search(pattern, self.target)[1]

    @property
    def port(self):
        return int(self.fact(r"(?m)^port: (\d+)"))

    @property
    def tls_port(self):
        return int(self.fact(r"implicit-port: (\d+)"))

    @property
    def tls_context(self):
        return ssl.create_default_context(cafile=self.fact(r"ca: ([^}]+)}"))

    def connect(self):
        return poplib.POP3("localhost", self.port, timeout=TIMEOUT_SECONDS)

    def deliver_to_maildir(self, user):
        folder = pathlib.Path(self.fact(r"maildir: '([^']+)'").replace("{user}", user))
        (folder / "tmp/one").write_bytes(MESSAGE)
        (folder / "tmp/one").rename(folder / "new/one")

    def run_command(self, action, user, message=b""):
        """The target file's command for ACTION."""
        subprocess.run(self.fact(rf"{action}: '([^']+)'"), shell=True, check=True, input=message,
                       env={**os.environ, "POP3SPEC_USER": user}, timeout=TIMEOUT_SECONDS)

    def deliver_by_command(self, user):
        self.run_command("deliver", user, MESSAGE)

    def deliver_to_mbox(self, user):
        path = pathlib.Path(self.fact(r"mbox: '([^']+)'").replace("{user}", user))
        with path.open("ab") as file:
            file.write(b"From test Thu Jan  1 00:00:00 1970\n" + MESSAGE.replace(b"\r\n", b"\n") + b"\n")


class InteropServers(unittest.TestCase):
    def log_in(self, session, number=1):
        session.user(f"test{number}")
        session.pass_(f"secret{number}")
        return session

    def read_and_delete(self, server):
        """One message comes back as it was delivered, and is gone after DELE and QUIT."""
        session = self.log_in(server.connect())
        self.assertEqual(session.list()[1], [b"1 %d" % session.stat()[1]])
        lines = session.retr(1)[1]
        body = lines[lines.index(b"") + 1:]
        self.assertEqual(body[:2], [b".dotted", b"last"])
        self.assertIn(b"Message-ID: <one@example.org>", lines)
        session.dele(1)
        session.quit()
        session = self.log_in(server.connect())
        self.assertEqual(session.stat(), (0, 0))
        session.quit()

    def assert_no_trace(self, server):
        self.assertEqual(server.stopped.returncode, 0, server.stopped.stderr)
        self.assertFalse(server.work.exists())
        for pid in server.pids:
            self.assertFalse(is_alive(pid), f"process {pid} is still there")

    def log_in_every_way(self, server):
        """Behind STLS, over implicit TLS and by APOP; read_and_delete() has done so by USER and PASS."""
        session = server.connect()
        session.stls(server.tls_context)
        self.log_in(session, 2).quit()
        session = poplib.POP3_SSL("localhost", server.tls_port, timeout=TIMEOUT_SECONDS, context=server.tls_context)
        self.log_in(session, 3).quit()
        session = server.connect()
        session.apop("test4", "secret4")
        session.quit()

    def check_dovecot(self, name):
        with Server(name) as server:
            server.deliver_to_maildir("test1")
            self.read_and_delete(server)
            self.log_in_every_way(server)
            self.assertEqual("LAST" if name == "dovecot-lock" else "", self.probe_last(server))
        self.assert_no_trace(server)

    def probe_last(self, server):
        """LAST, an extension that only the variant turns on, shows that the variant reached the server."""
        session = self.log_in(server.connect())
        try:
            session._shortcmd("LAST")  # poplib has no method for it
            return "LAST"
        except poplib.error_proto:
            return ""
        finally:
            session.quit()

    def test_dovecot(self):
        self.check_dovecot("dovecot")

    def test_dovecot_lock(self):
        self.check_dovecot("dovecot-lock")

    def test_popa3d(self):
        accounts = pathlib.Path("/etc/passwd").read_bytes()
        with Server("popa3d") as server:
            server.deliver_to_mbox("test1")
            self.read_and_delete(server)
            for number in range(2, 5):
                self.log_in(server.connect(), number).quit()
        self.assert_no_trace(server)
        self.assertEqual(pathlib.Path("/etc/passwd").read_bytes(), accounts)

    @unittest.skipUnless(pathlib.Path("/usr/sbin/pop3d").exists(), "not installed: scripts/deps interop")
    def test_mailutils(self):
        with Server("mailutils") as server:
            server.deliver_to_mbox("test1")
            self.read_and_delete(server)
            self.log_in_every_way(server)
        self.assert_no_trace(server)

    @unittest.skipUnless((SOURCE / "build/packages/cyrus/.complete").exists(), "not unpacked: scripts/deps interop")
    def test_cyrus(self):
        with Server("cyrus") as server:
            server.deliver_by_command("test1")
            self.read_and_delete(server)
            server.deliver_by_command("test1")
            server.run_command("reset", "test1")
            session = self.log_in(server.connect())
            self.assertEqual(session.stat(), (0, 0))
            session.quit()
            self.log_in_every_way(server)
        self.assert_no_trace(server)

    def test_open_session_does_not_outlive_the_server(self):
        with Server("popa3d") as server:
            session = self.log_in(server.connect())
        self.assert_no_trace(server)
        with self.assertRaises((OSError, poplib.error_proto)):
            session.noop()
        session.close()

    def test_starting_twice_is_one_server(self):
        with Server("popa3d") as server:
            again = server.interop("start")
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertIn("running already", again.stderr)
            self.assertEqual(pathlib.Path(again.stdout.strip()).read_text(), server.target)
        self.assert_no_trace(server)

    def test_usage(self):
        for arguments in (["nonesuch"], ["popa3d", "restart"], []):
            done = subprocess.run([SOURCE / "scripts/interop", *arguments], capture_output=True, check=False, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("SERVER", done.stderr)


if __name__ == "__main__":
    unittest.main()
