"""The seeds in corpus/ that are made from scenarios and transcripts are those that `pop3spec export-corpus` makes now;
and `pop3spec import-corpus` makes scenarios of inputs."""

import pathlib
import tempfile
import unittest

import program

CORPUS = program.SOURCE / "corpus"
TRANSCRIPTS = program.SOURCE / "harness/tests/model/transcripts"
GENERATED = ("scenario.", "transcript.")
FOUND = "found."
FILE_SEEDS = 100  # in a file of scenarios, which may be no larger than 1 MiB
DICTIONARY = program.SOURCE / "fuzz/pop3.dict"
REMEDY = "pop3spec export-corpus --transcripts harness/tests/model/transcripts --dictionary fuzz/pop3.dict corpus"


def generated(folder):
    """{target/name: octets} of the seeds in FOLDER that were made from something."""
    return {f"{path.parent.name}/{path.name}": path.read_bytes()
            for path in folder.glob("*/*") if path.name.startswith(GENERATED)}


class Export(unittest.TestCase):
    def export(self, folder, *arguments):
        done = program.run("export-corpus", *arguments, folder)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_seeds_are_up_to_date(self):
        with tempfile.TemporaryDirectory() as folder:
            self.export(folder, "--transcripts", TRANSCRIPTS)
            expected, actual = generated(pathlib.Path(folder)), generated(CORPUS)
        self.assertGreater(len(expected), 500)
        wrong = sorted(name for name in expected.keys() | actual.keys() if expected.get(name) != actual.get(name))
        self.assertFalse(wrong, f"out of date; type: {REMEDY}")

    def test_dictionary_is_up_to_date(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "dict"
            self.export(pathlib.Path(folder) / "corpus", "--dictionary", path)
            text = path.read_text(encoding="ascii")
        self.assertEqual(text, DICTIONARY.read_text(encoding="ascii"), f"out of date; type: {REMEDY}")
        words = [line for line in text.splitlines() if line and not line.startswith("#")]
        for word in words:
            self.assertRegex(word, r'^[a-z0-9_]+="(\\[\\"]|\\x[0-9a-f]{2}|[^\\"])+"$')
        names = [word.partition("=")[0] for word in words]
        self.assertEqual(len(names), len(set(names)))
        self.assertGreater(len(words), 120)

    def test_an_export_touches_only_what_changed(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            self.export(folder, "--transcripts", TRANSCRIPTS)
            seeds = sorted((folder / "session").glob("scenario.*"))
            kept, changed, found = seeds[0], seeds[1], folder / "session/what-a-campaign-found"
            stale = folder / "session/scenario.that.is-gone"
            before, octets = kept.stat().st_mtime_ns, changed.read_bytes()
            for path in (changed, found, stale):
                path.write_bytes(b"x")
            said = self.export(folder)
            self.assertIn("seeds are in", said)
            self.assertEqual(kept.stat().st_mtime_ns, before)
            self.assertEqual(changed.read_bytes(), octets)
            self.assertTrue(found.exists())
            self.assertFalse(stale.exists())

    def test_trouble_is_told(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            (folder / "odd.txt").write_text("no transcript\n", encoding="utf-8")
            for arguments, word in (((folder / "no/where",), "no/where"),
                                    (("--transcripts", folder, folder / "out"), "odd.txt"),
                                    ((), "name the folder")):
                done = program.run("export-corpus", *arguments)
                self.assertEqual(done.returncode, 2, done.stderr)
                self.assertIn(word, done.stderr)


class Import(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name) / "inputs.yaml"

    def make(self, *arguments):
        done = program.run("import-corpus", "--output", self.file, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_every_seed_becomes_a_scenario(self):
        """Of what campaigns found, each twentieth."""
        for target in ("session", "driver", "command_parser"):
            paths = sorted((CORPUS / target).iterdir())
            seeds = [path for path in paths if not path.name.startswith(FOUND)]
            seeds += [path for path in paths if path.name.startswith(FOUND)][::20]
            for begin in range(0, len(seeds), FILE_SEEDS):
                some = seeds[begin:begin + FILE_SEEDS]
                with self.subTest(target=target, first=some[0].name):
                    self.make(*some)
                    done = program.run("lint", self.file)
                    self.assertEqual(done.returncode, 0, done.stderr)
                    self.assertEqual(self.file.read_text(encoding="utf-8").count("  - name: "), len(some))

    def test_scenarios_run(self):
        """What was typed by hand, which holds each control, accuses a right server of nothing."""
        # Behind STLS no reply comes to what was injected, and ten seconds pass.
        seeds = [path for path in (CORPUS / "session").iterdir() if not path.name.startswith((*GENERATED, FOUND, "stls"))]
        self.make(*seeds, *sorted((CORPUS / "driver").glob("transcript.*"))[:20])
        done = program.run("run", self.file)
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertGreater(len(seeds), 10)

    def test_what_campaigns_found_runs(self):
        """Over one transport, each tenth: a right server is accused of nothing, and each scenario comes to an end."""
        self.make(*sorted((CORPUS / "session").glob(FOUND + "*"))[::10])
        done = program.run("run", "--transport", "lines", self.file)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_what_tls_and_auth_make_of_a_session(self):
        """An answer to AUTH may look like any command; what begins TLS and goes wrong is an alert; who has half left says no more."""
        session = self.file.parent / "a find"
        session.write_bytes(b"AUTH LOGIN\r\nUIDL\r\nSTLS\r\n\xfft\xff2STLS\r\n\xffTQUIT\r\n\xff2\xff|NOOP\r\n\xff3STLS\r\n\xffe\xfft"
                            b"\xff1STLS\r\n\r\xfft")
        self.make(session)
        dialog = self.file.read_text(encoding="utf-8").partition("dialog: |\n")[2]
        self.assertEqual([line.strip() for line in dialog.splitlines()], [
            "open", r"raw: AUTH LOGIN\r\nUIDL\r\nSTLS\r\n", *["S: +OK | -ERR | + | closed"] * 3,
            "# client 1: would begin TLS here, if the server waited for it",
            "open2", "C2: STLS", "S2: +OK | -ERR | closed", "when2 +OK:", r"raw2: \x15\x03\x01\x00\x02\x02\x28", r"raw2: QUIT\r\n", r"raw2: NOOP\r\n",
            "open3: tls", "C3: STLS", "S3: +OK | -ERR | closed", "half-close3",
            "# client 3: would begin TLS here, if the server waited for it",
            r"raw: STLS\r\n\r", "S: +OK | -ERR | closed",
            "# client 1: would begin TLS here, if the server waited for it"])

    def test_what_a_session_says(self):
        session = self.file.parent / "a find"
        session.write_bytes(b"USER u\r\nPA\xff|SS p\r\n\xff|QUIT\r\nNOOP\r\n\xff3\xffxSTAT\r\n\xff3\xffdNOOP\n\xffe")
        self.make(session)
        dialog = self.file.read_text(encoding="utf-8").partition("dialog: |\n")[2]
        answer = "S: +OK | -ERR | closed"
        self.assertEqual([line.strip() for line in dialog.splitlines()], [
            "open", r"raw: USER u\r\nPA", answer, r"raw: SS p\r\n", answer, r"raw: QUIT\r\nNOOP\r\n", answer, answer,
            "open3: tls", "abort3", "# client 3: has left, and says nothing", "open3: tls", "deliver: short",
            r"raw3: NOOP\n", "half-close3"])

    def test_trouble_is_told(self):
        empty = self.file.parent / "empty"
        empty.touch()
        for arguments, word in (((CORPUS / "session").iterdir(), "fewer files"),
                                (("--target", "driver", empty), "empty"), (("--target", "nothing", empty), "'nothing'"),
                                ((empty.parent / "none",), "none"), ((), "name the files")):
            done = program.run("import-corpus", *arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(word, done.stderr)


if __name__ == "__main__":
    unittest.main()
