"""What continuous integration asks for: shards that make one run again, what counts as a failure, when to stop, and trying
again without hiding anything.
"""

import json
import pathlib
import tempfile
import threading
import unittest

import program
import report_checks
from serving import Serving

SELECTION = ("rfc1939/noop-rset", "rfc1939/stat", "rfc1939/states", "rfc2449/capa")
NOOP = "rfc1939/noop-rset/noop"
STAT = "rfc1939/stat/form"
LOGIN = ("-u", "test", "-p", "secret")


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="pop3spec-test-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def run_json(self, *arguments):
        """The finished process and its results, which are well formed."""
        path = self.folder / "results.json"
        done = program.run("run", *arguments, "--json", path)
        return done, report_checks.check_json(path.read_text())


def judged(results):
    """What does not change from run to run."""
    return [(case["id"], case["transport"], case["verdict"], case["unexpected"], case["clauses"]) for case in results["cases"]]


class Shards(Folder):
    def shards(self, count, *arguments):
        """The exit codes of COUNT shards, and their files."""
        files = [self.folder / f"{index}.json" for index in range(1, count + 1)]
        done = [program.run("run", *arguments, "--shard", f"{index}/{count}", "--json", path)
                for index, path in enumerate(files, 1)]
        return [each.returncode for each in done], files

    def join(self, files, *arguments):
        path = self.folder / "whole.json"
        done = program.run("report", "--join", *files, "--json", path, *arguments)
        return done, report_checks.check_json(path.read_text()) if path.exists() else None

    def test_the_parts_make_the_whole(self):
        _, whole = self.run_json(*SELECTION)
        codes, files = self.shards(3, *SELECTION)
        self.assertEqual(codes, [0, 0, 0])
        parts = [report_checks.check_json(path.read_text()) for path in files]
        own = [[case["id"] for case in part["cases"] if case["file"]] for part in parts]
        self.assertLessEqual(max(map(len, own)) - min(map(len, own)), 1)
        self.assertEqual([part["run"]["shard"] for part in parts], [{"index": i, "count": 3} for i in (1, 2, 3)])
        done, joined = self.join(files)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(judged(joined), judged(whole))
        self.assertEqual(joined["clauses"], whole["clauses"])
        self.assertEqual(joined["untested"], whole["untested"])
        self.assertEqual(joined["summary"], whole["summary"])
        self.assertIsNone(joined["run"]["shard"])

    def test_a_failure_in_one_part_is_one_of_the_whole(self):
        with Serving(None, {"test": "secret"}, ["--fault", "noop-unanswered"]) as server:
            codes, files = self.shards(2, f"127.0.0.1:{server.port}", *LOGIN, "--timeout", "300ms",
                                       NOOP, "rfc1939/noop-rset/rset")
        self.assertEqual(sorted(codes), [0, 1])
        formats = {name: self.folder / name for name in ("tap", "junit", "html")}
        done, joined = self.join(files, *(f"--{name}={path}" for name, path in formats.items()))
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertEqual(joined["run"]["exit_code"], 1)
        failed = [case for case in joined["cases"] if case["verdict"] == "fail" and case["file"]]
        self.assertEqual([case["id"] for case in failed], [NOOP])
        self.assertIn("NOOP\\r\\n", [line["text"] for line in failed[0]["transcript"]])
        self.assertIn(f"FAIL {NOOP}", done.stdout)
        self.assertIn("demand    RFC 1939 section 5", done.stdout)
        count = len(joined["cases"])
        self.assertEqual(len(report_checks.check_tap(formats["tap"].read_text())), count)
        self.assertEqual(int(report_checks.check_junit(formats["junit"].read_text()).get("tests")), count)
        report_checks.check_html(formats["html"].read_text())
        self.assertIn(NOOP, formats["html"].read_text())

    def test_what_is_not_the_whole_is_refused(self):
        _, files = self.shards(3, *SELECTION)
        _, others = Shards.shards(self, 3, "rfc1939/stat")  # overwrites: parts of another run
        for wrong, words in ((files[:2], "part 3 of 3 is missing"), ([files[0], *files[:2]], "are both part 1")):
            done, _ = self.join(wrong)
            self.assertEqual(done.returncode, 2)
            self.assertIn(words, done.stderr)
        self.assertEqual(files, others)
        self.run_json("rfc1939/stat")
        done, _ = self.join([self.folder / "results.json"])
        self.assertEqual(done.returncode, 2)
        self.assertIn("is a whole run", done.stderr)

    def test_an_expectation_for_several_cases_is_not_judged_by_a_part(self):
        expect = self.folder / "expect.yaml"
        expect.write_text("- case: rfc1939/noop-rset/noop\n  verdict: fail\n  reason: over another transport, maybe\n")
        codes, _ = self.shards(2, "rfc1939/noop-rset", "--expect", expect)
        self.assertEqual(codes, [0, 0])
        done = program.run("run", "rfc1939/noop-rset", "--expect", expect)
        self.assertEqual(done.returncode, 1)


