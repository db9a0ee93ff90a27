"""What bad input gets: whatever host, port, certificate, login or server is named, the run ends in bounded time, with
one clear message and the exit code that fits. The servers here send nothing, too little, too much, or go away.
"""

import pathlib
import subprocess
import tempfile
import time
import unittest

import program

QUICK = "rfc1939/noop-rset/noop"
LIMIT_SECONDS = 60


class BadInput(unittest.TestCase):
    def run_against(self, address, *arguments, selection=QUICK):
        """Runs with short time-outs; the run must end long before the test's own limit."""
        began = time.monotonic()
        done = program.run("run", address, "-u", "reader", "-p", "secret", "--timeout", "500ms", "--connect-timeout", "2s",
                           *arguments, selection, timeout=LIMIT_SECONDS)
        self.assertLess(time.monotonic() - began, LIMIT_SECONDS)
        self.assertNotIn("internal error", done.stderr)
        self.assertNotIn("Sanitizer", done.stderr)
        return done

    def assert_unreachable(self, done, *words):
        """Exit code 3, and one message that says which address and why."""
        self.assertEqual(done.returncode, 3, done.stdout + done.stderr)
        self.assertEqual(done.stdout, "")
        self.assertEqual(done.stderr.count("pop3spec: "), 1, done.stderr)
        for word in words:
            self.assertIn(word, done.stderr)


class NoServer(BadInput):
    def test_closed_port(self):
        port = program.closed_port()
        self.assert_unreachable(self.run_against(f"127.0.0.1:{port}"), f"127.0.0.1:{port}", "refused")

    def test_unknown_host(self):
        self.assert_unreachable(self.run_against("no-such-host.invalid:110"), "no-such-host.invalid")

    def test_source_address_that_is_not_ours(self):
        done = self.run_against("127.0.0.1:1", "--source", "192.0.2.1")
        self.assertIn(done.returncode, (2, 3))
        self.assertIn("not one of this machine's", done.stderr)


