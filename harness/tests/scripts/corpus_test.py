"""The seeds in corpus/ that are made from scenarios and transcripts are those that `pop3spec export-corpus` makes now."""

import pathlib
import tempfile
import unittest

import program

CORPUS = program.SOURCE / "corpus"
TRANSCRIPTS = program.SOURCE / "harness/tests/model/transcripts"
GENERATED = ("scenario.", "transcript.")
REMEDY = "pop3spec export-corpus --transcripts harness/tests/model/transcripts corpus"


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


if __name__ == "__main__":
    unittest.main()