class Counting(Folder):
    def test_what_counts(self):
        with program.Listener(program.mailbox({b"STAT": b"+OK\r\n"})) as listener:
            for what, code in (("must", 1), ("should", 1), ("any", 1), ("security", 0)):
                with self.subTest(what=what):
                    done, results = self.run_json(listener.address, *LOGIN, STAT, "--fail-on", what)
                    self.assertEqual(done.returncode, code, done.stdout)
                    self.assertEqual(results["run"]["fail_on"], what)
                    self.assertEqual(results["cases"][-1]["verdict"], "fail")
                    self.assertEqual(results["cases"][-1]["unexpected"], code == 1)

    def profiles_of(self, fault, *selection):
        """Exit code and verdicts, by profile, of the cases of SELECTION that do not pass on a server with FAULT."""
        outcomes = {}
        with Serving(None, {"test": "secret"}, ["--fault", fault]) as server:
            for profile in ("rfc1939", "modern", "strict"):
                done, results = self.run_json(f"127.0.0.1:{server.port}", *LOGIN, *selection, "--profile", profile)
                self.assertEqual(results["run"]["profile"], profile)
                verdicts = {case["verdict"] for case in results["cases"]} - {"pass", "skip"}
                outcomes[profile] = (done.returncode, verdicts)
                self.clauses = {clause["id"]: clause["verdict"] for clause in results["clauses"]}
        return outcomes

    def test_profiles(self):
        """A should of RFC 2449 that is not kept, and a clause of RFC 1939 that is broken."""
        self.assertEqual(self.profiles_of("capa-omits-user", "rfc2449-6-2-user-listed"),
                         {"rfc1939": (0, {"info"}), "modern": (0, {"warn"}), "strict": (1, {"fail"})})
        self.assertEqual(self.clauses["rfc2449-6-2-user-listed"], "fail")
        for code, verdicts in self.profiles_of("text-without-space", NOOP).values():
            self.assertEqual(code, 1)
            self.assertIn("fail", verdicts)

    def test_stopping(self):
        with program.Listener(program.mailbox({b"STAT": b"+OK\r\n"})) as listener:
            for options, count in ((("--max-failures", "2"), 2), (("--fail-fast",), 1)):
                done, results = self.run_json(listener.address, *LOGIN, "rfc1939/stat", "rfc1939/states",
                                              "--jobs", "1", *options)
                failed = [case for case in results["cases"] if case["unexpected"] and case["file"]]
                self.assertEqual(len(failed), count)
                self.assertEqual(done.returncode, 1)
                self.assertIn("not run: enough cases failed before it", done.stdout)


def unsteady_mailbox(times):
    """A server whose first TIMES answers to STAT say nothing."""
    lock = threading.Lock()
    spoilt = [0]

    def handle(line):
        send = line.send

        def send_or_spoil(octets):
            with lock:
                if octets == b"+OK 0 0\r\n" and spoilt[0] < times:
                    spoilt[0] += 1
                    octets = b"+OK not now\r\n"
            send(octets)

        line.send = send_or_spoil
        program.mailbox()(line)

    return handle


class Retrying(Folder):
    def retry(self, times, *arguments):
        formats = {name: self.folder / name for name in ("tap", "junit", "html", "json")}
        with program.Listener(unsteady_mailbox(times)) as listener:
            done = program.run("run", listener.address, *LOGIN, STAT, *arguments,
                               *(f"--{name}={path}" for name, path in formats.items()))
            self.seen = listener.seen
        return done, {name: path.read_text() for name, path in formats.items()}

    def test_a_case_that_passes_at_last_is_flaky_in_every_format(self):
        done, texts = self.retry(2, "--retry", "3")
        self.assertEqual(done.returncode, 0, done.stdout)
        results = report_checks.check_json(texts["json"])
        case = results["cases"][-1]
        self.assertEqual((case["verdict"], case["flaky"], case["attempts"], case["unexpected"]), ("pass", True, 3, False))
        self.assertEqual(case["actual"], "+OK not now\\r\\n")
        self.assertIn("+OK not now\\r\\n", [line["text"] for line in case["transcript"]])
        self.assertEqual([each["id"] for each in results["cases"] if each["flaky"]], ["audit/drop-listing", STAT])
        why = "flaky: fail at try 1, pass at try 3"
        for text in (done.stdout, texts["tap"], texts["html"]):
            self.assertIn(why, text)
            self.assertIn("+OK not now", text)
        self.assertIn("2flaky", report_checks.check_html(texts["html"])[0].replace("\n", ""))
        self.assertIn(f"PASS FLAKY {STAT}", done.stdout)
        self.assertIn("2 of them flaky", done.stdout)
        report_checks.check_tap(texts["tap"])
        outputs = report_checks.check_junit(texts["junit"]).findall(".//testcase/system-out")
        self.assertTrue(any(why in output.text for output in outputs))

    def test_a_case_that_always_fails_has_failed(self):
        done, texts = self.retry(100, "--retry", "2")
        self.assertEqual(done.returncode, 1)
        case = report_checks.check_json(texts["json"])["cases"][-1]
        self.assertEqual((case["verdict"], case["flaky"], case["attempts"]), ("fail", False, 3))

    def test_nothing_is_tried_again_unasked(self):
        done, texts = self.retry(1)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(report_checks.check_json(texts["json"])["cases"][-1]["attempts"], 1)

    def test_wrong_passwords_are_never_sent_again(self):
        with program.Listener(program.mailbox({b"PASS": b"+OK whoever you are\r\n"})) as listener:
            done, results = self.run_json(listener.address, *LOGIN, "rfc1939/user-pass/nobody", "--retry", "5")
            passwords = [line for line in listener.seen.split(b"\r\n") if line.startswith(b"PASS ") and line != b"PASS secret"]
        failed = [case for case in results["cases"] if case["verdict"] == "fail" and case["file"]]
        self.assertTrue(failed, done.stdout)
        self.assertEqual({case["attempts"] for case in failed}, {1})
        self.assertLessEqual(len(passwords), 2)


if __name__ == "__main__":
    unittest.main()