class OddServers(BadInput):
    """Each handler is a server that no client should meet."""

    def assert_survives(self, handle, *words, codes=(3,)):
        """Probe and run end soon, say WORDS, and do not take it for a working server."""
        with program.Listener(handle) as listener:
            done = self.run_against(listener.address)
            self.assertIn(done.returncode, codes, done.stdout + done.stderr)
            for word in words:
                self.assertIn(word, done.stdout + done.stderr)
            probed = program.run("probe", listener.address, "--timeout", "500ms", timeout=LIMIT_SECONDS)
            self.assertIn(probed.returncode, (1, 3), probed.stdout)
            self.assertIn(listener.address, probed.stderr)
        self.assertLess(len(done.stdout) + len(done.stderr), 100000)

    def test_sends_nothing(self):
        self.assert_survives(lambda line: line.drain(), "greeting")

    def test_closes_at_once(self):
        self.assert_survives(lambda line: None, "greeting")

    def test_sends_one_octet_a_second(self):
        def handle(line):
            for octet in b"+OK ready, at last, after a good while indeed\r\n" * 3:
                line.send(bytes([octet]))
                time.sleep(1)

        self.assert_survives(handle, "greeting")

    def test_sends_lines_without_end(self):
        def handle(line):
            while True:
                line.send(b"+OK ready\r\n" * 1000)

        self.assert_survives(handle, codes=(1, 3, 4))

    def test_sends_a_line_without_end(self):
        def handle(line):
            line.send(b"+OK ")
            for _ in range(1000):
                line.send(b"A" * 1000000)
            line.drain()

        self.assert_survives(handle, codes=(1, 3, 4))

    def test_sends_garbage(self):
        def handle(line):
            line.send(bytes(range(256)) * 100)
            line.drain()

        self.assert_survives(handle, codes=(1, 3))

    def test_speaks_another_protocol(self):
        for greeting in (b"220 mail ESMTP\r\n", b"* OK IMAP4rev1\r\n", b"SSH-2.0-OpenSSH\r\n",
                         b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x46"):
            def handle(line, greeting=greeting):
                line.send(greeting)
                line.drain()

            with self.subTest(greeting=greeting):
                self.assert_survives(handle, codes=(1, 3))

    def test_refuses_everybody(self):
        def handle(line):
            line.send(b"-ERR go away\r\n")

        self.assert_survives(handle, "-ERR go away")

    def test_a_listing_without_end(self):
        def endless(line):
            line.send(b"+OK ready\r\n")
            while line.read_line().upper().split(b" ")[0] != b"CAPA":
                line.send(b"+OK\r\n")
            line.send(b"+OK\r\n")
            while True:
                line.send(b"X-LINE\r\n" * 10000)

        self.assert_survives(endless, codes=(0, 1, 3, 4))
        with program.Listener(endless) as listener:
            done = self.run_against(listener.address)
        self.assertIn("the reply is longer than", done.stderr)  # not waited for until the last deadline


class DroppedLines(BadInput):
    """The connection drops behind each octet of a short session: never a hang, never a crash."""

    SESSION = b"+OK ready\r\n+OK\r\nUSER\r\nUIDL\r\n.\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n"

    def test_after_each_octet(self):
        for size in range(0, len(self.SESSION), 3):
            left = {"octets": size}

            def handle(line, left=left):
                session = program.mailbox()
                send = line.send

                def send_what_is_left(octets):
                    send(octets[:left["octets"]])
                    left["octets"] -= len(octets)
                    if left["octets"] <= 0:
                        left["octets"] = size
                        raise EOFError

                line.send = send_what_is_left
                session(line)

            with self.subTest(size=size), program.Listener(handle) as listener:
                done = self.run_against(listener.address)
                self.assertIn(done.returncode, (0, 1, 3, 4), done.stderr)


class Logins(BadInput):
    def test_wrong_password(self):
        with program.Listener(program.mailbox({b"PASS": b"-ERR [AUTH] no such user or password\r\n"})) as listener:
            done = self.run_against(listener.address)
            self.assert_unreachable(done, "reader", "[AUTH] no such user or password")
            self.assertLessEqual(listener.seen.upper().count(b"PASS "), 2)

    def test_locked_mailbox(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            with program.Listener(program.mailbox({b"PASS": b"-ERR [IN-USE] maildrop locked\r\n"})) as listener:
                file.write(f"target: locked\nhost: 127.0.0.1\nport: {listener.port}\ntimeouts: {{login: 1s, reply: 500ms}}\n"
                           "accounts:\n  - {user: reader, pass: secret}\n")
                file.flush()
                done = program.run("run", "--target", file.name, QUICK, timeout=LIMIT_SECONDS)
        self.assert_unreachable(done, "[IN-USE] maildrop locked")

    def test_no_login_at_all(self):
        with program.Listener(program.mailbox()) as listener:
            done = program.run("run", listener.address, "--timeout", "500ms", QUICK)
        self.assertIn("account", done.stdout + done.stderr)
        self.assertIn(done.returncode, (0, 2))


class Certificates(BadInput):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        cls.path = pathlib.Path(cls.folder.name)
        cls.good = cls.make("good", "subjectAltName=DNS:localhost,IP:127.0.0.1", 30)
        cls.other = cls.make("other", "subjectAltName=DNS:elsewhere.example", 30)
        cls.expired = cls.make_expired("expired")

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def make(cls, name, extension, days):
        """A self-signed certificate with its key, in one PEM file."""
        file = cls.path / f"{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                        f"/CN={name}", "-addext", extension, "-days", str(days), "-keyout", file, "-out", f"{file}.crt"],
                       check=True, capture_output=True)
        file.write_text(file.read_text() + pathlib.Path(f"{file}.crt").read_text())
        return file

    @classmethod
    def make_expired(cls, name):
        """The same, valid for one day in the year 2020: only `openssl ca` takes such dates."""
        file, folder = cls.path / f"{name}.pem", cls.path / name
        folder.mkdir()
        (folder / "index").touch()
        (folder / "ca.cnf").write_text("[ca]\ndefault_ca = c\n[c]\n" f"database = {folder}/index\nnew_certs_dir = {folder}\n"
                                       "default_md = sha256\nrand_serial = yes\npolicy = p\nx509_extensions = x\n"
                                       "[p]\ncommonName = supplied\n[x]\nsubjectAltName = IP:127.0.0.1\n")
        for command in (["req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                         "-keyout", file, "-out", folder / "csr"],
                        ["ca", "-batch", "-selfsign", "-config", folder / "ca.cnf", "-keyfile", file, "-in", folder / "csr",
                         "-startdate", "20200101000000Z", "-enddate", "20200102000000Z", "-notext", "-out", folder / "crt"]):
            subprocess.run(["openssl", *command], check=True, capture_output=True)
        file.write_text(file.read_text() + (folder / "crt").read_text())
        return file

    def listener(self, certificate):
        return program.Listener(program.mailbox(), tls=program.server_tls(certificate))

    def test_good(self):
        with self.listener(self.good) as listener:
            done = self.run_against(listener.address, "--tls", "implicit", "--ca", self.good)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("TLS implicit", done.stdout)

    def test_unknown_issuer(self):
        with self.listener(self.good) as listener:
            self.assert_unreachable(self.run_against(listener.address, "--tls", "implicit"), "self-signed")

    def test_expired(self):
        with self.listener(self.expired) as listener:
            done = self.run_against(listener.address, "--tls", "implicit", "--ca", self.expired)
            probed = program.run("probe", listener.address, "--tls", "implicit", "--ca", self.expired)
        self.assert_unreachable(done, "expired")
        self.assertRegex(probed.stdout, r"valid until Jan +2 00:00:00 2020 GMT")
        self.assertRegex(probed.stdout, r"(?m)^certificate +.*expired$")

    def test_another_host(self):
        with self.listener(self.other) as listener:
            done = self.run_against(listener.address, "--tls", "implicit", "--ca", self.other)
        self.assert_unreachable(done, "not for this IP address")

    def test_insecure_is_said_aloud(self):
        with self.listener(self.other) as listener:
            done = self.run_against(listener.address, "--tls", "implicit", "--insecure")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertIn("not verified", done.stdout)

    def test_tls_where_there_is_none(self):
        with program.Listener(program.mailbox()) as listener:
            done = self.run_against(listener.address, "--tls", "implicit", "--insecure")
        self.assert_unreachable(done, "TLS")

    def test_no_tls_where_there_is_some(self):
        with self.listener(self.good) as listener:
            self.assert_unreachable(self.run_against(listener.address), "greeting", "--tls implicit")

    def test_starttls_that_is_not_offered(self):
        with program.Listener(program.mailbox()) as listener:
            done = self.run_against(listener.address, "--tls", "starttls", "--insecure")
        self.assert_unreachable(done, "starting TLS was refused: -ERR")

    def test_starttls_without_tls_behind_it(self):
        with program.Listener(program.mailbox({b"CAPA": b"+OK\r\nSTLS\r\n.\r\n", b"STLS": b"+OK\r\n"})) as listener:
            done = self.run_against(listener.address, "--tls", "starttls", "--insecure")
        self.assert_unreachable(done, "TLS")

    def test_files_that_are_no_certificates(self):
        text = self.path / "text.pem"
        text.write_text("no certificate\n")
        for option in ("--ca", "--cert"):
            done = self.run_against("127.0.0.1:1", "--tls", "implicit", option, text)
            self.assertEqual(done.returncode, 2, done.stderr)
            self.assertIn("text.pem", done.stderr)

    def test_probe_shows_the_certificate(self):
        with self.listener(self.good) as listener:
            verified = program.run("probe", listener.address, "--tls", "implicit", "--ca", self.good)
            refused = program.run("probe", listener.address, "--tls", "implicit")
        self.assertEqual(verified.returncode, 0, verified.stderr)
        self.assertRegex(verified.stdout, r"TLS +from the first octet: TLSv1\.3 .*certificate of CN=good, by CN=good, "
                                          r"for DNS:localhost IP Address:127.0.0.1, valid until")
        self.assertRegex(verified.stdout, r"(?m)^certificate +verified$")
        self.assertRegex(refused.stdout, r"(?m)^certificate +.*self-signed")
        self.assertRegex(refused.stdout, r"(?m)^CAPA in TLS +USER$")


class TargetFiles(BadInput):
    def target(self, text):
        folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        self.addCleanup(folder.cleanup)
        path = pathlib.Path(folder.name) / "t.yaml"
        path.write_text(text)
        return program.run("run", "--target", path, QUICK, timeout=LIMIT_SECONDS)

    def test_hostile_yaml(self):
        for text in ("", "[" * 50000, "host: [", "host: x\nhost: y\n", "host: x\nprot: 110\n", "host: x\nport: 99999\n",
                     "host: \"\\e[31m\"\nprot: 1\n", "a: &a [*a]\n", "host: x\naccounts: {user: u}\n",
                     "host: x\naccounts:\n  - {user: u, pass: p, pass-file: f}\n", "host: x\n" + "x" * 2000000):
            with self.subTest(text=text[:20]):
                done = self.target(text)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn("t.yaml", done.stderr)
                self.assertNotRegex(done.stderr, r"[\x00-\x09\x0b-\x1f\x7f]")

    def test_mailboxes_that_cannot_be_filled(self):
        with program.Listener(program.mailbox()) as listener:
            done = self.target(f"target: t\nhost: 127.0.0.1\nport: {listener.port}\naccounts:\n  - {{user: reader, pass: secret}}\n"
                               "provision: {maildir: /proc/no/such/place}\n")
        self.assertIn(done.returncode, (2, 3), done.stdout + done.stderr)
        self.assertIn("/proc/no/such/place", done.stderr)
        self.assertIn('provision says where account "reader" has its mail', done.stderr)

    def test_mail_that_goes_where_the_server_never_looks(self):
        """A mistake in the path must not accuse the server of losing mail."""
        with tempfile.TemporaryDirectory(prefix="pop3spec-test-") as elsewhere, program.Listener(program.mailbox({b"RETR": b"-ERR none\r\n"})) as listener:
            for place in (f"maildir: {elsewhere}/mail", f"mbox: {elsewhere}/mbox"):
                with self.subTest(place=place):
                    done = self.target(f"host: 127.0.0.1\nport: {listener.port}\naccounts:\n  - {{user: reader, pass: secret}}\nprovision: {{{place}}}\n")
                    self.assert_unreachable(done, '"reader"', "its maildrop is empty", "provision")


if __name__ == "__main__":
    unittest.main()
