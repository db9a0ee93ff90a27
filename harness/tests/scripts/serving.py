"""`pop3spec serve` for the tests that talk to it: a Maildir, two ports, a certificate, an orderly end."""

import os
import pathlib
import re
import select
import subprocess
import tempfile
import time

PROGRAM = os.environ["POP3SPEC"]
START_SECONDS = 30
STOP_SECONDS = 10


class Serving:
    """A server until the end of the with block. The first of USERS ({name: password}) finds MESSAGES (octets each) in
    its Maildir; where MESSAGES is None, maildrops are in memory, and OPTIONS say what is in them.
    """

    def __init__(self, messages=(), users=None, options=()):
        self.messages = messages
        self.users = users or {"reader": "open-sesame"}
        self.user, self.password = next(iter(self.users.items()))
        self.options = list(options)

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        self.path = pathlib.Path(self.folder.name)
        self.maildirs = self.path / "mail/{user}/Maildir"
        self.certificate = self.path / "cert.pem"
        command = [PROGRAM, "serve", "--port", "0", "--tls-port", "0", "--write-cert", str(self.certificate), *self.options]
        if self.messages is not None:
            self.make_maildirs()
            command += ["--maildir", str(self.maildirs)]
        for user, password in self.users.items():
            command += ["--user", f"{user}:{password}"]
        self.errors = open(self.path / "errors", "w+b")
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=self.errors)
        try:
            self.port, self.tls_port = self.read_ports()
        except BaseException:
            self.__exit__()
            raise
        return self

    def make_maildirs(self):
        for user in self.users:
            for name in ("new", "cur", "tmp"):
                (self.maildir(user) / name).mkdir(parents=True)
        for number, message in enumerate(self.messages, 1):
            (self.maildir(self.user) / "new" / f"{number}.test").write_bytes(message)

    def maildir(self, user):
        return pathlib.Path(str(self.maildirs).replace("{user}", user))

    def read_ports(self):
        """Reads what the server prints until it has named both ports."""
        text, deadline = "", time.monotonic() + START_SECONDS
        while True:
            ports = re.findall(r"(?m)^.*127\.0\.0\.1:(\d+).*\n", text)
            if len(ports) == 2:
                return int(ports[0]), int(ports[1])
            readable, _, _ = select.select([self.process.stdout], [], [], max(0, deadline - time.monotonic()))
            chunk = os.read(self.process.stdout.fileno(), 4096) if readable else b""
            if not chunk:
                self.errors.seek(0)
                raise AssertionError(f"serve named no two ports: {text!r} {self.errors.read()!r}")
            text += chunk.decode()

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            self.errors.close()
            self.folder.cleanup()

    def stored(self):
        """How many messages the first user's Maildir holds."""
        return sum(1 for name in ("new", "cur") for _ in (self.maildir(self.user) / name).iterdir())
