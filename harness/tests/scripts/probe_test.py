"""`pop3spec probe`: what a server says of itself, under TLS and without; versions of TLS; limits; as text and as JSON."""

import json
import ssl
import unittest

import program
import report_checks
from serving import Serving

SCHEMA = json.loads((program.SOURCE / "reports/probe.schema.json").read_text())


class Probe(unittest.TestCase):
    def probe(self, *arguments):
        """The finished process, and what it found."""
        done = program.run("probe", *arguments, "--json", "-")
        found = json.loads(done.stdout)
        report_checks.check_schema(found, SCHEMA, SCHEMA)
        return done, found

    def test_states_are_looked_at_apart(self):
        with Serving(None, {"test": "secret"}) as server:
            done, found = self.probe(f"127.0.0.1:{server.port}", "--ca", server.certificate)
            text = program.run("probe", f"127.0.0.1:{server.port}", "--ca", server.certificate).stdout
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("STLS", found["capabilities"]["plain"])
        self.assertNotIn("STLS", found["capabilities"]["tls"])
        self.assertTrue(found["apop"])
        self.assertEqual((found["tls"]["way"], found["tls"]["certificate"]), ("stls", "verified"))
        self.assertEqual((found["tls"]["versions_taken"], found["tls"]["versions_refused"]), (["1.2", "1.3"], ["1.0", "1.1"]))
        self.assertIn("DNS:localhost", found["tls"]["session"])
        for words in ("versions taken: 1.2, 1.3", "versions refused: 1.0, 1.1", "mail is kept for ever", "CAPA in TLS  "):
            self.assertIn(words, text)

    def test_a_certificate_that_is_not_trusted(self):
        with Serving(None, {"test": "secret"}) as server:
            _, found = self.probe(f"pop3s://127.0.0.1:{server.tls_port}")
        self.assertEqual(found["tls"]["way"], "implicit")
        self.assertIn("self-signed", found["tls"]["certificate"])
        self.assertIsNone(found["capabilities"]["plain"])

    def test_old_versions_are_told(self):
        with Serving(None, {"test": "secret"}) as server:
            context = program.server_tls(self.pair(server))
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("ALL:@SECLEVEL=0")
        with program.Listener(program.mailbox(), tls=context) as listener:
            _, found = self.probe(f"pop3s://{listener.address}")
        self.assertEqual((found["tls"]["versions_taken"], found["tls"]["versions_refused"]), (["1.0", "1.1", "1.2"], ["1.3"]))

    def pair(self, server):
        """A certificate with its key."""
        path = server.path / "pair.pem"
        program.subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-keyout", path,
                                "-out", server.path / "own.pem"], check=True, capture_output=True)
        path.write_bytes(path.read_bytes() + (server.path / "own.pem").read_bytes())
        return path

    def test_what_a_server_breaks_and_announces(self):
        capabilities = b"+OK\r\nUSER\r\nLOGIN-DELAY 600 USER\r\nEXPIRE 30\r\n.\r\n"
        with program.Listener(program.mailbox({b"CAPA": capabilities, b"QUIT": b"+ok bye\r\n"})) as listener:
            done, found = self.probe(listener.address)
            text = program.run("probe", listener.address).stdout
        self.assertEqual(done.returncode, 1)
        self.assertEqual([breach["rule"] for breach in found["broken"]], ["upper-case"])
        self.assertIsNone(found["tls"]["way"])
        self.assertIn("seconds between two logins: 600 USER", text)
        self.assertIn("days that mail is kept: 30", text)
        self.assertIn("STLS is not offered", text)
        self.assertNotIn(b"USER ", listener.seen.upper())
        self.assertNotIn(b"AUTH", listener.seen.upper())

    def test_tls_is_suggested_where_nothing_came_at_all(self):
        for greeting, suggested in ((b"", True), (b"+OK half of a", False)):
            with self.subTest(greeting=greeting), program.Listener(lambda line, greeting=greeting: line.send(greeting)) as listener:
                done = program.run("probe", listener.address, "--timeout", "1s")
                self.assertEqual(done.returncode, 3, done.stderr)
                self.assertEqual("--tls implicit" in done.stderr, suggested, done.stderr)

    def test_nobody_there(self):
        done = program.run("probe", f"127.0.0.1:{program.closed_port()}", "--json", "-")
        self.assertEqual(done.returncode, 3)
        self.assertIsNotNone(json.loads(done.stdout)["failure"])


if __name__ == "__main__":
    unittest.main()
