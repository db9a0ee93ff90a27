"""Every command of fuzz/README.md that can be run on its own works as written, from the top of the tree."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["SOURCE_DIR"])
README = SOURCE / "fuzz/README.md"
FOUND = SOURCE / "build/found"
COMMAND_SECONDS = 300
# What a fence that is not run may begin with: it takes hours or other machines, or changes the tree.
LONG = {"scripts/campaign", "scripts/check-oss-fuzz", "scripts/coverage", "cat", "pop3spec"}


def fences():
    """(mark, text) of each fence."""
    return re.findall(r"(?ms)^```sh ?([^\n]*)\n(.*?)^```$", README.read_text(encoding="utf-8"))


class FuzzReadme(unittest.TestCase):
    def test_commands(self):
        """In the order of the page: later ones use what earlier ones made."""
        shutil.rmtree(FOUND, ignore_errors=True)
        texts = [text for mark, text in fences() if mark == "test"]
        self.assertGreater(len(texts), 7)
        with tempfile.TemporaryDirectory() as folder:
            (pathlib.Path(folder) / "pop3spec").symlink_to(os.environ["POP3SPEC"])
            environment = {**os.environ, "PATH": f"{folder}:{os.environ['PATH']}"}
            for text in texts:
                with self.subTest(text):
                    done = subprocess.run(["bash", "-euc", text], cwd=SOURCE, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                          stderr=subprocess.STDOUT, timeout=COMMAND_SECONDS, check=False)
                    self.assertEqual(done.returncode, 0, done.stdout.decode(errors="replace")[-4000:])
        self.assertTrue((FOUND / "small").exists())
        self.assertTrue(any((FOUND / "afl/default/queue").iterdir()))

    def test_every_fence_is_known(self):
        for mark, text in fences():
            self.assertIn(mark, ("", "test"))
            if mark == "":
                self.assertIn(shlex.split(text.splitlines()[0])[0], LONG)

    def test_named_paths_exist(self):
        text = README.read_text(encoding="utf-8")
        for path in re.findall(r"`(scripts/[\w-]+|harness/[\w./]+|fuzz/[\w./-]+(?:/|\.\w+))`", text):
            self.assertTrue((SOURCE / path).exists(), path)


if __name__ == "__main__":
    unittest.main()
