"""Without `provision` a real mailbox survives the whole suite: every message of it, octet for octet, over every transport.

The mailbox is a Maildir behind `pop3spec serve`, once as it is, and once with servers that remove what was retrieved
when QUIT is said, announced or not (both are legal, RFC 2449 section 6.7 and RFC 1939 section 8).
"""

import subprocess
import unittest

from serving import PROGRAM, Serving

MESSAGES = (
    b"From: a@example.org\r\nSubject: one\r\n\r\nfirst\r\n",
    b"From: a@example.org\r\nSubject: two\r\n\r\n.dotted\r\n..twice\r\n",
    b"From: a@example.org\r\nSubject: three\r\n\r\nno final newline",
)


class RealMailbox(unittest.TestCase):
    def survives(self, *options):
        with Serving(MESSAGES, options=options) as server:
            done = subprocess.run(
                [PROGRAM, "run", f"127.0.0.1:{server.port}", "-u", server.user, "-p", server.password, "--insecure",
                 "--transport", "all", "--bad-logins", "100", "--timeout", "5s"],
                capture_output=True, text=True, timeout=300, check=False)
            stored = [path.read_bytes() for name in ("new", "cur")
                      for path in (server.maildir(server.user) / name).iterdir()]
        self.assertIn(done.returncode, (0, 1), done.stderr)
        self.assertRegex(done.stdout, r"Cases +\d+: \d{3,} pass", done.stdout[-2000:])
        self.assertEqual(sorted(stored), sorted(MESSAGES))

    def test_every_scenario_over_every_transport(self):
        self.survives()

    def test_a_server_that_removes_what_was_retrieved(self):
        self.survives("--variant", "retrieved-removed")

    def test_a_server_that_announces_expire_zero(self):
        self.survives("--variant", "expire-zero")


if __name__ == "__main__":
    unittest.main()
