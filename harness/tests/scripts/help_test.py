"""Each script tells what it does when it is asked, and does nothing else."""

import os
import pathlib
import subprocess
import unittest

SCRIPTS = pathlib.Path(os.environ["SOURCE_DIR"], "scripts")
# `scripts/run --help` is that of `pop3spec run`; the others are for our own tools.
WITHOUT = {"run", "action", "check-layers", "ctest-strict", "manual"}


class Help(unittest.TestCase):
    def test_each_script_tells_how_it_is_called(self):
        for script in sorted(SCRIPTS.iterdir()):
            if script.is_dir() or not os.access(script, os.X_OK) or script.name in WITHOUT:
                continue
            with self.subTest(script=script.name):
                done = subprocess.run([script, "--help"], capture_output=True, text=True, timeout=20, check=False)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn(f"scripts/{script.name}", done.stdout)


if __name__ == "__main__":
    unittest.main()
