"""scripts/coverage: what a target's seeds reach is counted by file and by folder, and shown line by line."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
sys.dont_write_bytecode = True
sys.path.insert(0, str(SOURCE / "scripts/campaign.d"))

import coverage  # noqa: E402  (found through the line above)


class Coverage(unittest.TestCase):
    def run_script(self, *arguments):
        return subprocess.run([SOURCE / "scripts/coverage", *arguments], capture_output=True, text=True, check=False, timeout=300)

    def test_one_target(self):
        """The cheapest one: its seeds reach every line that reads listings, and not every line of its layer."""
        with tempfile.TemporaryDirectory() as folder:
            done = self.run_script("--targets", "server_lines", "--layers", "pop3", "--page", folder)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn("listing.c", (pathlib.Path(folder) / "index.html").read_text(encoding="utf-8"))
        shares = dict(re.findall(r"(?m)^ *([\w./]+) +([0-9.]+)% of", done.stdout))
        self.assertEqual(shares["listing.c"], "100.0")
        self.assertLess(float(shares["login.c"]), 100)
        self.assertGreater(float(shares["pop3"]), 80)
        self.assertEqual([name for name in shares if name.startswith("base")], [])

    def test_what_is_wrong_is_told(self):
        done = self.run_script("--targets", "nothing")
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("coverage: there is no target 'nothing'", done.stderr)

    def test_sums(self):
        counts = {"lines": (1, 2), "branches": (3, 4)}
        found = coverage.by_folder({"a/x.c": counts, "a/y.c": counts, "a/b/z.c": counts})
        self.assertEqual(found, {"a": {"lines": (2, 4), "branches": (6, 8)}, "a/b": counts})


if __name__ == "__main__":
    unittest.main()
