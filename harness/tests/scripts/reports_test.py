"""`pop3spec run` against the built-in server and against broken ones: exit codes, every report, and no password in any."""

import base64
import json
import os
import pathlib
import re
import tempfile
import unittest

import program
import report_checks

FORMATS = {"tap": report_checks.check_tap, "junit": report_checks.check_junit, "json": report_checks.check_json,
           "html": report_checks.check_html}
QUICK = "rfc1939/noop-rset/noop"
SECRET = "Xyzzy-Plugh-42"
SECRET_FORMS = [SECRET, SECRET.encode().hex(), "Xyzzy", "Plugh",
                *(base64.b64encode(b"\0" * shift + SECRET.encode()).decode()[4:12] for shift in range(3))]


def decoded_messages(text):
    """What the words of TEXT that are base 64 say."""
    for word in re.findall(r"[A-Za-z0-9+/]{12,}={0,2}", text):
        for start in range(4):
            part = word[start:]
            try:
                yield base64.b64decode(part[:len(part) // 4 * 4])
            except ValueError:
                continue


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)


class BuiltIn(Folder):
    def test_the_whole_suite_passes_against_the_built_in_server(self):
        done = program.run("run", "--json", self.folder / "r.json", timeout=550)
        results = report_checks.check_json((self.folder / "r.json").read_text())
        self.assertEqual(done.returncode, 0, done.stdout[-4000:])
        self.assertEqual(results["run"]["exit_code"], 0)
        self.assertGreater(results["summary"]["pass"], 100)
        self.assertIn(f"{results['summary']['pass']} pass", done.stdout)

    def test_all_reports_at_once_agree(self):
        options = [f"--{name}={self.folder / name}" for name in FORMATS]
        done = program.run("run", QUICK, *options)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        read = {name: check((self.folder / name).read_text()) for name, check in FORMATS.items()}
        count = len(read["json"]["cases"])
        self.assertGreater(count, 0)
        self.assertEqual(len(read["tap"]), count)
        self.assertEqual(int(read["junit"].get("tests")), count)
        self.assertEqual(sorted(path.name for path in self.folder.iterdir()), sorted(FORMATS))

    def test_no_report_shows_a_proof_of_the_password(self):
        """What SCRAM and CRAM-MD5 send lets whoever reads it try passwords at leisure."""
        for mechanism, clear in (("SCRAM-SHA-1", b"n=test"), ("SCRAM-SHA-256", b"n=test"), ("CRAM-MD5", b"@pop.example>")):
            with self.subTest(mechanism=mechanism):
                scenario = self.folder / "mine.yaml"
                scenario.write_text("pop3spec: 1\nscenarios:\n  - name: wrong\n    title: NOOP is refused\n"
                                    "    proves: [rfc1939-5-noop-ok]\n    dialog: |\n"
                                    f"      sasl: {mechanism}\n      C: NOOP\n      S: -ERR\n")
                done = program.run("run", "-v", scenario, *(f"--{name}={self.folder / name}" for name in FORMATS))
                self.assertEqual(done.returncode, 1, done.stderr)
                texts = {name: (self.folder / name).read_text() for name in FORMATS}
                texts.update(stdout=done.stdout, stderr=done.stderr)
                for name, text in texts.items():
                    for message in decoded_messages(text):
                        self.assertNotRegex(message, rb"p=|v=|^test\d ", name)
                self.assertTrue(any(clear in message for message in decoded_messages(texts["json"])))
                self.assertIn("[redacted]", texts["json"])

    def test_a_report_on_standard_output_stands_there_alone(self):
        for name, check in FORMATS.items():
            with self.subTest(name=name):
                done = program.run("run", QUICK, f"--{name}=-")
                self.assertEqual(done.returncode, 0)
                check(done.stdout)
                self.assertIn("Exit 0", done.stderr)

    def test_reports_are_readable_as_the_umask_says(self):
        program.run("run", QUICK, "--tap", self.folder / "r.tap", preexec_fn=lambda: os.umask(0o027))
        self.assertEqual((self.folder / "r.tap").stat().st_mode & 0o777, 0o640)

    def test_a_report_may_go_to_a_device_or_a_pipe(self):
        self.assertEqual(program.run("run", QUICK, "--tap", "/dev/null").returncode, 0)

    def test_a_full_disk_is_no_success(self):
        done = program.run("run", QUICK, "--tap", "/dev/full")
        self.assertEqual(done.returncode, 2)
        self.assertIn("/dev/full", done.stderr)

    def test_an_old_report_stays_if_nothing_runs(self):
        path = self.folder / "r.json"
        path.write_text("old")
        done = program.run("run", f"127.0.0.1:{program.closed_port()}", "--json", path)
        self.assertEqual(done.returncode, 3)
        self.assertEqual(path.read_text(), "old")
        self.assertEqual(list(self.folder.iterdir()), [path])

    def test_the_same_seed_gives_the_same_verdicts(self):
        runs = [json.loads(program.run("run", "rfc1939", "--seed", "7", "--json", "-").stdout) for _ in range(2)]
        verdicts = [[(case["id"], case["verdict"]) for case in run["cases"]] for run in runs]
        self.assertEqual(*verdicts)
        self.assertEqual(runs[0]["run"]["seed"], "7")

    def test_nothing_selected(self):
        done = program.run("run", QUICK, "--tag", "no-such-tag")
        self.assertEqual(done.returncode, 2)
        self.assertEqual(done.stdout, "")

    def test_own_scenario(self):
        path = self.folder / "mine.yaml"
        text = ("pop3spec: 1\nscenarios:\n  - name: wrong\n    title: NOOP is refused\n    proves: [rfc1939-5-noop-ok]\n"
                "    state: transaction\n    dialog: |\n      C: NOOP\n      S: -ERR\n")
        path.write_text(text)
        done = program.run("run", path, "--json", "-")
        results = report_checks.check_json(done.stdout)
        mine = next(case for case in results["cases"] if case["id"] == "mine/wrong")
        self.assertEqual((done.returncode, mine["verdict"], mine["line"]), (1, "fail", 9))
        marked = [line["text"][slice(*line["mark"])] for line in mine["transcript"] if "mark" in line]
        self.assertEqual(marked, ["+"])
        self.assertTrue(mine["actual"].startswith("+OK"))
        self.assertIn("FAIL mine/wrong", done.stderr)
        self.assertIn(f"at        {path}:9", done.stderr)
        self.assertIn(str(path), mine["again"])

    def test_expectations(self):
        scenario = self.folder / "mine.yaml"
        scenario.write_text("pop3spec: 1\nscenarios:\n  - name: wrong\n    title: NOOP is refused\n"
                            "    proves: [rfc1939-5-noop-ok]\n    state: transaction\n    dialog: |\n      C: NOOP\n"
                            "      S: -ERR\n")
        expect = self.folder / "expect.yaml"
        self.assertEqual(program.run("run", scenario, "--expect", expect).returncode, 2)
        done = program.run("run", scenario, "--expect", expect, "--update-expectations")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn("mine/wrong", expect.read_text())
        expect.write_text("# known\n" + expect.read_text().replace('""', '"a test"'))
        self.assertEqual(program.run("run", scenario, "--expect", expect).returncode, 0)
        scenario.write_text(scenario.read_text().replace("S: -ERR", "S: +OK"))
        done = program.run("run", scenario, "--expect", expect)
        self.assertEqual(done.returncode, 1)
        self.assertIn("XPASS mine/wrong", done.stdout)
        program.run("run", scenario, "--expect", expect, "--update-expectations")
        self.assertIn("# known", expect.read_text())
        self.assertNotIn("mine/wrong", expect.read_text())


class Broken(Folder):
    """A server that does not do as it should."""

    def run_against(self, listener, *arguments, **more):
        return program.run("run", listener.address, "-u", "reader", "-p", SECRET, "--timeout", "2s", *arguments, **more)

    def test_a_failure_says_why(self):
        with program.Listener(program.mailbox({b"NOOP": b"-ERR not now\r\n"})) as listener:
            done = self.run_against(listener, QUICK, "--json", self.folder / "r.json")
        self.assertEqual(done.returncode, 1, done.stderr)
        for word in ("FAIL", "demand", "RFC 1939", "expected", "actual", "-ERR not now\\r\\n", "wire", "C: NOOP\\r\\n", "again",
                     f"pop3spec run {listener.address} -u reader -p ..."):
            self.assertIn(word, done.stdout)
        results = report_checks.check_json((self.folder / "r.json").read_text())
        self.assertIn("rfc1939-5-noop-ok", [clause["id"] for clause in results["clauses"] if clause["verdict"] == "fail"])

    def test_what_is_said_to_repeat_a_breach_can_be_typed(self):
        """What a probe alone has seen is repeated by the whole run, since no selection means a probe."""
        whole = {b"CAPA": b"+ok\r\nUSER\r\n.\r\n"}
        for replies, command in ((whole, rf"^pop3spec run .* {QUICK}$"), ({**whole, b"NOOP": b"+ok\r\n"}, rf"{QUICK} --transport lines$")):
            with program.Listener(program.mailbox(replies)) as listener:
                self.run_against(listener, QUICK, "--json", self.folder / "r.json")
            cases = {case["id"]: case for case in json.loads((self.folder / "r.json").read_text())["cases"]}
            self.assertEqual(cases["audit/upper-case"]["verdict"], "fail")
            self.assertRegex(cases["audit/upper-case"]["again"], command)

    def test_no_report_shows_the_password(self):
        echo = {b"PASS": f"-ERR you said {SECRET}\r\n".encode(), b"AUTH": b"+ \r\n"}
        for replies in ({b"NOOP": f"-ERR {SECRET}\r\n".encode()}, echo):
            with program.Listener(program.mailbox(replies)) as listener:
                done = self.run_against(listener, "-v", QUICK, *(f"--{name}={self.folder / name}" for name in FORMATS))
                self.assertIn(SECRET.encode(), listener.seen)
            texts = {name: (self.folder / name).read_text() for name in FORMATS}
            texts.update(stdout=done.stdout, stderr=done.stderr)
            for name, text in texts.items():
                for form in SECRET_FORMS:
                    self.assertNotIn(form, text, name)
            self.assertIn("[redacted]", texts["json"])

    def test_no_report_shows_a_token(self):
        scenario = self.folder / "mine.yaml"
        scenario.write_text("pop3spec: 1\nscenarios:\n  - name: token\n    title: A token is taken\n"
                            "    proves: [rfc5034-4-auth]\n    dialog: |\n      sasl: {mech: XOAUTH2, initial: true}\n")
        target = self.folder / "target.yaml"
        with program.Listener(program.mailbox({b"AUTH": b"-ERR no\r\n"})) as listener:
            host, port = listener.address.rsplit(":", 1)
            target.write_text(f"host: {host}\nport: {port}\naccounts:\n"
                              "  - {user: reader, pass: another-secret, token-env: POP3SPEC_TEST_TOKEN}\n")
            done = program.run("run", "--target", target, "-v", scenario,
                               *(f"--{name}={self.folder / name}" for name in FORMATS),
                               env={**os.environ, "POP3SPEC_TEST_TOKEN": SECRET})
            self.assertTrue(any(SECRET.encode() in message for message in decoded_messages(listener.seen.decode("latin-1"))))
        self.assertEqual(done.returncode, 1, done.stderr)
        texts = {name: (self.folder / name).read_text() for name in FORMATS}
        texts.update(stdout=done.stdout, stderr=done.stderr)
        for name, text in texts.items():
            for form in SECRET_FORMS:
                self.assertNotIn(form, text, name)
        self.assertIn("[redacted]", texts["json"])

    def test_no_report_shows_a_secret_that_comes_in_pieces(self):
        """The client sends it octet by octet, in each way there is to log in; the server hands it back in pieces, as it is,
        in base 64 and in hexadecimal."""
        scenario = self.folder / "mine.yaml"
        scenario.write_text("pop3spec: 1\ndefaults: {state: authorization, proves: [rfc5034-4-auth]}\nscenarios:\n"
                            "  - {name: plain, title: PLAIN, dialog: [{sasl: PLAIN}]}\n"
                            "  - {name: initial, title: PLAIN at once, dialog: [{sasl: {mech: PLAIN, initial: true}}]}\n"
                            "  - {name: login, title: LOGIN, dialog: [{sasl: LOGIN}]}\n"
                            "  - name: pass\n    title: PASS\n    dialog: |\n      C: USER {user}\n      S: +OK\n      C: PASS {pass}\n      S: -ERR\n")

        def echo(line):
            line.send(b"+OK ready\r\n")
            challenged = False
            while True:
                said = line.read_line()
                if said.startswith(b"CAPA"):
                    line.send(b"+OK\r\nUSER\r\nSASL PLAIN LOGIN\r\n.\r\n")
                elif said.startswith(b"AUTH") and said.count(b" ") == 1:
                    challenged = True
                    line.send(b"+ \r\n")
                elif challenged and b"test" not in said and said == base64.b64encode(b"reader"):
                    line.send(b"+ " + said + b"\r\n")
                else:
                    for piece in (b"+OK " if said[:4] in (b"USER", b"PASS", b"QUIT") else b"-ERR ", said[:7], said[7:], b" ", base64.b64encode(said), b" ", said.hex().encode(), b"\r\n"):
                        line.send(piece)

        with program.Listener(echo) as listener:
            done = self.run_against(listener, "-v", scenario, "--timeout", "1s", "--transport", "octets", *(f"--{name}={self.folder / name}" for name in FORMATS))
            seen = listener.seen.decode("latin-1")
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertIn(f"PASS {SECRET}", seen)
        self.assertGreaterEqual(sum(SECRET.encode() in message for message in decoded_messages(seen)), 3)
        texts = {name: (self.folder / name).read_text() for name in FORMATS}
        for name, check in FORMATS.items():
            check(texts[name])
        texts.update(stdout=done.stdout, stderr=done.stderr)
        for name, text in texts.items():
            for form in SECRET_FORMS:
                self.assertNotIn(form, text, name)
            self.assertFalse([message for message in decoded_messages(text) if SECRET[2:8].encode() in message], name)

    def test_hostile_octets_reach_no_report(self):
        hostile = b"+OK \x1b]0;owned\x07\x9b31m<script>alert(1)</script>&amp;]]>\xff\xc3\xa9\r\n"
        with program.Listener(program.mailbox({b"GREETING": hostile, b"NOOP": hostile.replace(b"+OK", b"-ERR")})) as listener:
            done = self.run_against(listener, QUICK, *(f"--{name}={self.folder / name}" for name in FORMATS))
        for name, check in FORMATS.items():
            check((self.folder / name).read_text())
        self.assertNotRegex(done.stdout, r"[\x00-\x09\x0b-\x1f\x7f-\xff]")
        self.assertIn("\\x1B]0;owned\\x07\\x9B31m", done.stdout)

    def test_a_server_that_dies(self):
        ordinary = program.mailbox()

        def handle(line):
            read_line = line.read_line

            def read_and_die():
                text = read_line()
                if text.upper().startswith(b"NOOP"):
                    listener.close()
                    raise EOFError
                return text

            line.read_line = read_and_die
            ordinary(line)

        with program.Listener(handle) as listener:
            done = self.run_against(listener, "rfc1939", "--json", self.folder / "r.json", "--connect-timeout", "1s")
        results = report_checks.check_json((self.folder / "r.json").read_text())
        self.assertEqual(done.returncode, 4, done.stdout[-2000:])
        self.assertTrue(results["run"]["target_died"])
        self.assertIn("Exit 4   the target died", done.stdout)

    def test_the_octet_that_is_wrong_is_marked(self):
        """Of what a rule or a scenario's line condemns, the one octet from which on it is wrong."""
        broken = {b"STAT": b"+OK 0 0\n", b"NOOP": b"+ok\r\n", b"RSET": b"+OK" + b"x" * 600 + b"\r\n"}
        with program.Listener(program.mailbox(broken)) as listener:
            done = self.run_against(listener, "rfc1939/noop-rset", "rfc1939/stat", "--json", "-")
        cases = {case["id"]: case for case in report_checks.check_json(done.stdout)["cases"]}
        for name, before, octet in (("crlf", "+OK 0 0", "\\n"), ("upper-case", "+", "o"), ("first-line-length", "+OK" + "x" * 509, "x")):
            line = next(line for line in cases[f"audit/{name}"]["transcript"] if "mark" in line)
            self.assertEqual((line["text"][:line["mark"][0]], line["text"][slice(*line["mark"])]), (before, octet))

    def test_fail_fast(self):
        with program.Listener(program.mailbox({b"NOOP": b"-ERR\r\n"})) as listener:
            done = self.run_against(listener, "--fail-fast", "--jobs", "1", "--json", "-")
        cases = json.loads(done.stdout)["cases"]
        self.assertEqual(sum(case["unexpected"] for case in cases if not case["id"].startswith("audit/")), 1)


if __name__ == "__main__":
    unittest.main()
